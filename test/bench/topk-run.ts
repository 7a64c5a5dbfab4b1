import { openKernels } from '../../src/kernels/open.ts'
import type { KernelVariant, VectorIndex } from '../../src/kernels/kernels.ts'
import { readFloats, readMatrix } from './matrix-file.ts'
import { median, type Run } from './sampling.ts'

/** Files as test/bench/topk.ts writes them; both contenders read the same. */
export interface TopKSettings {
  readonly queries: string
  readonly items: string
  readonly seen: string
  readonly factors: number
  readonly k: number
  readonly threads: number
  readonly rounds: number
  readonly variant?: KernelVariant
}

/** `seconds` and `cpuSeconds` are those of all batches together. */
export interface TopKRun extends Run {
  /** Median of one batch of all queries. */
  readonly batchSeconds: number
  /** Median of one query by itself. */
  readonly singleSeconds: number
  /** Sum of all scores returned: equal work has equal sums. */
  readonly scoreSum: number
}

async function run(settings: TopKSettings): Promise<TopKRun & { variant: KernelVariant }> {
  const { factors, k, threads, rounds, variant } = settings
  const kernels = await openKernels({ threads, ...(variant && { variant }) })
  const items = readFloats(settings.items)
  const index = kernels.openVectors({ rows: items.length / factors, columns: factors, data: items })
  const queries = readFloats(settings.queries)
  const seen = readMatrix(settings.seen)
  const batch = () => index.topK({ queries, k, excluded: seen })
  const singles = singleQueries(index, queries, seen, factors, k)

  const { scores } = await batch()
  const cpuStarted = process.cpuUsage()
  const started = performance.now()
  const batches = await timeEach(Array.from({ length: rounds }, () => batch))
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpuStarted)
  const singleSeconds = median(await timeEach(singles))
  await kernels.close()
  return {
    seconds,
    cpuSeconds: (user + system) / 1e6,
    batchSeconds: median(batches),
    singleSeconds,
    scoreSum: scores.reduce((sum: number, score: number) => sum + score, 0),
    variant: kernels.variant,
  }
}

/** One call a query, its arguments made beforehand. */
function singleQueries(
  index: VectorIndex,
  queries: Float32Array,
  seen: { indptr: Uint32Array; indices: Uint32Array },
  factors: number,
  k: number,
): (() => Promise<unknown>)[] {
  return Array.from({ length: queries.length / factors }, (_, q) => {
    const indices = seen.indices.slice(seen.indptr[q], seen.indptr[q + 1])
    const query = {
      queries: queries.slice(q * factors, (q + 1) * factors),
      k,
      excluded: { indptr: Uint32Array.of(0, indices.length), indices },
    }
    return () => index.topK(query)
  })
}

/** Seconds of each call, one after another. */
async function timeEach(calls: readonly (() => Promise<unknown>)[]): Promise<number[]> {
  const seconds: number[] = []
  for (const call of calls) {
    const started = performance.now()
    await call()
    seconds.push((performance.now() - started) / 1000)
  }
  return seconds
}

console.log(JSON.stringify(await run(JSON.parse(process.argv[2]))))
