/**
 * What was bought in one order with the products of a history H:
 *
 *   v(u, j) = Σ_{i ∈ H} n_ij
 *
 * n_ij the orders that hold both. Of equal numbers the products come first that are bought with the history's more
 * often than by their sales (the cosine n_ij / √(n_i n_j)). Nothing is said of products in H.
 */
import { productSetOf } from './history.ts'
import type { ItemSide } from '../model/model.ts'
import { ANYBODY } from './buyers.ts'
import type { HistoryEntry } from './history-entry.ts'

/** What was bought in one order with one history. */
export interface SameOrders {
  /** v of every product for which it is above 0. */
  readonly values: ReadonlyMap<number, number>
  /** Whether anything could be said of a product. */
  knows(product: number): boolean
  /** Σ_{i ∈ H} n_ij / √(n_i n_j). */
  cosine(product: number): number
  /** The purchases that v is the sum over, each with the orders that hold both. */
  together(product: number): { readonly purchase: HistoryEntry; readonly orders: number }[]
}

/**
 * @returns for a history; it counts pairs that at least so many customers bought (buyers.ts), and so many orders hold; left
 *   out: any
 */
export function sameOrders({
  baskets,
}: Pick<ItemSide, 'baskets'>): (history: readonly HistoryEntry[], least?: number) => SameOrders {
  const { indptr, indices, values } = baskets.together

  function ordersOf(product: number, other: number, least: number): number {
    const place = indices.subarray(indptr[product], indptr[product + 1]).indexOf(other)
    const entry = indptr[product] + place
    return place < 0 || !isCounted(entry, least) ? 0 : values[entry]
  }

  function isCounted(entry: number, least: number): boolean {
    return least <= ANYBODY || (values[entry] >= least && baskets.customers[entry] >= least)
  }

  return (history, least = ANYBODY) => {
    const orders = new Map<number, number>()
    const cosines = new Map<number, number>()
    for (const { product } of history) {
      for (let entry = indptr[product]; entry < indptr[product + 1]; entry++) {
        const other = indices[entry]
        if (!isCounted(entry, least)) continue
        const cosine = values[entry] / Math.sqrt(baskets.orders[product] * baskets.orders[other])
        orders.set(other, (orders.get(other) ?? 0) + values[entry])
        cosines.set(other, (cosines.get(other) ?? 0) + cosine)
      }
    }
    const own = productSetOf(history)
    for (const product of own) orders.delete(product)
    return {
      values: orders,
      knows: (product) => baskets.orders[product] > 0 && !own.has(product),
      cosine: (product) => cosines.get(product) ?? 0,
      together: (product) =>
        history.flatMap((purchase) => {
          const together = own.has(product) ? 0 : ordersOf(purchase.product, product, least)
          return together === 0 ? [] : [{ purchase, orders: together }]
        }),
    }
  }
}
