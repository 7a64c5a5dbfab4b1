/**
 * What sold lately, as of a moment t: of product j
 *
 *   v(j) = Σ_o 2^(−(t − t_o)/30 days)
 *
 * over the orders o up to t that hold it, t_o the time of the order; those of unknown time count half at any moment.
 * Orders, not units: 80,000 units of petrol are one decision to buy.
 *
 * Explanations show a plain count with its dates instead: the units known to be sold in the 30 days up to t.
 */
import { DAY, MOST_TIME } from '../data/ranges.ts'
import type { Work } from '../kernels/work.ts'
import type { ItemSide } from '../model/model.ts'
import { latestSale } from '../model/sales.ts'
import { countingMoment, HALF_LIFE, sumUp, totalSums } from '../model/sales-fading.ts'
import type { Sales } from './reason.ts'

/** Of how many days reasons state the sales. */
const STATED_DAYS = 30

/** Sales as of one moment. */
export interface SalesAt {
  /** v per product. */
  readonly orders: Float64Array
  /** Of all products. */
  readonly total: number
  /** v of a product. */
  value(product: number): number
  /** What sold at all, the most first, ties to the lower index; at most `limit`. */
  best(limit: number): number[]
  /** A product's units, counted plainly: of the 30 days up to the moment; of all time where the model knows no times. */
  sales(product: number): Sales
}

/** Sales as of any moment, in ms since 1970 UTC; those of the moment asked for last are kept. */
export interface RecentSales {
  (at: number): SalesAt
  /** Does in pieces what the first question about a moment in the past takes: a power of 2 for each sale. */
  prepare(at: number, work: Work): Promise<void>
}

/** Products that are looked at in one piece. */
const PIECE = 512

export function recentSales({ sales: sold }: Pick<ItemSide, 'sales'>): RecentSales {
  const { indptr, times, undated, undatedOrders } = sold
  const latest = latestSale(sold)
  const countsAt = countingMoment(sold)
  let kept: { readonly at: number; readonly sales: SalesAt } | undefined
  /**
   * Per product, of the moment asked about before: the times of its last sale up to it and of the next, infinite where
   * there is none, and the sum of the sales up to the last. From one moment to the next few products change, and looking at
   * the sales of all of them takes a few ms of waiting for memory. It begins with all sales, which the model has the sums
   * of: most lists are for the shop's latest sale, or later.
   */
  const lastSale = new Float64Array(undated.length).fill(-Infinity)
  for (let product = 0; product < lastSale.length; product++)
    if (indptr[product] < indptr[product + 1]) lastSale[product] = times[indptr[product + 1] - 1]
  const nextSale = new Float64Array(undated.length).fill(Infinity)
  const grownUpTo = sold.faded?.slice() ?? totalSums(sold)
  /** The sums up to each sale, of the products that were asked about as of a moment before their last. */
  let grown: Float64Array | undefined
  const isSummedUp = new Uint8Array(undated.length)

  /** The sums of a product, up to each of its sales. */
  function sumsOf(product: number): Float64Array {
    grown ??= new Float64Array(times.length)
    if (isSummedUp[product] === 0) {
      sumUp(times, countsAt, indptr[product], indptr[product + 1], grown)
      isSummedUp[product] = 1
    }
    return grown
  }

  /** Makes those of one product the ones of a moment. */
  function moveTo(at: number, product: number): void {
    const [begin, end] = [indptr[product], indptr[product + 1]]
    const sale = lastUpTo(times, at, begin, end)
    lastSale[product] = sale < begin ? -Infinity : times[sale]
    nextSale[product] = sale + 1 < end ? times[sale + 1] : Infinity
    grownUpTo[product] = sale < begin ? 0 : sumsOf(product)[sale]
  }

  // Loops by number: this runs over the whole catalogue for every moment asked about.
  function ordersAt(at: number): Float64Array {
    const orders = new Float64Array(undated.length)
    // At most 2^LONGEST where any sale is up to the moment, since none is further from the latest.
    const faded = Number.isNaN(countsAt) ? NaN : 2 ** ((countsAt - at) / HALF_LIFE)
    for (let product = 0; product < orders.length; product++) {
      orders[product] = undatedOrders[product] / 2
      if (Number.isNaN(at)) continue
      if (at < lastSale[product] || at >= nextSale[product]) moveTo(at, product)
      if (lastSale[product] === -Infinity) continue
      // No sale is later than the moment, so that this power lies between 0 and 1.
      orders[product] +=
        grownUpTo[product] * (faded >= 0 ? faded : 2 ** ((lastSale[product] - at) / HALF_LIFE))
    }
    return orders
  }

  function countAt(at: number, product: number): Sales {
    if (Number.isNaN(latest)) return { units: undated[product], days: null, since: null, until: null }
    const since = Math.max(-MOST_TIME, at - STATED_DAYS * DAY)
    let units = 0
    let sale = lastUpTo(times, at, indptr[product], indptr[product + 1])
    for (; sale >= indptr[product] && times[sale] > since; sale--) units += sold.units[sale]
    return { units, days: STATED_DAYS, since, until: Math.max(since, Math.min(at, latest)) }
  }

  function asOf(at: number): SalesAt {
    if (kept === undefined || !Object.is(kept.at, at)) {
      const orders = ordersAt(at)
      let total = 0
      for (let product = 0; product < orders.length; product++) total += orders[product]
      const sales: SalesAt = {
        orders,
        total,
        value: (product) => orders[product],
        best: (limit) => bestSellers(orders, limit),
        sales: (product) => countAt(at, product),
      }
      kept = { at, sales }
    }
    return kept.sales
  }

  return Object.assign(asOf, {
    async prepare(at: number, work: Work) {
      if (!(at < latest)) return
      for (let begin = 0; begin < undated.length; begin += PIECE) {
        const turn = work.pause()
        if (turn) await turn
        work.time(() => {
          const end = Math.min(undated.length, begin + PIECE)
          for (let product = begin; product < end; product++) if (at < lastSale[product]) sumsOf(product)
        })
      }
    },
  })
}

/** What sold at all, the most first, ties to the lower index; at most `limit`. */
function bestSellers(orders: Float64Array, limit: number): number[] {
  const best: number[] = []
  /** What does not sell more is not among the best. */
  let least = 0
  for (let product = 0; product < orders.length; product++) {
    const sold = orders[product]
    if (sold <= least) continue
    let place = best.length
    while (place > 0 && orders[best[place - 1]] < sold) place--
    best.splice(place, 0, product)
    if (best.length > limit) best.pop()
    if (best.length === limit && limit > 0) least = orders[best[limit - 1]]
  }
  return best
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
