import { normalEquation } from '../../src/data/confidence.ts'
import { openKernels } from '../../src/kernels/open.ts'
import type { Csr, Histories, Kernels, KernelVariant } from '../../src/kernels/kernels.ts'
import { configure } from '../../src/model/configuration.ts'
import { fitModel } from '../../src/model/fit.ts'
import type { Model } from '../../src/model/model.ts'
import { readOlist } from './matrices.ts'
import { median } from './sampling.ts'

export interface ServingOptions {
  readonly threads: number
  readonly variant?: KernelVariant
}

export interface Serving {
  readonly variant: KernelVariant
  readonly threads: number
  readonly factors: number
  /** Of one customer with 3 purchases, one call each: medians. */
  readonly foldIn: {
    readonly solveMicroseconds: number
    /** Solving, and what the 3 purchases contribute to 10 products. */
    readonly withContributionsMicroseconds: number
  }
  /** The 20 nearest of every product by content features. */
  readonly neighbours: { readonly products: number; readonly features: number; readonly seconds: number }
}

const purchases = 3
const products = 10
const calls = 5000

/**
 * What answering a request costs, on a model of Olist by the default preset.
 * @throws where Olist's data is missing
 */
export async function benchServing({ threads, variant }: ServingOptions): Promise<Serving> {
  const kernels = await openKernels({ threads, ...(variant && { variant }) })
  const configuration = configure('default', { iterations: 5 })
  const model = await fitModel(await readOlist(), configuration, kernels)
  const serving = {
    variant: kernels.variant,
    threads,
    factors: configuration.factors,
    foldIn: timeFoldIn(model, kernels),
    neighbours: await timeNeighbours(model, kernels),
  }
  await kernels.close()
  return serving
}

function timeFoldIn({ histories, itemFactors, summary }: Model, kernels: Kernels): Serving['foldIn'] {
  const { confidence, alpha, regularization, frequencyExponent } = summary.configuration
  const equation = normalEquation(confidence, alpha, regularization, frequencyExponent)
  const foldIn = kernels.openFoldIn(itemFactors, equation)
  const singles = historiesOfLength(histories, purchases)
  const items = Uint32Array.from({ length: products }, (_, i) =>
    Math.floor((i * histories.columns) / products),
  )
  const solving = timeCalls((call) => foldIn.solve(singles[call % singles.length]))
  const explaining = timeCalls((call) => {
    const history = singles[call % singles.length]
    foldIn.solve(history)
    foldIn.contributions(history, items)
  })
  foldIn.close()
  return { solveMicroseconds: solving * 1e6, withContributionsMicroseconds: explaining * 1e6 }
}

/** Every row of that many entries, a matrix each. */
function historiesOfLength({ rows, columns, indptr, indices, values }: Csr, length: number): Histories[] {
  return Array.from({ length: rows }, (_, r) => r)
    .filter((r) => indptr[r + 1] - indptr[r] === length)
    .map((r) => ({
      rows: 1,
      columns,
      indptr: Uint32Array.of(0, length),
      indices: indices.slice(indptr[r], indptr[r + 1]),
      values: values.slice(indptr[r], indptr[r + 1]),
    }))
}

/** Median seconds of a call, after as many to warm up. */
function timeCalls(run: (call: number) => void): number {
  for (let call = 0; call < calls; call++) run(call)
  return median(
    Array.from({ length: calls }, (_, call) => {
      const started = performance.now()
      run(call)
      return (performance.now() - started) / 1000
    }),
  )
}

async function timeNeighbours({ content }: Model, kernels: Kernels): Promise<Serving['neighbours']> {
  const index = kernels.openCosine(content.data, content.rows, content.columns)
  const started = performance.now()
  await index.topK({ items: Uint32Array.from({ length: content.rows }, (_, i) => i), k: 20 })
  const seconds = (performance.now() - started) / 1000
  index.close()
  return { products: content.rows, features: content.columns, seconds }
}
