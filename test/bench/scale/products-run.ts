import type { RowSource } from '../../../src/kernels/kernels.ts'
import { openKernels } from '../../../src/kernels/open.ts'
import { median } from '../sampling.ts'

export interface ProductsSettings {
  readonly products: number
  readonly factors: number
  readonly k: number
  readonly threads: number
  /** Searches of each kind, of which the median counts. */
  readonly rounds: number
}

export interface ProductsRun {
  readonly openSeconds: number
  /** Of the processor, which other work on the machine changes less. */
  readonly openProcessorSeconds: number
  /** By how much the process grew. */
  readonly bytes: number
  readonly batches: readonly {
    readonly queries: number
    /** Whether each query adds a number to each product. */
    readonly additions: boolean
    readonly milliseconds: number
    /** Of the processor, on all threads, a search in the mean. */
    readonly processorMilliseconds: number
  }[]
}

/** Mulberry32 (Tommy Ettinger, public domain): a stream of numbers from 0 to 1 for each seed. */
function stream(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let x = Math.imul(state ^ (state >>> 15), 1 | state)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * Vectors somewhat like factors: few are long, as few products sell much; later dimensions vary less, as the eigenvalues
 * of factors fall; and each is near one of a thousand centres.
 */
function madeUp(rows: number, columns: number, seed: number): RowSource {
  const falling = Float64Array.from({ length: columns }, (_, d) => 1 / Math.sqrt(1 + d / 8))
  const centres = Float64Array.from({ length: 1000 * columns }, stream(-seed))
  return {
    rows,
    columns,
    read(first, count, into) {
      for (let row = 0, at = 0; row < count; row++) {
        const next = stream(seed + first + row)
        const centre = Math.floor(1000 * next()) * columns
        const length = 0.05 / (0.05 + next())
        for (let d = 0; d < columns; d++, at++)
          into[at] = length * falling[d] * (centres[centre + d] - 0.5 + 0.5 * (next() - 0.5))
      }
    },
  }
}

/** So far, of all threads. */
function processorMilliseconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

async function run({ products, factors, k, threads, rounds }: ProductsSettings): Promise<ProductsRun> {
  const kernels = await openKernels({ threads })
  const before = process.memoryUsage.rss()
  const started = performance.now()
  const processorStarted = processorMilliseconds()
  const index = kernels.openVectors(madeUp(products, factors, 1))
  const openSeconds = (performance.now() - started) / 1000
  const openProcessorSeconds = (processorMilliseconds() - processorStarted) / 1000
  const bytes = process.memoryUsage.rss() - before
  const added = Float32Array.from({ length: products }, stream(7))
  const batches = []
  for (const [queries, additions] of [
    [1, false],
    [4, false],
    [64, false],
    [1, true],
    [4, true],
  ] as const) {
    const times: number[] = []
    let processor = 0
    for (let round = 0; round <= rounds; round++) {
      const asked = new Float32Array(queries * factors)
      madeUp(queries, factors, products + round * 64).read(0, queries, asked)
      const begun = performance.now()
      const processorBegun = processorMilliseconds()
      const { counts } = await index.topK({
        queries: asked,
        k,
        ...(additions && { additions: (_: number, row: Float32Array) => row.set(added) }),
      })
      if (counts.some((count) => count !== k)) throw new Error(`not every list has ${k} products`)
      // The first one grows the memory.
      if (round === 0) continue
      times.push(performance.now() - begun)
      processor += processorMilliseconds() - processorBegun
    }
    batches.push({
      queries,
      additions,
      milliseconds: median(times),
      processorMilliseconds: processor / rounds,
    })
  }
  await kernels.close()
  return { openSeconds, openProcessorSeconds, bytes, batches }
}

console.log(JSON.stringify(await run(JSON.parse(process.argv[2]))))
