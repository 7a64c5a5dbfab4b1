/**
 * What a status says of an order: with one of these nothing was sold, whatever the order names. All others count, also
 * those that are not known here: an order that was paid, sent or is on its way is a purchase.
 */
const CANCELLED: ReadonlySet<string> = new Set([
  'canceled',
  'cancelled',
  'unavailable',
  'refunded',
  'returned',
  'failed',
  'void',
  'voided',
])

/** Whether an order of this status is no purchase; blank: it is one. */
export function isCancelled(status: string): boolean {
  return CANCELLED.has(status.trim().toLowerCase())
}
