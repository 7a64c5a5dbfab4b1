/**
 * What sold lately, as of a moment t: of product j
 *
 *   v(j) = Σ_p r_p · 2^(−(t − t_p)/30 days)
 *
 * over its purchases p up to t, r_p units at the time t_p. A customer's purchases of one product count as one, at the
 * time of the latest; those of unknown time count half at any moment.
 */
import type { Model } from '../model/model.ts'
import type { Heard } from './heard.ts'
import { bestOf, valueAt } from './heard.ts'

/** After so many days a sale counts half. */
const HALF_LIFE = 30 * 86_400_000

/** So many of the best sellers are proposed, nearly. */
const PROPOSED = 500

/** What they sell is told from as many products, or somewhat fewer. */
const SAMPLE = 4096

/** Sales as of one moment. */
export interface SalesAt extends Heard {
  /** Per product. */
  readonly units: Float64Array
  /** Of all products. */
  readonly total: number
}

/** @returns sales as of any moment, in ms since 1970 UTC; those of the moment asked for last are kept */
export function recentSales({ histories, lastPurchased }: Model): (at: number) => SalesAt {
  const { indptr, times, growing, latest, undated } = salesOf(histories, lastPurchased)
  let kept: { readonly at: number; readonly sales: SalesAt } | undefined

  // Loops by number: this runs over the whole catalogue for every moment asked about.
  function unitsAt(at: number): Float64Array {
    const faded = Number.isNaN(at) ? 0 : 2 ** ((latest - at) / HALF_LIFE)
    const units = new Float64Array(undated.length)
    for (let product = 0; product < units.length; product++) {
      let sale = indptr[product + 1] - 1
      if (sale >= indptr[product] && times[sale] > at) sale = lastUpTo(times, at, indptr[product], sale)
      units[product] = undated[product] / 2 + (sale < indptr[product] ? 0 : growing[sale] * faded)
    }
    return units
  }

  return (at) => {
    if (kept === undefined || !Object.is(kept.at, at)) kept = { at, sales: salesAt(unitsAt(at)) }
    return kept.sales
  }
}

function salesAt(units: Float64Array): SalesAt {
  // Of a long catalogue every so manyth product tells well enough what the best sellers sell.
  const step = Math.ceil(units.length / SAMPLE)
  const sample = new Float64Array(Math.ceil(units.length / step))
  for (let i = 0; i < sample.length; i++) sample[i] = units[i * step]
  const rest = valueAt(sample, Math.floor(PROPOSED / step)) ?? 0
  const proposed: number[] = []
  let total = 0
  for (let product = 0; product < units.length; product++) {
    total += units[product]
    if (units[product] > rest) proposed.push(product)
  }
  return {
    units,
    total,
    value: (product) => units[product],
    products: () => proposed,
    best: (limit) =>
      bestOf(
        proposed.map((product) => [product, units[product]]),
        limit,
      ),
    rest,
  }
}

/**
 * Each product's dated sales in the order of time, with all up to then as they count at the time of the shop's latest;
 * and the units of unknown time.
 */
function salesOf(histories: Model['histories'], lastPurchased: Float64Array) {
  const order = Uint32Array.from(lastPurchased.keys())
    .filter((entry) => !Number.isNaN(lastPurchased[entry]))
    .sort((a, b) => lastPurchased[a] - lastPurchased[b] || a - b)
  const latest = order.length > 0 ? lastPurchased[order[order.length - 1]] : NaN
  const indptr = new Uint32Array(histories.columns + 1)
  for (const entry of order) indptr[histories.indices[entry] + 1]++
  for (let product = 0; product < histories.columns; product++) indptr[product + 1] += indptr[product]
  const next = indptr.slice()
  const times = new Float64Array(order.length)
  const growing = new Float64Array(order.length)
  for (const entry of order) {
    const product = histories.indices[entry]
    const place = next[product]++
    const before = place === indptr[product] ? 0 : growing[place - 1]
    times[place] = lastPurchased[entry]
    growing[place] = before + histories.values[entry] * 2 ** ((times[place] - latest) / HALF_LIFE)
  }
  const undated = new Float64Array(histories.columns)
  lastPurchased.forEach((time, entry) => {
    if (Number.isNaN(time)) undated[histories.indices[entry]] += histories.values[entry]
  })
  return { indptr, times, growing, latest, undated }
}

/** The last place of ascending[from … to − 1] whose value is at most `most`; from − 1 where there is none. */
function lastUpTo(ascending: Float64Array, most: number, from: number, to: number): number {
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ascending[middle] <= most) low = middle + 1
    else high = middle
  }
  return low - 1
}
