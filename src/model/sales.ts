import type { Csr } from '../kernels/kernels.ts'

/**
 * What sold, and when, without who bought it. A customer's purchases of one product count as one, at the time of the
 * latest.
 */
export interface ProductSales {
  /** Products + 1: the sales of product j whose time is known are indptr[j] … indptr[j + 1] − 1, the earliest first. */
  readonly indptr: Uint32Array
  /** Of each sale, in ms since 1970 UTC. */
  readonly times: Float64Array
  /** Of each sale, r. */
  readonly units: Float32Array
  /** Per product: the units of unknown time. */
  readonly undated: Float64Array
  /** Per product: the customers who bought it. */
  readonly buyers: Uint32Array
}

/**
 * @param histories  customers × products, values r
 * @param lastPurchased  parallel to the entries: in ms since 1970 UTC, NaN unknown
 */
export function salesOf({ columns, indices, values }: Csr, lastPurchased: Float64Array): ProductSales {
  const order = Uint32Array.from(lastPurchased.keys())
    .filter((entry) => !Number.isNaN(lastPurchased[entry]))
    .sort((a, b) => lastPurchased[a] - lastPurchased[b] || a - b)
  const indptr = new Uint32Array(columns + 1)
  for (const entry of order) indptr[indices[entry] + 1]++
  for (let product = 0; product < columns; product++) indptr[product + 1] += indptr[product]
  const next = indptr.slice()
  const times = new Float64Array(order.length)
  const units = new Float32Array(order.length)
  for (const entry of order) {
    const place = next[indices[entry]]++
    times[place] = lastPurchased[entry]
    units[place] = values[entry]
  }
  const undated = new Float64Array(columns)
  const buyers = new Uint32Array(columns)
  indices.forEach((product, entry) => {
    buyers[product]++
    if (Number.isNaN(lastPurchased[entry])) undated[product] += values[entry]
  })
  return { indptr, times, units, undated, buyers }
}

/** The time of the latest sale, in ms since 1970 UTC; NaN where no time is known. */
export function latestSale({ times }: ProductSales): number {
  return times.reduce((latest, then) => (then <= latest ? latest : then), NaN)
}
