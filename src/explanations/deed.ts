import type { HistoryEntry } from '../engine/recommendation.ts'
import type { ListRequest } from '../engine/what-if.ts'

/** What the reader did with a product of the history: nothing more may be said of it. */
export type Deed = 'BOUGHT' | 'CHOSEN' | 'LOOKED_AT'

/**
 * A known customer's history was bought, and so was all that has a date. What a basket holds may not have been paid
 * for: it was chosen. What a product's page shows is only looked at.
 * @param list  that the history belongs to
 */
export function deedOf({ history, lookedAt }: ListRequest, { purchasedAt }: HistoryEntry): Deed {
  if (history === undefined || purchasedAt !== null) return 'BOUGHT'
  return lookedAt ? 'LOOKED_AT' : 'CHOSEN'
}
