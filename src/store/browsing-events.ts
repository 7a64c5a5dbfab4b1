import { type Browsing, INTEREST_KINDS } from '../data/browsing.ts'
import type { NewEvent } from './event.ts'
import { importKey } from './purchase-events.ts'

/**
 * The views and cart entries of a data set as events, in its order. As with purchases, their keys depend on nothing but
 * what they say: what is in the store already is a duplicate.
 */
export function* browsingEvents(browsing: Browsing): Generator<NewEvent, void> {
  const { count, kind, person, isVisitor, customers, visitors, product, products, timestamp } = browsing
  const seen = new Map<string, number>()
  for (let i = 0; i < count; i++) {
    const who = isVisitor[i] ? { visitor: visitors.at(person[i]) } : { customer: customers.at(person[i]) }
    const event = { product: products.at(product[i]), kind: INTEREST_KINDS[kind[i]], at: timestamp[i] }
    const key = importKey(
      'browsing',
      isVisitor[i],
      who.visitor ?? who.customer!,
      event.kind,
      event.at,
      event.product,
    )
    const same = seen.get(key) ?? 0
    seen.set(key, same + 1)
    yield { ...who, ...event, idempotencyKey: same === 0 ? key : importKey(key, same), place: i }
  }
}
