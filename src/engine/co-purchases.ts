/**
 * What customers bought who bought something in the history too:
 *
 *   v(u, j) = Σ_{i ∈ H} n_ij / √(n_i n_j)
 *
 * n_i the customers who bought product i, n_ij those who bought both: the cosine of the two products' columns
 * (Sarwar et al. 2001, doi:10.1145/371920.372071), summed over the history H. Of each product its partners count, which
 * the model holds (model/partners.ts). Nothing is said of products in H: a customer's own purchases are no evidence from
 * others.
 */
import type { Partners } from '../kernels/kernels.ts'
import { ANYBODY } from './buyers.ts'
import { productSetOf } from './history.ts'
import type { HistoryEntry } from './history-entry.ts'
import type { ProductValues } from './product-sums.ts'
import { ProductSums } from './product-sums.ts'

/** A purchase that speaks for a product. */
export interface BoughtTogether {
  readonly purchase: HistoryEntry
  /** Its term of v. */
  readonly cosine: number
  /** n_ij, who bought both. */
  readonly customers: number
}

/** What was bought together with one history. */
export interface CoPurchasesOfHistory {
  /** v of every product for which it is above 0, the products ascending. */
  readonly values: ProductValues
  /** Whether anything could be said of a product. */
  knows(product: number): boolean
  /** The purchases that v is the sum over. */
  together(product: number): BoughtTogether[]
}

/**
 * @returns what was bought together with a history; it counts pairs that at least so many customers bought (buyers.ts),
 *   left out: any. v is summed in the order of the history
 */
export function coPurchasesOf({
  users,
  indptr,
  indices,
  together,
}: Partners): (history: readonly HistoryEntry[], least?: number) => CoPurchasesOfHistory {
  const sums = new ProductSums(users.length)

  const cosineOf = (product: number, entry: number) =>
    together[entry] / Math.sqrt(users[product] * users[indices[entry]])

  function valuesOf(history: readonly HistoryEntry[], own: ReadonlySet<number>, least: number) {
    for (const { product } of history) {
      const [bought, end] = [users[product], indptr[product + 1]]
      for (let entry = indptr[product]; entry < end; entry++) {
        const both = together[entry]
        // As `cosineOf`.
        if (both >= least) sums.add(indices[entry], both / Math.sqrt(bought * users[indices[entry]]))
      }
    }
    for (const product of own) sums.drop(product)
    return sums.take()
  }

  return (history, least = ANYBODY) => {
    const own = productSetOf(history)
    return {
      values: valuesOf(history, own, least),
      knows: (product) => users[product] > 0 && !own.has(product),
      together: (product) =>
        history.flatMap((purchase) => {
          const begin = indptr[purchase.product]
          const place = own.has(product)
            ? -1
            : indices.subarray(begin, indptr[purchase.product + 1]).indexOf(product)
          const entry = begin + place
          if (place < 0 || together[entry] < least) return []
          return [{ purchase, cosine: cosineOf(purchase.product, entry), customers: together[entry] }]
        }),
    }
  }
}
