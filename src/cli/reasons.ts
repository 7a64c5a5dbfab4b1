import type { Sales } from '../engine/reason.ts'
import type { ReasonRecord } from '../engine/reason-record.ts'
import { count } from './result.ts'

const DAY = 86_400_000

/** A reason as people are shown it, on a line. */
export function reasonLine(reason: ReasonRecord): string {
  return `${reason.amount.toFixed(4).padStart(10)} ${words(reason)}`
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
