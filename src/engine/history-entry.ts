/** What somebody bought of one product. */
export interface HistoryEntry {
  readonly product: number
  /** How many were bought, above 0. */
  readonly quantity: number
  /** Milliseconds since 1970, UTC, of the latest purchase; null when unknown. */
  readonly purchasedAt: number | null
  /** In how many orders, at least 1; left out: 1. */
  readonly orders?: number
  /** Of the first purchase, as `purchasedAt`; left out: the same as the latest. */
  readonly firstPurchasedAt?: number | null
}
