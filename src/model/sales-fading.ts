/**
 * How sales count as they get older: half after each HALF_LIFE. Of product j the sales of known time up to t count
 *
 *   v(j) = Σ_o 2^(−(t − t_o)/30 days)
 *
 * over the orders o that hold it, t_o the time of the order. Sums are kept as of one moment, that of the shop's latest
 * sale, and brought to others by one power of 2.
 */
import { DAY } from '../data/ranges.ts'

/** After so long a sale counts half. */
export const HALF_LIFE = 30 * DAY

/** So many half-lives, 41 years, are one power of 2 that loses nothing: one for all products then, at any moment. */
const LONGEST = 500

/** The sales of known time, product by product, the earliest first (sales.ts). */
interface Times {
  readonly indptr: Uint32Array
  readonly times: Float64Array
}

/**
 * The moment as of which sums are kept, that of the shop's latest sale; NaN where the first lies too far before it: then
 * each is as of its last sale.
 */
export function countingMoment({ indptr, times }: Times): number {
  let [earliest, latest] = [Infinity, -Infinity]
  for (let product = 0; product < indptr.length - 1; product++) {
    const [begin, end] = [indptr[product], indptr[product + 1]]
    if (begin === end) continue
    earliest = Math.min(earliest, times[begin])
    latest = Math.max(latest, times[end - 1])
  }
  return latest - earliest <= LONGEST * HALF_LIFE ? latest : NaN
}

/**
 * Sums of a product's sales, up to each of them.
 * @param moment  `countingMoment`
 * @param sums  parallel to the times: filled from `begin` to `end` − 1
 */
export function sumUp(
  times: Float64Array,
  moment: number,
  begin: number,
  end: number,
  sums: Float64Array,
): void {
  for (let place = begin; place < end; place++) {
    const before = place > begin ? sums[place - 1] : 0
    sums[place] = Number.isNaN(moment)
      ? 1 + (before && before * 2 ** ((times[place - 1] - times[place]) / HALF_LIFE))
      : 2 ** ((times[place] - moment) / HALF_LIFE) + before
  }
}

/** Per product the sum of all its sales of known time; 0 without any. */
export function totalSums({ indptr, times }: Times): Float64Array {
  const moment = countingMoment({ indptr, times })
  const totals = new Float64Array(indptr.length - 1)
  let longest = 0
  for (let product = 0; product < totals.length; product++)
    longest = Math.max(longest, indptr[product + 1] - indptr[product])
  const sums = new Float64Array(longest)
  for (let product = 0; product < totals.length; product++) {
    const own = times.subarray(indptr[product], indptr[product + 1])
    sumUp(own, moment, 0, own.length, sums)
    if (own.length > 0) totals[product] = sums[own.length - 1]
  }
  return totals
}
