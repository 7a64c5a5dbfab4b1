/** Views and cart entries on their way into a store, and out of it. */
import { type Browsing, INTEREST_KINDS, type InterestKind } from '../data/browsing.ts'
import { IdTableBuilder } from '../data/ids.ts'
import type { NewEvent } from './event.ts'
import { importKey } from './purchase-events.ts'

/** A view or a cart entry of the store. */
export interface StoredInterest {
  readonly isVisitor: 0 | 1
  /** The id of the customer or visitor. */
  readonly customer: string
  readonly at: number
  readonly id: string
  readonly product: string
  readonly kind: InterestKind
  /** Its place in the file that it was imported from; null: it was recorded. */
  readonly place: number | null
}

/**
 * Views and cart entries of a store as the reader of files gives them: in the order of the file that they were imported
 * from, what was recorded after it by time. A store keeps no sessions: they are told by pauses.
 */
export function storedBrowsing(events: readonly StoredInterest[]): Browsing | undefined {
  if (events.length === 0) return undefined
  const sorted = events.toSorted(
    (a, b) => placeOf(a) - placeOf(b) || a.at - b.at || (a.id < b.id ? -1 : Number(a.id > b.id)),
  )
  const [customers, visitors, products] = [new IdTableBuilder(), new IdTableBuilder(), new IdTableBuilder()]
  return {
    count: sorted.length,
    kind: Uint8Array.from(sorted, ({ kind }) => INTEREST_KINDS.indexOf(kind)),
    person: Uint32Array.from(sorted, ({ isVisitor, customer }) =>
      (isVisitor ? visitors : customers).add(customer),
    ),
    isVisitor: Uint8Array.from(sorted, ({ isVisitor }) => isVisitor),
    product: Uint32Array.from(sorted, ({ product }) => products.add(product)),
    timestamp: Float64Array.from(sorted, ({ at }) => at),
    customers: customers.build(),
    visitors: visitors.build(),
    products: products.build(),
  }
}

const placeOf = ({ place }: StoredInterest) => place ?? Number.MAX_SAFE_INTEGER

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
