import { uniformFloat32 } from 'pure-rand/distribution/uniformFloat32'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { ConfidenceConvention } from '../../data/confidence.ts'
import { leastCounted, normalEquation } from '../../data/confidence.ts'
import type { Csr, Kernels } from '../../kernels/kernels.ts'
import { Work } from '../../kernels/work.ts'
import type { System } from '../system.ts'
import type { TestCase } from '../trial.ts'
import { checkParameter } from './parameter.ts'
import { buyersOf, descending, purchasesOf } from './purchases.ts'

/** How many cases are searched for at once. */
const BATCH = 256

/** What an ALS is fitted with; all but `counts` as the field of `Configuration` of the same name. */
export interface AlsSettings {
  readonly confidence: ConfidenceConvention
  /**
   * What pieces r are counted as: themselves, or log₂(1 + r), after Hu, Koren & Volinsky 2008 (equation 6; to base 2, so
   * that one piece counts 1), lest one customer's hundred pieces outweigh everybody else.
   */
  readonly counts: 'pieces' | 'logarithm'
  readonly alpha: number
  readonly regularization: number
  readonly frequencyExponent: number
  readonly factors: number
  readonly iterations: number
}

/**
 * Matrix factorisation alone (Hu, Koren & Volinsky 2008, doi:10.1109/ICDM.2008.22; Rendle et al. 2021,
 * arXiv:2110.14037): products by the inner product of their factors with those that the case's history folds in to.
 * Products that nobody bought have no factors and are not listed; a history of such products alone gets what is popular.
 * @param kernels  stay open for as long as the system and what it fits
 * @throws {RangeError} for a setting that no fit can have
 */
export function als(settings: AlsSettings, kernels: Kernels): System {
  const { confidence, counts, alpha, regularization, frequencyExponent, factors, iterations } = settings
  checkParameter(
    'factors',
    factors,
    Number.isInteger(factors) && factors >= 1,
    'a whole number of at least 1',
  )
  checkParameter('alpha', alpha, alpha > 0 && alpha < Infinity, 'a finite number above 0')
  checkParameter(
    'regularization',
    regularization,
    regularization >= 0 && regularization < Infinity,
    'a finite number of at least 0',
  )
  const least = leastCounted(confidence, alpha)
  const count = (pieces: number) => Math.max(least, counts === 'logarithm' ? Math.log2(1 + pieces) : pieces)
  const equation = normalEquation(confidence, alpha, regularization, frequencyExponent)
  return {
    name: 'ALS',
    isRandom: true,
    async fit(train, seed, work = new Work()) {
      const purchases = purchasesOf(train)
      const products = purchases.columns
      const fitted = await kernels.fitAls({
        interactions: { ...purchases, values: purchases.values.map(count) },
        equation,
        factors,
        iterations,
        conjugateGradientSteps: 3,
        itemFactors: startFactors(products * factors, seed),
        itemsOnly: true,
        ...(work.signal && { signal: work.signal }),
      })
      const itemFactors = { rows: products, columns: factors, data: fitted.itemFactors }
      const buyers = buyersOf(purchases)
      const popular = descending(buyers).filter((product) => buyers[product] > 0)
      const eligible = bitsOf(popular, products)
      const foldIn = kernels.openFoldIn(itemFactors, equation)
      const index = kernels.openVectors(itemFactors)
      return {
        async recommend(cases, task, first, asked = new Work()) {
          const lists: Uint32Array[] = []
          for (let begin = 0; begin < cases.length; begin += BATCH) {
            await asked.pause()
            const batch = cases.slice(begin, begin + BATCH)
            const rows = rowsOf(batch, products, count)
            const queries = foldIn.solve(rows)
            const found = await index.topK({
              queries,
              k: first,
              eligible,
              ...(task === 'discovery' && { excluded: rows }),
            })
            batch.forEach(({ history }, q) => {
              const isKnown = history.some(({ product }) => buyers[product] > 0)
              const list = found.indices.slice(q * first, q * first + found.counts[q])
              lists.push(isKnown ? list : popular.slice(0, first))
            })
          }
          return lists
        },
        close() {
          foldIn.close()
          index.close()
        },
      }
    },
  }
}

/** Uniform in ±0.01, as the engine's own fit starts. */
function startFactors(length: number, seed: number): Float32Array {
  const random = xoroshiro128plus(seed)
  return new Float32Array(length).map(() => 0.02 * uniformFloat32(random) - 0.01)
}

/** A row a case: what was bought, and how it counts. */
function rowsOf(cases: readonly TestCase[], columns: number, count: (quantity: number) => number): Csr {
  const indptr = new Uint32Array(cases.length + 1)
  cases.forEach(({ history }, row) => (indptr[row + 1] = indptr[row] + history.length))
  const all = cases.flatMap(({ history }) => history)
  return {
    rows: cases.length,
    columns,
    indptr,
    indices: Uint32Array.from(all, ({ product }) => product),
    values: Float32Array.from(all, ({ quantity }) => count(quantity)),
  }
}

/** A bit for each of `count` products, set for those listed. */
function bitsOf(products: Uint32Array, count: number): Uint32Array {
  const bits = new Uint32Array(Math.ceil(count / 32))
  for (const product of products) bits[product >> 5] |= 1 << (product & 31)
  return bits
}
