import type { Dataset } from '../data/dataset.ts'
import { csrFromTriples } from '../kernels/csr.ts'
import type { Csr } from '../kernels/kernels.ts'

/**
 * What is known of each purchase in the histories (customers × products) beside its quantity; parallel to their entries.
 */
export interface HistoryDetails {
  /** How many orders hold the product, at least 1. */
  readonly orderCounts: Uint32Array
  /** The earliest known time of a purchase, in ms since 1970 UTC; NaN unknown. */
  readonly firstPurchased: Float64Array
  /** The latest known time likewise. */
  readonly lastPurchased: Float64Array
}

/** Orders × products: the units that each order holds. */
export function orderContents({
  interactions,
  orders,
  products,
}: Pick<Dataset, 'interactions' | 'orders' | 'products'>): Csr {
  const { order, product, quantity } = interactions
  return csrFromTriples(orders.count, products.size, order, product, quantity)
}

/**
 * Counts the orders of each entry of the histories and finds its first and last time.
 * @param histories  customers × products, the same purchases
 * @param contents  `orderContents(dataset)`
 */
export function historyDetails(
  { orders }: Pick<Dataset, 'orders'>,
  histories: Csr,
  contents: Csr,
): HistoryDetails {
  const size = histories.indices.length
  const orderCounts = new Uint32Array(size)
  const firstPurchased = new Float64Array(size).fill(NaN)
  const lastPurchased = new Float64Array(size).fill(NaN)
  for (let order = 0; order < orders.count; order++) {
    const begin = histories.indptr[orders.customer[order]]
    const end = histories.indptr[orders.customer[order] + 1]
    const time = orders.timestamp[order]
    for (let line = contents.indptr[order]; line < contents.indptr[order + 1]; line++) {
      const entry = find(histories.indices, contents.indices[line], begin, end)
      orderCounts[entry]++
      if (Number.isNaN(time)) continue
      if (!(time >= firstPurchased[entry])) firstPurchased[entry] = time
      if (!(time <= lastPurchased[entry])) lastPurchased[entry] = time
    }
  }
  return { orderCounts, firstPurchased, lastPurchased }
}

/** The place of `wanted` in ascending[from … to − 1], where it is known to be. */
function find(ascending: Uint32Array, wanted: number, from: number, to: number): number {
  while (from < to) {
    const middle = (from + to) >>> 1
    if (ascending[middle] < wanted) from = middle + 1
    else to = middle
  }
  return from
}
