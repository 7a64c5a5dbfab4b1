import { DAY, dayOf } from './ranges.ts'

/** A shorter time without any order is one that shops have. */
const LEAST_GAP = 120 * DAY

/** So many times longer than every gap between the other orders. */
const OUTLYING = 3

/** At most this part of all orders, or `FEW`, may be taken for mistyped. */
const PART = 1 / 100
const FEW = 3

/** With fewer than this many times as many other orders, what is usual is not known. */
const LEAST_OTHERS = 10

/** So many lines are named. */
const NAMED = 5

/** Orders at an end of the data that a gap parts from all others. */
interface StrayTimes {
  readonly end: 'first' | 'last'
  /** Indices of the orders, by time. */
  readonly orders: readonly number[]
  /** The time of the order on the other side of the gap, in ms since 1970. */
  readonly neighbour: number
  /** The time of the one that is nearest to it. */
  readonly nearest: number
}

/**
 * Finds the first or last few orders when a gap separates them from the rest that no shop has: at least 120 days, and
 * three times the longest gap between any other two neighbours. A mistyped year looks like that, and what a shop sold last is computed from its
 * latest order.
 * @param timestamp  per order, ms since 1970; NaN unknown
 */
export function strayTimes(timestamp: Float64Array): StrayTimes[] {
  const order = Uint32Array.from(timestamp.keys()).filter((i) => Number.isFinite(timestamp[i]))
  order.sort((a, b) => timestamp[a] - timestamp[b] || a - b)
  const most = Math.floor(Math.max(FEW, order.length * PART))
  const times = Float64Array.from(order, (i) => timestamp[i])
  const last = strayCount(times, most)
  const first = strayCount(
    times.map((_, i) => -times[times.length - 1 - i]),
    most,
  )
  const found: StrayTimes[] = []
  if (first > 0) {
    found.push({
      end: 'first',
      orders: [...order.subarray(0, first)],
      neighbour: times[first],
      nearest: times[first - 1],
    })
  }
  if (last > 0) {
    found.push({
      end: 'last',
      orders: [...order.subarray(order.length - last)],
      neighbour: times[times.length - last - 1],
      nearest: times[times.length - last],
    })
  }
  return found
}

/** How many of the last of ascending times are strays. The first `most` are not asked: they may be strays, too. */
function strayCount(times: Float64Array, most: number): number {
  const { length } = times
  let usual = 0
  let at = Math.min(most, length)
  for (; at + 1 < length - most; at++) usual = Math.max(usual, times[at + 1] - times[at])
  let strays = 0
  // From the longest tail to the shortest: `usual` is the longest gap before it.
  for (let count = Math.min(most, length - 1); count > 0; count--) {
    const gap = times[length - count] - times[length - count - 1]
    const isKnown = length - count >= LEAST_OTHERS * count
    if (strays === 0 && isKnown && gap >= LEAST_GAP && gap > OUTLYING * usual) strays = count
    usual = Math.max(usual, gap)
  }
  return strays
}

/**
 * What to tell a person of stray times.
 * @param file  the file of the orders' times
 * @param lineOf  the line of an order there
 */
export function strayWarning(
  { end, orders, neighbour, nearest }: StrayTimes,
  timestamp: Float64Array,
  file: string,
  lineOf: (order: number) => number,
): string {
  const days = Math.round(Math.abs(nearest - neighbour) / DAY)
  const named = orders.slice(0, NAMED).map((order) => `line ${lineOf(order)}: ${dayOf(timestamp[order])}`)
  const more = orders.length > NAMED ? ` and ${orders.length - NAMED} more` : ''
  const many = orders.length === 1 ? 'order lies' : `${orders.length} orders lie`
  const isLast = end === 'last'
  return (
    `${file}: the ${end} ${many} ${days} days ${isLast ? 'after' : 'before'} all others, which ` +
    `${isLast ? 'end' : 'begin'} on ${dayOf(neighbour)} (${named.join(', ')}${more}). ` +
    (isLast
      ? 'Sales are counted up to the last order. If these dates are mistyped, correct them, or say when the data ' +
        `was current: with --now ${dayOf(neighbour)} (in programs the option \`now\`) later rows are bad rows, and ` +
        '--lenient writes them to a file instead'
      : 'If these dates are mistyped, correct them, or leave the fields empty')
  )
}
