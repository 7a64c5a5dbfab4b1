import type { Orders } from '../data/dataset.ts'

/** Every customer's orders, first things first; orders of unknown time are left out. */
export interface OrderHistory {
  /** Customers + 1 entries: those of customer c stand from `indptr[c]` up to `indptr[c + 1]`. */
  readonly indptr: Uint32Array
  /** Index into `Dataset.orders`. */
  readonly order: Uint32Array
  /** Milliseconds since 1970, parallel to `order`. */
  readonly time: Float64Array
  /** Orders of unknown time. */
  readonly untimed: number
}

/** @param customers  how many the data set names */
export function orderHistory({ count, customer, timestamp }: Orders, customers: number): OrderHistory {
  const order = Uint32Array.from(timestamp.keys())
    .filter((index) => !Number.isNaN(timestamp[index]))
    .sort((a, b) => customer[a] - customer[b] || timestamp[a] - timestamp[b] || a - b)
  const indptr = new Uint32Array(customers + 1)
  for (const index of order) indptr[customer[index] + 1]++
  for (let c = 0; c < customers; c++) indptr[c + 1] += indptr[c]
  return {
    indptr,
    order,
    time: Float64Array.from(order, (index) => timestamp[index]),
    untimed: count - order.length,
  }
}
