import { join } from 'node:path'
import type { KernelVariant } from '../../src/kernels/kernels.ts'
import type { FitRun, FitSettings } from './als-fit.ts'
import { runBenchFile } from './child.ts'
import { loadMatrix, type MatrixName, olistIsThere } from './matrices.ts'
import { writeArrays, writeMatrix } from './matrix-file.ts'
import { bestSetting, type PeerIdentity, peerIsSetUp, type PeerSetting, runPeer } from './peer.ts'
import { alternate, type Contender, median, type Sample, spread } from './sampling.ts'
import { startingFactors } from './starting-factors.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface AlsBenchOptions {
  readonly matrices: readonly MatrixName[]
  readonly factors: readonly number[]
  /** Ours runs with each of these; the peer with the fastest of 1 … that many. */
  readonly threads: readonly number[]
  readonly alpha: number
  readonly regularization: number
  readonly iterations: number
  readonly conjugateGradientSteps: number
  readonly repeat: number
  readonly peerWanted: boolean
  readonly variant?: KernelVariant
}

interface Measured {
  /** Median over the runs. */
  readonly fitSeconds: number
  readonly spreadSeconds: [least: number, greatest: number]
  /** The same in every run. */
  readonly loss: number
  /** The greatest of the runs. */
  readonly peakBytes: number | null
  readonly discarded: number
  readonly disturbed: number
}

export interface AlsRow {
  readonly matrix: MatrixName
  readonly factors: number
  readonly threads: number
  readonly ours: Measured & { readonly variant: KernelVariant }
  readonly peer?: Measured & PeerIdentity & { readonly name: 'implicit'; readonly threads: number }
  /** The peer's seconds over ours. */
  readonly ratio?: number
}

type OurRun = FitRun & { readonly variant: KernelVariant }
type PeerRun = FitRun & PeerIdentity

/** Whole fits from the same matrix and starting factors in the same convention, ours and the peer's in turn. */
export async function benchAls(options: AlsBenchOptions): Promise<AlsRow[]> {
  const { matrices, factors: ranks, threads: threadCounts, repeat, peerWanted, ...fixed } = options
  const withPeer = peerWanted && peerIsSetUp()
  const folder = temporaryFolder()
  const rows: AlsRow[] = []
  for (const name of matrices) {
    if (name === 'olist' && !olistIsThere()) continue
    const matrix = join(folder, `${name}.csr`)
    const start = join(folder, `${name}.start`)
    const columns = await prepare(name, matrix)
    for (const factors of ranks) {
      writeArrays(start, [startingFactors(columns * factors)])
      for (const threads of threadCounts) {
        console.error(`${name}, ${factors} factors, ${threads} threads`)
        rows.push(await measure(name, { ...fixed, matrix, start, factors, threads }, repeat, withPeer))
      }
    }
  }
  return rows
}

/** Writes the matrix; returns its number of columns, and keeps nothing of it in memory. */
async function prepare(name: MatrixName, file: string): Promise<number> {
  const matrix = await loadMatrix(name)
  console.error(`${name}: ${matrix.rows} × ${matrix.columns}, ${matrix.indices.length} entries`)
  writeMatrix(file, matrix)
  return matrix.columns
}

async function measure(
  matrix: MatrixName,
  settings: FitSettings,
  repeat: number,
  withPeer: boolean,
): Promise<AlsRow> {
  const { factors, threads } = settings
  const us: Contender<OurRun> = {
    name: 'ours',
    threads,
    run: () => runBenchFile<OurRun>('als-fit.ts', settings),
  }
  if (!withPeer) {
    const [sample] = await alternate([us], repeat)
    return { matrix, factors, threads, ours: ourResult(sample) }
  }
  const setting = await bestPeerSetting(settings)
  const them: Contender<PeerRun> = {
    name: 'implicit',
    threads: setting.threads,
    run: () => runPeerFit(settings, setting),
  }
  const [ourSample, peerSample] = await alternate([us, them], repeat)
  const ours = ourResult(ourSample)
  const peer = peerResult(peerSample, setting)
  return { matrix, factors, threads, ours, peer, ratio: peer.fitSeconds / ours.fitSeconds }
}

/** Two iterations tell: each iteration of the peer's does the same work. */
function bestPeerSetting(settings: FitSettings): Promise<PeerSetting> {
  const threadCounts = Array.from({ length: settings.threads }, (_, t) => t + 1)
  return bestSetting(threadCounts, (setting) => runPeerFit({ ...settings, iterations: 2 }, setting))
}

function runPeerFit(settings: FitSettings, { threads, coreType }: PeerSetting): Promise<PeerRun> {
  const { matrix, start, factors, regularization, alpha, iterations } = settings
  return runPeer(
    'implicit_als.py',
    [matrix],
    { start, factors, regularization, alpha, iterations, threads },
    coreType,
  )
}

function ourResult(sample: Sample<OurRun>): Measured & { variant: KernelVariant } {
  return { ...summarise(sample), variant: sample.runs[0].variant }
}

function peerResult(sample: Sample<PeerRun>, { threads }: PeerSetting) {
  const { version, kernelType } = sample.runs[0]
  return { name: 'implicit' as const, version, threads, kernelType, ...summarise(sample) }
}

function summarise({ runs, discarded, disturbed }: Sample<FitRun>): Measured {
  const seconds = runs.map((run) => run.seconds)
  return {
    fitSeconds: median(seconds),
    spreadSeconds: spread(seconds),
    loss: runs[0].loss,
    peakBytes: runs[0].peakBytes === null ? null : Math.max(...runs.map((run) => run.peakBytes ?? 0)),
    discarded,
    disturbed,
  }
}
