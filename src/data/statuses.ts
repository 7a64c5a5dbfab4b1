/**
 * The statuses of orders with which nothing was sold. All other statuses count as purchases, unknown ones included:
 * an order that was paid, sent or is on its way is a purchase.
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

/** Whether an order of this status is not a purchase; a blank status is one. */
export function isCancelled(status: string): boolean {
  return CANCELLED.has(status.trim().toLowerCase())
}
