import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { BENCH_SECONDS, endChild, startChild } from '../child-process.ts'

/** A server in a process of its own. */
export interface ServerProcess {
  readonly pid: number
  /** Seconds from its start to its first right answer. */
  readonly secondsToAnswer: number
  /** Ends it, and waits for that. */
  stop(): Promise<void>
}

export interface Starting {
  readonly program: string
  readonly args: readonly string[]
  readonly folder?: string
  readonly environment?: NodeJS.ProcessEnv
  /** Where it writes; shown in part where it fails. */
  readonly log: string
}

const POLL_MILLISECONDS = 5

/**
 * Starts a server and waits for its first answer.
 * @param answers  whether it answers by now; is given what reads what it has printed
 * @throws when it ends before that or does not answer in `limitSeconds`, with the end of what it printed
 */
export async function startProcess(
  { program, args, folder, environment, log }: Starting,
  answers: (printed: () => string) => Promise<boolean>,
  limitSeconds: number,
): Promise<ServerProcess> {
  const output = openSync(log, 'w')
  const began = performance.now()
  const child = startChild(program, args, {
    ...(folder !== undefined && { cwd: folder }),
    env: { ...process.env, ...environment },
    stdio: ['ignore', output, output],
    lifetime: BENCH_SECONDS,
  })
  closeSync(output)
  const stop = () => end(child)
  let failure: Error | undefined
  child.once('error', (error) => (failure = error))
  const printed = () => readFileSync(log, 'utf8')
  while (!(await answers(printed).catch(() => false))) {
    const isLate = performance.now() - began > limitSeconds * 1000
    if (failure || child.exitCode !== null || child.signalCode !== null || isLate) {
      await stop()
      const why = failure?.message ?? (isLate ? `no answer in ${limitSeconds} s` : 'it ended')
      throw new Error(`${[program, ...args].join(' ')}: ${why}\n${printed().slice(-2000)}`)
    }
    await setTimeout(POLL_MILLISECONDS)
  }
  return { pid: child.pid!, secondsToAnswer: (performance.now() - began) / 1000, stop }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'close')
  child.kill('SIGINT')
  const impatience = setTimeout(10_000, undefined, { ref: false }).then(() => endChild(child))
  await Promise.race([closed, impatience])
  await closed
}

/** A port nobody listens on just now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

/** Linux counts in hundredths of a second. */
const TICKS_A_SECOND = 100

/** Processor time of a process and its children so far; null where the system does not say (no /proc). */
export function cpuSecondsOf(pid: number): number | null {
  try {
    // Behind the name, which may hold anything: the state, ten fields that are not asked for, user and system time.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    const own = (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND
    return childrenOf(pid).reduce((sum, child) => sum + (cpuSecondsOf(child) ?? 0), own)
  } catch {
    return null
  }
}

function childrenOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return children === '' ? [] : children.split(' ').map(Number)
}
