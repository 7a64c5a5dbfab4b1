import { uniformFloat32 } from 'pure-rand/distribution/uniformFloat32'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { openKernels } from '../../src/kernels/open.ts'
import type { KernelVariant } from '../../src/kernels/kernels.ts'
import { readBandwidth } from './bandwidth.ts'
import { median } from './sampling.ts'

export interface MillionOptions {
  readonly factors: number
  readonly k: number
  readonly threads: number
  readonly variant?: KernelVariant
}

export interface MillionRow {
  readonly items: number
  readonly factors: number
  readonly k: number
  readonly threads: number
  readonly variant: KernelVariant
  /** Queries asked together. */
  readonly batch: number
  /** Median of one batch. */
  readonly seconds: number
  /** What it takes the same threads to read the item vectors once. */
  readonly readSeconds: number
  /** seconds over readSeconds: 1 is as fast as memory allows. */
  readonly ratio: number
}

const items = 1_000_000
const batches = [1, 4, 16, 64]

/** Exact top k over a million items in batches of several sizes, beside the time that reading them once takes. */
export async function benchMillion({ factors, k, threads, variant }: MillionOptions): Promise<MillionRow[]> {
  const bandwidth = await readBandwidth(items * factors * Float32Array.BYTES_PER_ELEMENT, threads)
  console.error(
    `top ${k} of ${items} × ${factors}, ${threads} threads; reads ${(bandwidth / 1e9).toFixed(1)} GB/s`,
  )
  const readSeconds = (items * factors * Float32Array.BYTES_PER_ELEMENT) / bandwidth
  const generator = xoroshiro128plus(1)
  const vectors = (count: number) =>
    new Float32Array(count * factors).map(() => uniformFloat32(generator) - 0.5)
  const kernels = await openKernels({ threads, ...(variant && { variant }) })
  const index = kernels.openVectors({ rows: items, columns: factors, data: vectors(items) })
  const rows: MillionRow[] = []
  for (const batch of batches) {
    const queries = vectors(batch)
    await index.topK({ queries, k })
    const times: number[] = []
    for (let round = 0; round < 10; round++) {
      const started = performance.now()
      await index.topK({ queries, k })
      times.push((performance.now() - started) / 1000)
    }
    const seconds = median(times)
    const ratio = seconds / readSeconds
    rows.push({ items, factors, k, threads, variant: kernels.variant, batch, seconds, readSeconds, ratio })
  }
  await kernels.close()
  return rows
}
