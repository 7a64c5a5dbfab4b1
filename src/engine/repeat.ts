import type { Heard } from './heard.ts'
import { heardOf } from './heard.ts'
import type { HistoryEntry } from './recommendation.ts'

/** After so many days a purchase counts half as a sign that the product will be bought again. */
const HALF_LIFE_DAYS = 180

const DAY = 86_400_000

/**
 * Buying again what was bought before: v = r · 2^(−d/180), r how often the product was bought and d the days since the
 * latest time. A purchase of unknown time, or after the moment asked about, counts in full.
 * @param at  the moment asked about, in ms since 1970 UTC; NaN unknown
 */
export function repeatSource(history: readonly HistoryEntry[], at: number): Heard {
  const values = history.map(({ product, quantity, purchasedAt }) => {
    const days = purchasedAt === null || Number.isNaN(at) ? 0 : Math.max(0, (at - purchasedAt) / DAY)
    return [product, quantity * 2 ** (-days / HALF_LIFE_DAYS)] as const
  })
  return heardOf(new Map(values), () => false)
}
