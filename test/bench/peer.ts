import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { runForJson } from './child.ts'

export const peersFolder = join(import.meta.dirname, 'peers')
export const peersPython = join(peersFolder, '.venv', 'bin', 'python')

/** How the peer is run: it has to be at its best, and what is best depends on the machine and the matrix. */
export interface PeerSetting {
  readonly threads: number
  /** An OpenBLAS kernel type, or what OpenBLAS detects. */
  readonly coreType: string
}

/** What the peer's scripts say of themselves. */
export interface PeerIdentity {
  readonly version: string
  /** The OpenBLAS kernel type in use. */
  readonly kernelType: string
}

const detected = 'detected'
const coreTypes = [detected, 'SkylakeX', 'Prescott']

/** Whether the peer is set up; where it is not, says how to. */
export function peerIsSetUp(): boolean {
  if (existsSync(peersPython)) return true
  const here = relative(process.cwd(), peersFolder)
  console.error(
    `The peer is not set up (no ${relative(process.cwd(), peersPython)}): measuring ours alone. To set it up:\n` +
      `  python3 -m venv ${here}/.venv && ${here}/.venv/bin/pip install -r ${here}/requirements.txt`,
  )
  return false
}

/** Runs one of the scripts in test/bench/peers: its files, then its options by name. */
export function runPeer<T>(
  script: string,
  files: readonly string[],
  options: Readonly<Record<string, string | number>>,
  coreType: string = detected,
): Promise<T> {
  const named = Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`])
  return runForJson(peersPython, [join(peersFolder, script), ...files, ...named], {
    ...process.env,
    PYTHONDONTWRITEBYTECODE: '1',
    OPENBLAS_NUM_THREADS: '1',
    OPENBLAS_CORETYPE: coreType === detected ? undefined : coreType,
  })
}

/** The fastest of every kernel type and number of threads, by the quicker of two probes each. */
export async function bestSetting(
  threadCounts: readonly number[],
  probe: (setting: PeerSetting) => Promise<PeerIdentity & { readonly seconds: number }>,
): Promise<PeerSetting> {
  let best: { setting: PeerSetting; seconds: number } | undefined
  const kernelTypes = new Set<string>()
  for (const coreType of coreTypes) {
    if (kernelTypes.has(coreType)) continue // what was detected is among the named ones
    for (const threads of threadCounts) {
      const setting = { threads, coreType }
      const probes = [await probe(setting), await probe(setting)]
      const seconds = Math.min(...probes.map((p) => p.seconds))
      kernelTypes.add(probes[0].kernelType)
      console.error(
        `  peer: ${probes[0].kernelType} (${coreType}), ${threads} threads: ${seconds.toFixed(3)} s`,
      )
      if (best === undefined || seconds < best.seconds) best = { setting, seconds }
    }
  }
  if (best === undefined) throw new Error('bestSetting needs at least one number of threads')
  return best.setting
}
