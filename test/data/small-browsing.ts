import type { Browsing, InterestKind } from '../../src/data/browsing.ts'
import { INTEREST_KINDS } from '../../src/data/browsing.ts'
import { IdTableBuilder } from '../../src/data/ids.ts'

const DAY = 86_400_000

export interface SmallEvent {
  /** A visitor where the name begins with "visitor". */
  readonly who: string
  readonly product: string
  /** Default: VIEW. */
  readonly kind?: InterestKind
  /** Days since 1970. */
  readonly day: number
  readonly session: string
}

/** Views and cart entries put together by hand. */
export function smallBrowsing(events: readonly SmallEvent[]): Browsing {
  const customers = new IdTableBuilder()
  const visitors = new IdTableBuilder()
  const products = new IdTableBuilder()
  const sessions = new IdTableBuilder()
  const isVisitor = ({ who }: SmallEvent) => who.startsWith('visitor')
  return {
    count: events.length,
    kind: Uint8Array.from(events, ({ kind = 'VIEW' }) => INTEREST_KINDS.indexOf(kind)),
    person: Uint32Array.from(events, (event) => (isVisitor(event) ? visitors : customers).add(event.who)),
    isVisitor: Uint8Array.from(events, (event) => Number(isVisitor(event))),
    customers: customers.build(),
    visitors: visitors.build(),
    product: Uint32Array.from(events, ({ product }) => products.add(product)),
    products: products.build(),
    timestamp: Float64Array.from(events, ({ day }) => day * DAY),
    session: Uint32Array.from(events, ({ session }) => sessions.add(session)),
    sessions: sessions.build(),
  }
}
