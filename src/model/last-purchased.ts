import type { Dataset } from '../data/dataset.ts'
import type { Csr } from '../kernels/kernels.ts'

/**
 * Parallel to the entries of a data set's purchases (customers × products): when each was made, the latest known time
 * in ms since 1970 UTC; NaN where none is.
 */
export function lastPurchased({ interactions, orders }: Dataset, { indptr, indices }: Csr): Float64Array {
  const { count, customer, product, order } = interactions
  const latest = new Float64Array(indices.length).fill(NaN)
  for (let i = 0; i < count; i++) {
    const time = orders.timestamp[order[i]]
    const entry = find(indices, product[i], indptr[customer[i]], indptr[customer[i] + 1])
    if (!(time <= latest[entry]) && !Number.isNaN(time)) latest[entry] = time
  }
  return latest
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
