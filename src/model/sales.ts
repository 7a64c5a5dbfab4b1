import type { Csr } from '../kernels/kernels.ts'
import { totalSums } from './sales-fading.ts'

/** What sold, and when, without who bought it. A sale is an order that holds the product. */
export interface ProductSales {
  /** Products + 1: the sales of product j whose time is known are indptr[j] … indptr[j + 1] − 1, the earliest first. */
  readonly indptr: Uint32Array
  /** Of each sale, in ms since 1970 UTC. */
  readonly times: Float64Array
  /** Of each sale, how many were bought. */
  readonly units: Float32Array
  /** Per product: the units of unknown time. */
  readonly undated: Float64Array
  /** Per product: the sales of unknown time. */
  readonly undatedOrders: Uint32Array
  /** Per product: the customers who bought it. */
  readonly buyers: Uint32Array
  /** Per product: all sales of known time, as they fade (sales-fading.ts). Absent in files from before it was stored. */
  readonly faded?: Float64Array
}

/**
 * @param contents  orders × products, values units
 * @param times  of the orders, in ms since 1970 UTC, NaN unknown
 * @param histories  customers × products, the same purchases
 */
export function salesOf(contents: Csr, times: Float64Array, histories: Csr): ProductSales {
  const { columns, indices, values } = contents
  const dated = Uint32Array.from(times.keys())
    .filter((order) => !Number.isNaN(times[order]))
    .sort((a, b) => times[a] - times[b] || a - b)
  const indptr = new Uint32Array(columns + 1)
  for (const order of dated)
    for (let line = contents.indptr[order]; line < contents.indptr[order + 1]; line++)
      indptr[indices[line] + 1]++
  for (let product = 0; product < columns; product++) indptr[product + 1] += indptr[product]
  const next = indptr.slice()
  const saleTimes = new Float64Array(indptr[columns])
  const units = new Float32Array(indptr[columns])
  for (const order of dated) {
    for (let line = contents.indptr[order]; line < contents.indptr[order + 1]; line++) {
      const place = next[indices[line]]++
      saleTimes[place] = times[order]
      units[place] = values[line]
    }
  }
  const undated = new Float64Array(columns)
  const undatedOrders = new Uint32Array(columns)
  for (let order = 0; order < times.length; order++) {
    if (!Number.isNaN(times[order])) continue
    for (let line = contents.indptr[order]; line < contents.indptr[order + 1]; line++) {
      undated[indices[line]] += values[line]
      undatedOrders[indices[line]]++
    }
  }
  const buyers = new Uint32Array(columns)
  for (const product of histories.indices) buyers[product]++
  const faded = totalSums({ indptr, times: saleTimes })
  return { indptr, times: saleTimes, units, undated, undatedOrders, buyers, faded }
}

/** The time of the latest sale, in ms since 1970 UTC; NaN where no time is known. */
export function latestSale({ indptr, times }: Pick<ProductSales, 'indptr' | 'times'>): number {
  let latest = NaN
  for (let product = 0; product < indptr.length - 1; product++) {
    const end = indptr[product + 1]
    if (end > indptr[product] && !(times[end - 1] <= latest)) latest = times[end - 1]
  }
  return latest
}
