import type { Dataset, Orders } from '../data/dataset.ts'
import type { OrderHistory, WholeWeeks } from './weeks.ts'
import { DAY } from '../data/ranges.ts'
import { WEEK } from './weeks.ts'

/** The most weeks in which customers enter a cohort: as long as the longest test that is worth planning. */
const LONGEST_INTAKE = 26

/** The weeks before the test in which a customer's spending counts, for CUPED. */
export const HISTORY_WEEKS = 26

/**
 * The customers that a test in the past would have included, and what they did. Each customer is in it once. The window
 * in which outcomes count starts with the first order in the weeks of intake. Intake ends one window before the whole
 * weeks do, so that no window is cut short. All columns but those of `placed` are parallel to `customer`.
 */
export interface Cohort {
  /** Milliseconds since 1970. */
  readonly intakeStart: number
  readonly intakeWeeks: number
  readonly customer: Uint32Array
  /** 1: ordered again within the window; 0: did not. */
  readonly orderedAgain: Float64Array
  /** 1: ordered again within a day, which may be one basket in two orders. */
  readonly orderedWithinDay: Float64Array
  /** Orders within the window, including the first. The columns below are about these orders. */
  readonly orders: Float64Array
  readonly items: Float64Array
  /** Items of unknown price count as 0. */
  readonly revenue: Float64Array
  readonly reviewed: Float64Array
  readonly reviewScores: Float64Array
  readonly delivered: Float64Array
  readonly late: Float64Array
  /** Orders within `HISTORY_WEEKS` before the first order of the window. */
  readonly earlierOrders: Float64Array
  readonly earlierRevenue: Float64Array
  /** All orders placed, including cancelled ones. Absent if the data does not record cancellations. */
  readonly placed?: Placed
}

/** Customers who placed an order in the weeks of intake, cancelled or not. Columns are parallel. */
interface Placed {
  /** Orders within the window, cancelled ones included. */
  readonly orders: Float64Array
  /** How many of them were cancelled, or returned completely. */
  readonly cancelled: Float64Array
}

/** @param window  weeks, fewer than `whole` has */
export function pastCohort(
  dataset: Dataset,
  history: OrderHistory,
  whole: WholeWeeks,
  window: number,
): Cohort {
  const intakeWeeks = Math.min(LONGEST_INTAKE, whole.weeks.length - window)
  const intakeEnd = whole.end - window * WEEK
  const intakeStart = intakeEnd - intakeWeeks * WEEK
  const entries = entriesOf(history, intakeStart, intakeEnd, window)
  const facts = orderFacts(dataset)
  const sums = (fact: Float64Array, rangeOf: (entry: Entry) => readonly [from: number, to: number]) =>
    Float64Array.from(entries, (entry) => {
      const [from, to] = rangeOf(entry)
      let sum = 0
      for (let at = from; at < to; at++) sum += fact[history.order[at]]
      return sum
    })
  const within = (fact: Float64Array) => sums(fact, ({ first, end }) => [first, end])
  const before = (fact: Float64Array) => sums(fact, ({ earliest, first }) => [earliest, first])
  const orders = within(facts.one)
  const placed = placedOrders(dataset, intakeStart, intakeEnd, window)
  return {
    intakeStart,
    intakeWeeks,
    customer: Uint32Array.from(entries, ({ customer }) => customer),
    orderedAgain: orders.map((count) => (count > 1 ? 1 : 0)),
    orderedWithinDay: Float64Array.from(entries, ({ first, end }) =>
      first + 1 < end && history.time[first + 1] - history.time[first] < DAY ? 1 : 0,
    ),
    orders,
    items: within(facts.items),
    revenue: within(facts.revenue),
    reviewed: within(facts.reviewed),
    reviewScores: within(facts.reviewScore),
    delivered: within(facts.delivered),
    late: within(facts.late),
    earlierOrders: before(facts.one),
    earlierRevenue: before(facts.revenue),
    ...(placed && { placed }),
  }
}

function placedOrders(
  { orders, cancelled, customers }: Dataset,
  start: number,
  end: number,
  window: number,
): Placed | undefined {
  if (cancelled === undefined) return undefined
  const all = {
    count: orders.count + cancelled.count,
    customer: Uint32Array.from([...orders.customer, ...cancelled.customer]),
    timestamp: Float64Array.from([...orders.timestamp, ...cancelled.timestamp]),
  }
  const { order, ...history } = orderHistory(all, customers.size)
  const entries = entriesOf({ order, ...history }, start, end, window)
  const isCancelled = (place: number) => order[place] >= orders.count
  return {
    orders: Float64Array.from(entries, (entry) => entry.end - entry.first),
    cancelled: Float64Array.from(entries, (entry) => {
      let count = 0
      for (let at = entry.first; at < entry.end; at++) if (isCancelled(at)) count++
      return count
    }),
  }
}

/** A customer's entry: places in the history. */
interface Entry {
  readonly customer: number
  /** The earliest order within `HISTORY_WEEKS` before the first. */
  readonly earliest: number
  /** The first order in the weeks of intake. */
  readonly first: number
  /** One after the last order of the window. */
  readonly end: number
}

function entriesOf({ indptr, time }: OrderHistory, start: number, end: number, window: number): Entry[] {
  const entries: Entry[] = []
  for (let customer = 0; customer + 1 < indptr.length; customer++) {
    const [from, to] = [indptr[customer], indptr[customer + 1]]
    const placeOf = (moment: number) => {
      let at = from
      while (at < to && time[at] < moment) at++
      return at
    }
    const first = placeOf(start)
    if (first === to || time[first] >= end) continue
    entries.push({
      customer,
      earliest: placeOf(time[first] - HISTORY_WEEKS * WEEK),
      first,
      end: placeOf(time[first] + window * WEEK),
    })
  }
  return entries
}

/** Facts about each order; 0 if unknown. */
function orderFacts({ orders, interactions }: Dataset) {
  const items = new Float64Array(orders.count)
  const revenue = new Float64Array(orders.count)
  for (let i = 0; i < interactions.count; i++) {
    const { order, quantity, price } = interactions
    items[order[i]] += quantity[i]
    if (!Number.isNaN(price[i])) revenue[order[i]] += quantity[i] * price[i]
  }
  const known = (values: ArrayLike<number> = [], value: (given: number) => number) =>
    Float64Array.from(items, (_, order) => (Number.isNaN(values[order] ?? NaN) ? 0 : value(values[order])))
  const { reviewScore, deliveryDelayDays } = orders
  return {
    one: new Float64Array(orders.count).fill(1),
    items,
    revenue,
    reviewed: known(reviewScore, () => 1),
    reviewScore: known(reviewScore, (score) => score),
    delivered: known(deliveryDelayDays, () => 1),
    // Shops promise a day: a delivery during that day is not late.
    late: known(deliveryDelayDays, (days) => (days >= 1 ? 1 : 0)),
  }
}

/** The orders of each customer in order of time. @param customers  the number of customers in the data set */
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
