import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly platform: string
  readonly node: string
  readonly v8: string
  /** Of the last minute, when the bench began: near 0 on a quiet machine. */
  readonly loadAverage: number
}

/** Where a figure comes from. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    v8: process.versions.v8,
    loadAverage: loadavg()[0],
  }
}

/** Peak resident memory of this process; null where the system does not say (no /proc). */
export function peakResidentBytes(): number | null {
  // Not process.resourceUsage(): a child's maxRSS starts at its parent's.
  try {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))
    return peak === null ? null : Number(peak[1]) * 1024
  } catch {
    return null
  }
}
