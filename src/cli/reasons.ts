import type { Sales } from '../engine/reason.ts'
import type { ReasonRecord } from '../engine/reason-record.ts'
import { count } from './result.ts'

const DAY = 86_400_000

/** Places of amounts that people are shown. */
const PLACES = 4

/**
 * The first reasons as people are shown them, on a line each, and what the others come to: together the lines sum to
 * the score, as it is shown.
 */
export function reasonLines(reasons: readonly ReasonRecord[], score: number, most: number): string[] {
  const shown = reasons.slice(0, most)
  const units = (value: number) => Math.round(Number(value.toFixed(PLACES)) * 10 ** PLACES)
  const rest = shown.reduce((left, { amount }) => left - units(amount), units(score)) / 10 ** PLACES
  const others = reasons.length - shown.length
  const last = [
    ...(others > 0 ? [line(rest, others === 1 ? 'one more reason' : `${count(others)} more reasons`)] : []),
    ...(others === 0 && rest !== 0 ? [line(rest, 'by rounding')] : []),
  ]
  return [...shown.map((reason) => line(reason.amount, words(reason))), ...last]
}

function line(amount: number, cause: string): string {
  return `${amount.toFixed(PLACES).padStart(10)} ${cause}`
}

function words(reason: ReasonRecord): string {
  switch (reason.kind) {
    case 'TASTE':
      return `by taste, from ${reason.purchase}`
    case 'RESEMBLANCE':
      return `resembles ${reason.purchase} (cosine ${reason.similarity.toFixed(2)})`
    case 'BOUGHT_TOGETHER':
      return `bought together with ${reason.purchase} (customers: ${count(reason.customers)})`
    case 'SAME_ORDER':
      return `in one order with ${reason.purchase} (orders: ${count(reason.orders)})`
    case 'POPULAR_IN_CATEGORY':
      return `popular in the category ${reason.category} (${salesWords(reason.sales)})`
    case 'POPULAR_WITH_SELLER':
      return `popular with the seller ${reason.seller} (${salesWords(reason.sales)})`
    case 'POPULAR':
      return `popular (${salesWords(reason.sales)})`
    case 'BOUGHT_BEFORE':
      return 'bought before'
  }
}

/** With its dates: data may be older than any "last 30 days". */
function salesWords({ units, days, since, until }: Sales): string {
  if (until === null) return `units: ${count(units)}`
  if (days === null || since === null) return `units up to ${dateOf(until)}: ${count(units)}`
  const window =
    until - since === days * DAY ? `${days} days to ${dateOf(until)}` : `${dateOf(since)} to ${dateOf(until)}`
  return `units in ${window}: ${count(units)}`
}

const dateOf = (time: number) => new Date(time).toISOString().slice(0, 10)
