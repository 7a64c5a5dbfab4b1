import type { CustomerSide } from '../model/model.ts'
import type { Visitor } from '../store/event-store.ts'

/** A customer: an index of the model, or the shop's own id of one who is only in the store. */
export type CustomerKey = number | string

/** The person a list is for: a customer, or a visitor who is not a known customer. */
export type HistoryKey = CustomerKey | Visitor

/** The shop's own id of a customer. @throws {RangeError} when the model has no such customer */
export function customerIdOf({ customers }: Pick<CustomerSide, 'customers'>, customer: CustomerKey): string {
  return typeof customer === 'string' ? customer : customers.at(customer)
}

/** The segment of a customer; null without a purchase, and for a customer whom the model does not hold. */
export function segmentOf(
  { segments }: Pick<CustomerSide, 'segments'>,
  customer: CustomerKey | undefined,
): string | null {
  return typeof customer === 'number' ? (segments.labels[segments.codes[customer]] ?? null) : null
}
