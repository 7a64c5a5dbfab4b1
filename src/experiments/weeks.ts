/** A shop's customers by week, and which weeks are whole. Weeks begin on Mondays, 00:00 UTC. */
import { DAY } from '../data/ranges.ts'

export const WEEK = 7 * DAY
const FIRST_MONDAY = Date.UTC(1970, 0, 5)

/** Weeks with less than this part of the median week's customers count as incomplete. */
const LEAST_PART = 1 / 4

/** Every customer's orders, oldest first; orders of unknown time are left out. */
export interface OrderHistory {
  /** Customers + 1 entries: the orders of customer c are from `indptr[c]` up to `indptr[c + 1]`. */
  readonly indptr: Uint32Array
  /** Index into `Dataset.orders`. */
  readonly order: Uint32Array
  /** Milliseconds since 1970, parallel to `order`. */
  readonly time: Float64Array
  /** The number of orders of unknown time. */
  readonly untimed: number
}

/** Customers who ordered in one week, each once. */
interface WeekOfCustomers {
  /** Customers who had never ordered before. */
  readonly newcomers: number
  readonly returning: number
}

/** The consecutive weeks that a design is based on. */
export interface WholeWeeks {
  /** Milliseconds since 1970: the start of the first week, and the end of the last. */
  readonly start: number
  readonly end: number
  /** Not empty, in order. */
  readonly weeks: readonly WeekOfCustomers[]
  readonly ordersBefore: number
  readonly ordersAfter: number
}

export function weekOf(time: number): number {
  return Math.floor((time - FIRST_MONDAY) / WEEK)
}

/**
 * The longest run of whole weeks. The first and the last week of the data are left out, because they may be incomplete;
 * so are weeks with very few customers compared with the median week, such as those at the end of an incomplete export.
 * @returns undefined if no week is left
 */
export function wholeWeeks(history: OrderHistory): WholeWeeks | undefined {
  const { first, weeks } = customersByWeek(history)
  const inner = weeks.slice(1, -1)
  const totals = inner.map(totalOf)
  const least = Math.max(1, LEAST_PART * (totals.toSorted((a, b) => a - b)[totals.length >> 1] ?? 0))
  const { from, to } = longestRun(totals.map((total) => total >= least))
  if (from === to) return undefined
  const start = FIRST_MONDAY + (first + 1 + from) * WEEK
  const end = FIRST_MONDAY + (first + 1 + to) * WEEK
  return {
    start,
    end,
    weeks: inner.slice(from, to),
    ordersBefore: history.time.reduce((count, time) => count + (time < start ? 1 : 0), 0),
    ordersAfter: history.time.reduce((count, time) => count + (time >= end ? 1 : 0), 0),
  }
}

export function totalOf({ newcomers, returning }: WeekOfCustomers): number {
  return newcomers + returning
}

/** Calls `visit` for each week in which a customer ordered, with the customer's previous such week; null: none. */
export function visitCustomerWeeks(
  { indptr, time }: OrderHistory,
  visit: (week: number, previous: number | null) => void,
): void {
  for (let customer = 0; customer + 1 < indptr.length; customer++) {
    let previous: number | null = null
    for (let at = indptr[customer]; at < indptr[customer + 1]; at++) {
      const week = weekOf(time[at])
      if (week === previous) continue
      visit(week, previous)
      previous = week
    }
  }
}

/** Every week from the data's first to its last. */
function customersByWeek(history: OrderHistory): { first: number; weeks: WeekOfCustomers[] } {
  const first = weekOf(history.time.reduce((least, time) => Math.min(least, time), Infinity))
  const last = weekOf(history.time.reduce((most, time) => Math.max(most, time), -Infinity))
  const newcomers = new Uint32Array(Math.max(0, last - first + 1))
  const returning = newcomers.slice()
  visitCustomerWeeks(history, (week, previous) => (previous === null ? newcomers : returning)[week - first]++)
  const weeks = Array.from(newcomers, (count, week) => ({ newcomers: count, returning: returning[week] }))
  return { first, weeks }
}

/** The longest run of true, of several the latest: from … to − 1. */
function longestRun(flags: readonly boolean[]): { from: number; to: number } {
  let best = { from: 0, to: 0 }
  let from = 0
  flags.forEach((flag, i) => {
    if (!flag) from = i + 1
    else if (i + 1 - from >= best.to - best.from) best = { from, to: i + 1 }
  })
  return best
}
