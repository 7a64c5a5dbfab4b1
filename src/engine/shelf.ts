/**
 * What sells off the shelves that a customer has bought from. A shelf is a category, or a seller; with H the products
 * of the history, g(i) the shelf of product i and s its sales,
 *
 *   v(u, j) = 1/|H| · |{i ∈ H: g(i) = g(j)}| · s_j / Σ_{k: g(k) = g(j)} s_k
 *
 * the chance that somebody who draws one of their past products, and then a sale off its shelf, draws product j.
 */
import type { CategoricalColumn } from '../data/dataset.ts'
import type { Addend } from './heard.ts'
import { bestOf } from './heard.ts'
import { salesEver } from './popularity.ts'
import type { Sales } from './reason.ts'
import type { HistoryEntry } from './recommendation.ts'

export interface HeardShelf extends Addend {
  /** The product's sales that v is told from. */
  sales(product: number): Sales
}

/**
 * @param sold  per product, units
 * @param latest  the moment of the latest sale, in ms since 1970 UTC; NaN unknown
 */
export function shelfSource(
  { labels, codes }: CategoricalColumn,
  sold: Float32Array,
  latest: number,
): (history: readonly HistoryEntry[]) => HeardShelf {
  const shelves = labels.map(() => [] as number[])
  const totals = new Float64Array(labels.length)
  codes.forEach((shelf, product) => {
    if (shelf < 0 || sold[product] === 0) return
    shelves[shelf].push(product)
    totals[shelf] += sold[product]
  })
  for (const shelf of shelves) shelf.sort((a, b) => sold[b] - sold[a] || a - b)

  return (history) => {
    const parts = new Map<number, number>()
    for (const { product } of history) {
      const shelf = codes[product]
      if (shelf >= 0) parts.set(shelf, (parts.get(shelf) ?? 0) + 1 / history.length)
    }
    const value = (product: number) => {
      const shelf = codes[product]
      if (shelf < 0 || parts.size === 0) return null
      return totals[shelf] > 0 ? ((parts.get(shelf) ?? 0) * sold[product]) / totals[shelf] : 0
    }
    return {
      value,
      sales: (product) => salesEver(sold[product], latest),
      best(limit) {
        const leading = [...parts.keys()].flatMap((shelf) => shelves[shelf].slice(0, limit))
        return bestOf(
          leading.map((product) => [product, value(product) ?? 0]),
          limit,
        )
      },
      addTo(sums, weight, calibrate) {
        for (const [shelf, part] of parts) {
          let former = 0
          let added = 0
          // Most products of a shelf sold as few pieces as the one before them: one logarithm for all of these.
          for (const product of shelves[shelf]) {
            if (sold[product] !== former) {
              former = sold[product]
              added = weight * calibrate((part * former) / totals[shelf])
            }
            sums[product] += added
          }
        }
      },
    }
  }
}
