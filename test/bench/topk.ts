import { join } from 'node:path'
import { normalEquation } from '../../src/data/confidence.ts'
import { openKernels } from '../../src/kernels/open.ts'
import type { Csr, KernelVariant } from '../../src/kernels/kernels.ts'
import { runBenchFile } from './child.ts'
import { loadMatrix, olistIsThere } from './matrices.ts'
import { writeArrays, writeMatrix } from './matrix-file.ts'
import { bestSetting, type PeerIdentity, peerIsSetUp, type PeerSetting, runPeer } from './peer.ts'
import { alternate, median, type Sample, spread } from './sampling.ts'
import { startingFactors } from './starting-factors.ts'
import { temporaryFolder } from './temporary-folder.ts'
import type { TopKRun, TopKSettings } from './topk-run.ts'

export interface TopKBenchOptions {
  readonly factors: number
  readonly k: number
  /** Ours and the peer's alike. */
  readonly threads: readonly number[]
  /** Batches a run. */
  readonly rounds: number
  readonly repeat: number
  readonly peerWanted: boolean
  readonly variant?: KernelVariant
}

interface Measured {
  /** Of one user in a batch of 1,000: median over the runs. */
  readonly batchMicrosecondsPerUser: number
  readonly spreadMicroseconds: [least: number, greatest: number]
  /** Of one user asked for alone: median over the runs. */
  readonly singleMicroseconds: number
  /** Sum of all scores returned in the batch; ours and the peer's agree where both are exact. */
  readonly scoreSum: number
  readonly discarded: number
  readonly disturbed: number
}

export interface TopKRow {
  readonly matrix: 'olist'
  readonly items: number
  readonly factors: number
  readonly k: number
  readonly threads: number
  readonly ours: Measured & { readonly variant: KernelVariant }
  readonly peer?: Measured & PeerIdentity & { readonly name: 'implicit' }
  /** The peer's time over ours, in the batch and alone. */
  readonly batchRatio?: number
  readonly singleRatio?: number
}

type Vectors = Pick<TopKSettings, 'queries' | 'items' | 'seen'> & { readonly itemCount: number }

const batchSize = 1000

/** Exact top k of 1,000 of Olist's customers over all its products, seen ones excluded: factors of a real fit. */
export async function benchTopK(options: TopKBenchOptions): Promise<TopKRow[]> {
  const { threads: threadCounts, repeat, peerWanted, ...fixed } = options
  if (!olistIsThere()) return []
  const withPeer = peerWanted && peerIsSetUp()
  const { itemCount, ...files } = await writeVectors(await loadMatrix('olist'), options.factors)
  const rows: TopKRow[] = []
  for (const threads of threadCounts) {
    console.error(`top ${options.k} of ${itemCount} × ${options.factors}, ${threads} threads`)
    rows.push(await measure(itemCount, { ...fixed, ...files, threads }, repeat, withPeer))
  }
  return rows
}

async function writeVectors(matrix: Csr, factors: number): Promise<Vectors> {
  const kernels = await openKernels()
  const { userFactors, itemFactors } = await kernels.fitAls({
    interactions: matrix,
    equation: normalEquation('implicit', 40, 0.1),
    factors,
    iterations: 5,
    itemFactors: startingFactors(matrix.columns * factors),
  })
  await kernels.close()
  const folder = temporaryFolder()
  const files = { queries: join(folder, 'queries'), items: join(folder, 'items'), seen: join(folder, 'seen') }
  const users = Array.from({ length: batchSize }, (_, q) => Math.floor((q * matrix.rows) / batchSize))
  writeArrays(
    files.queries,
    users.map((user) => userFactors.subarray(user * factors, (user + 1) * factors)),
  )
  writeArrays(files.items, [itemFactors])
  writeMatrix(files.seen, rowsOf(matrix, users))
  return { ...files, itemCount: matrix.columns }
}

/** The matrix of some rows of another. */
function rowsOf({ columns, indptr, indices, values }: Csr, rows: readonly number[]): Csr {
  const entries = rows.flatMap((r) =>
    Array.from({ length: indptr[r + 1] - indptr[r] }, (_, e) => indptr[r] + e),
  )
  let end = 0
  return {
    rows: rows.length,
    columns,
    indptr: Uint32Array.from([0, ...rows.map((r) => (end += indptr[r + 1] - indptr[r]))]),
    indices: Uint32Array.from(entries, (e) => indices[e]),
    values: Float32Array.from(entries, (e) => values[e]),
  }
}

type OurRun = TopKRun & { readonly variant: KernelVariant }
type PeerRun = TopKRun & PeerIdentity

async function measure(
  items: number,
  settings: TopKSettings,
  repeat: number,
  withPeer: boolean,
): Promise<TopKRow> {
  const { factors, k, threads } = settings
  const shape = { matrix: 'olist' as const, items, factors, k, threads }
  const us = { name: 'ours', threads, run: () => runBenchFile<OurRun>('topk-run.ts', settings) }
  if (!withPeer) {
    const [sample] = await alternate([us], repeat)
    return { ...shape, ours: { ...summarise(sample), variant: sample.runs[0].variant } }
  }
  const setting = await bestSetting([threads], async (probed) => {
    const run = await runPeerTopK({ ...settings, rounds: 5 }, probed)
    return { ...run, seconds: run.batchSeconds }
  })
  const them = { name: 'implicit', threads, run: () => runPeerTopK(settings, setting) }
  const [ourSample, peerSample] = await alternate([us, them], repeat)
  const ours = { ...summarise(ourSample), variant: ourSample.runs[0].variant }
  const { version, kernelType } = peerSample.runs[0]
  const peer = { name: 'implicit' as const, version, kernelType, ...summarise(peerSample) }
  return {
    ...shape,
    ours,
    peer,
    batchRatio: peer.batchMicrosecondsPerUser / ours.batchMicrosecondsPerUser,
    singleRatio: peer.singleMicroseconds / ours.singleMicroseconds,
  }
}

function runPeerTopK(settings: TopKSettings, { threads, coreType }: PeerSetting): Promise<PeerRun> {
  const { queries, items, seen, factors, k, rounds } = settings
  return runPeer('implicit_topk.py', [queries, items, seen], { factors, k, threads, rounds }, coreType)
}

function summarise({ runs, discarded, disturbed }: Sample<TopKRun>): Measured {
  const batch = runs.map((run) => (run.batchSeconds / batchSize) * 1e6)
  return {
    batchMicrosecondsPerUser: median(batch),
    spreadMicroseconds: spread(batch),
    singleMicroseconds: median(runs.map((run) => run.singleSeconds)) * 1e6,
    scoreSum: runs[0].scoreSum,
    discarded,
    disturbed,
  }
}
