/**
 * Interest: the products that somebody looked at or put into the cart lately, and has not bought since. Beside a history
 * it counts for lists by sources of its own (sources/viewed.ts). It fades: an event of age a counts 2^(−a / HALF_LIFE),
 * and nothing after KEPT.
 */
import { DAY } from '../data/ranges.ts'
import type { InterestKind } from '../data/browsing.ts'
import type { HistoryEntry } from './history-entry.ts'

/** What somebody did with a product without buying it. */
export interface Interest {
  readonly product: number
  readonly kind: InterestKind
  /** When, the latest time; in ms since 1970 UTC. */
  readonly at: number
}

/** With what it counts for, above 0 and at most 1. */
export interface FadedInterest extends Interest {
  readonly weight: number
}

/** The latest views and cart entries that are read of a customer or visitor. */
export const MOST_INTEREST = 20

/** In ms. */
const HALF_LIFE = 3 * DAY
const KEPT = 30 * DAY

/**
 * Each product once a kind, as of its latest event, the latest first: what was bought since, or is hidden, is left out.
 * @param events  of one person
 * @param history  what the same person bought
 * @param hidden  products that may not be in a list for the person
 */
export function interestIn(
  events: readonly Interest[],
  history: readonly HistoryEntry[] = [],
  hidden: readonly number[] = [],
): readonly Interest[] {
  const bought = new Map(history.map(({ product, purchasedAt }) => [product, purchasedAt ?? -Infinity]))
  const isHidden = new Set(hidden)
  const latest = new Map<string, Interest>()
  for (const event of events) {
    const { product, kind, at } = event
    if (isHidden.has(product) || at <= (bought.get(product) ?? -Infinity)) continue
    const former = latest.get(`${kind} ${product}`)
    if (former === undefined || former.at < at) latest.set(`${kind} ${product}`, event)
  }
  return [...latest.values()].sort((a, b) => b.at - a.at || a.product - b.product)
}

/** Interest with a product that is viewed at a moment, in ms since 1970 UTC: it takes the place of earlier views of it. */
export function withViewed(interest: readonly Interest[], product: number, at: number): readonly Interest[] {
  const others = interest.filter((one) => one.kind !== 'VIEW' || one.product !== product)
  return [{ product, kind: 'VIEW', at }, ...others]
}

/** What interest counts for at a moment, in ms since 1970 UTC; what came after it counts in full. */
export function fadedInterest(interest: readonly Interest[], moment: number): readonly FadedInterest[] {
  return interest.flatMap((one) => {
    const age = Math.max(0, moment - one.at)
    return age > KEPT ? [] : [{ ...one, weight: 2 ** (-age / HALF_LIFE) }]
  })
}
