/** How many customers would enter a test, estimated from the weeks before it. */
import { tQuantile } from './distributions.ts'
import type { OrderHistory, WholeWeeks } from './weeks.ts'
import { totalOf, visitCustomerWeeks, weekOf } from './weeks.ts'

/** The weeks at the end of the data that the current traffic is estimated from. */
const RECENT_WEEKS = 12

export interface Traffic {
  /** The number of last weeks that the figures below are means of. */
  readonly recentWeeks: number
  /** Customers per week who had never ordered before, and who had. */
  readonly newcomers: number
  readonly returning: number
  readonly trend: Trend | null
  /** Returning customers per week, by the number of weeks since their last week with an order. Index 0 is unused. */
  readonly returningAfter: readonly number[]
}

/** The trend of customers per week, by least squares over all whole weeks. */
interface Trend {
  /** The change from one week to the next. */
  readonly slope: number
  /** The ends of its 95 % interval. */
  readonly low: number
  readonly high: number
}

export function measureTraffic(history: OrderHistory, { start, end, weeks }: WholeWeeks): Traffic {
  const recentWeeks = Math.min(RECENT_WEEKS, weeks.length)
  const after = weekOf(end)
  const from = after - recentWeeks
  const returningAfter = new Float64Array(after - Math.min(weekOf(start), weekOf(earliest(history))) + 1)
  let newcomers = 0
  visitCustomerWeeks(history, (week, previous) => {
    if (week < from || week >= after) return
    if (previous === null) newcomers++
    else returningAfter[week - previous]++
  })
  const returning = returningAfter.reduce((sum, count) => sum + count, 0)
  return {
    recentWeeks,
    newcomers: newcomers / recentWeeks,
    returning: returning / recentWeeks,
    trend: linearTrend(weeks.map(totalOf)),
    returningAfter: trimmed(returningAfter.map((count) => count / recentWeeks)),
  }
}

/**
 * The number of different customers in a test of some weeks. A customer counts in week k of the test unless they ordered
 * in its weeks before, that is, if they are new or their last week with an order is at least k weeks ago. Summed over
 * the weeks, the customers who return after g weeks count min(g, weeks) times.
 */
export function customersWithin(weeks: number, { newcomers, returningAfter }: Traffic): number {
  return returningAfter.reduce((sum, count, gap) => sum + count * Math.min(gap, weeks), newcomers * weeks)
}

/** The fewest whole weeks that bring a number of customers; null if they never would. */
export function weeksUntil(customers: number, traffic: Traffic): number | null {
  // After the longest gap every further week brings only new customers.
  const steady = Math.max(1, traffic.returningAfter.length - 1)
  const reached = customersWithin(steady, traffic)
  if (reached < customers) {
    if (traffic.newcomers === 0) return null
    return steady + Math.ceil((customers - reached) / traffic.newcomers)
  }
  let weeks = 1
  while (customersWithin(weeks, traffic) < customers) weeks++
  return weeks
}

/**
 * The traffic with `factor` times the customers in every week. This is the traffic of visitors if one in `factor` orders,
 * and if visitors return as often as customers do.
 */
export function scaleTraffic(traffic: Traffic, factor: number): Traffic {
  const { recentWeeks, newcomers, returning, trend, returningAfter } = traffic
  return {
    recentWeeks,
    newcomers: factor * newcomers,
    returning: factor * returning,
    trend: trend && { slope: factor * trend.slope, low: factor * trend.low, high: factor * trend.high },
    returningAfter: returningAfter.map((count) => factor * count),
  }
}

/**
 * The slope of y over 0, 1, 2 … and its interval, with residuals taken as independent and normal (Draper & Smith 1998,
 * Applied Regression Analysis, 3rd edition, section 1.4); null for fewer than three values.
 */
export function linearTrend(y: readonly number[]): Trend | null {
  const n = y.length
  if (n < 3) return null
  const meanX = (n - 1) / 2
  const meanY = y.reduce((sum, value) => sum + value, 0) / n
  const spread = (n * (n * n - 1)) / 12
  const slope = y.reduce((sum, value, x) => sum + (x - meanX) * (value - meanY), 0) / spread
  const residual = y.reduce((sum, value, x) => sum + (value - meanY - slope * (x - meanX)) ** 2, 0)
  const margin = tQuantile(0.975, n - 2) * Math.sqrt(residual / (n - 2) / spread)
  return { slope, low: slope - margin, high: slope + margin }
}

function earliest({ time }: OrderHistory): number {
  return time.reduce((least, moment) => Math.min(least, moment), Infinity)
}

/** Without the zeros at its end. */
function trimmed(counts: Float64Array): number[] {
  return [...counts.subarray(0, counts.findLastIndex((count) => count > 0) + 1)]
}
