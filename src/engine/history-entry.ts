/** What somebody bought of one product. */
export interface HistoryEntry {
  readonly product: number
  /** How often it was bought, r > 0. */
  readonly quantity: number
  /** Milliseconds since 1970, UTC, of the latest purchase; null when unknown. */
  readonly purchasedAt: number | null
}
