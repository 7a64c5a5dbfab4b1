import { Column } from './column.ts'
import { DataError, quoted } from './data-error.ts'
import { isBlank } from './fields.ts'
import type { IdTable } from './ids.ts'
import { IdTableBuilder } from './ids.ts'
import type { Reading } from './reading.ts'
import type { Table, TableSchema } from './table.ts'

/** What people do with products without buying them, in the order of the codes of `Browsing.kind`. */
export const INTEREST_KINDS = ['VIEW', 'CART'] as const

/** What somebody did with a product without buying it. */
export type InterestKind = (typeof INTEREST_KINDS)[number]

/**
 * Views and cart entries in the order of the file, one entry an event; parallel columns. They have tables of ids of their
 * own: who looks at something may be no customer, and what is looked at may never have been sold.
 */
export interface Browsing {
  readonly count: number
  /** The place of the kind in `INTEREST_KINDS`. */
  readonly kind: Uint8Array
  /** Index into `customers` or, where `isVisitor` is 1, into `visitors`. */
  readonly person: Uint32Array
  readonly isVisitor: Uint8Array
  readonly customers: IdTable
  readonly visitors: IdTable
  /** Index into `products`. */
  readonly product: Uint32Array
  readonly products: IdTable
  /** In ms since 1970 UTC. */
  readonly timestamp: Float64Array
  /** Index into `sessions`. Absent if the file has no sessions: they are told by pauses. */
  readonly session?: Uint32Array
  readonly sessions?: IdTable
}

/** The optional file of views, cart entries and returns that a shop may add to its other files. */
export const BROWSING = {
  file: 'events.csv',
  required: ['product_id', 'kind', 'timestamp'],
  optional: ['customer_id', 'visitor_id', 'session_id', 'quantity'],
  mayBeMissing: true,
} as const satisfies TableSchema

type BrowsingTable = Table<(typeof BROWSING)['required'][number] | (typeof BROWSING)['optional'][number]>

/** Units of a product that a customer gave back. */
export interface RecordedReturn {
  readonly customer: string
  readonly product: string
  /** Above 0. */
  readonly units: number
  /** In ms since 1970 UTC. */
  readonly at: number
}

/** What events.csv holds. */
export interface FileEvents {
  readonly browsing: Browsing
  readonly returns: readonly RecordedReturn[]
}

/** What a row of events.csv may be. */
const ROW_KINDS = [...INTEREST_KINDS, 'RETURN'] as const

/**
 * Reads events.csv.
 * @throws {DataError} as `Reading.rows`, and for a row without a time, of no kind, not of one person, or a return by a
 * visitor
 */
export async function readEvents(reading: Reading, table: BrowsingTable): Promise<FileEvents> {
  const customers = new IdTableBuilder()
  const visitors = new IdTableBuilder()
  const products = new IdTableBuilder()
  const sessions = new IdTableBuilder()
  const kind = new Column(Uint8Array)
  const person = new Column(Uint32Array)
  const isVisitor = new Column(Uint8Array)
  const product = new Column(Uint32Array)
  const timestamp = new Column(Float64Array)
  const session = new Column(Uint32Array)
  const returns: RecordedReturn[] = []
  const hasSessions = table.positions.has('session_id')
  if (!table.positions.has('customer_id') && !table.positions.has('visitor_id')) {
    throw new DataError('lacks a column customer_id or visitor_id', { file: table.path, line: 1 })
  }
  await reading.rows(table, (row) => {
    const kindName = ROW_KINDS.find((name) => name === row.text('kind'))
    if (kindName === undefined) throw row.bad('kind', `is no kind of event: write ${ROW_KINDS.join(' or ')}`)
    const [customer, visitor] = [row.text('customer_id'), row.text('visitor_id')]
    if (isBlank(customer) === isBlank(visitor)) {
      throw row.badAt(
        table.positions.get(isBlank(visitor) ? 'customer_id' : 'visitor_id'),
        isBlank(visitor)
          ? 'is blank, and so is visitor_id: every event needs one of the two'
          : `is given, and so is the customer ${quoted(customer)}: an event has one of the two`,
      )
    }
    const time = row.instant('timestamp')
    if (Number.isNaN(time)) throw row.bad('timestamp', 'is blank: every event needs a time')
    const item = row.id('product_id')
    if (kindName === 'RETURN') {
      if (isBlank(customer)) throw row.bad('visitor_id', 'is a visitor: only a customer can return something')
      const units = row.quantity('quantity')
      if (units < 0) throw row.bad('quantity', 'is below 0: of a return write how many units came back')
      returns.push({ customer, product: item, units: Number.isNaN(units) ? 1 : units, at: time })
      return
    }
    const sessionId = hasSessions ? row.id('session_id') : ''
    kind.push(INTEREST_KINDS.indexOf(kindName))
    person.push(isBlank(customer) ? visitors.add(visitor) : customers.add(customer))
    isVisitor.push(Number(isBlank(customer)))
    product.push(products.add(item))
    timestamp.push(time)
    if (hasSessions) session.push(sessions.add(sessionId))
  })
  const browsing = {
    count: kind.length,
    kind: kind.take(),
    person: person.take(),
    isVisitor: isVisitor.take(),
    customers: customers.build(),
    visitors: visitors.build(),
    product: product.take(),
    products: products.build(),
    timestamp: timestamp.take(),
    ...(hasSessions && { session: session.take(), sessions: sessions.build() }),
  }
  return { browsing, returns }
}

/** An event of a session. */
export interface SessionEvent {
  readonly kind: InterestKind
  /** Index into `Browsing.products`. */
  readonly product: number
  readonly at: number
}

/** What one person did in one visit. */
export interface Session {
  readonly customer: string | null
  readonly visitor: string | null
  /** By time; ties as in the file. */
  readonly events: readonly SessionEvent[]
}

/** Where sessions are not named, a pause of more than this ends one; in ms. */
const PAUSE = 30 * 60_000

/**
 * The sessions, by the time of their first event; ties as in the file.
 * @param most  so many of the latest events are read; the first session may have lost some
 */
export function sessionsOf(browsing: Browsing, most = Infinity): Session[] {
  const { count, kind, person, isVisitor, product, timestamp, session } = browsing
  const order = Uint32Array.from({ length: count }, (_, i) => i).sort(
    (a, b) => timestamp[a] - timestamp[b] || a - b,
  )
  /** The open session of each person, and session where these are named. */
  const open = new Map<string, { lastAt: number; events: SessionEvent[] }>()
  const found: Session[] = []
  for (const i of order.subarray(Math.max(0, count - most))) {
    const key = `${isVisitor[i]} ${person[i]} ${session?.[i] ?? ''}`
    const at = timestamp[i]
    let own = open.get(key)
    if (own === undefined || (session === undefined && at - own.lastAt > PAUSE)) {
      own = { lastAt: at, events: [] }
      open.set(key, own)
      found.push({
        customer: isVisitor[i] ? null : browsing.customers.at(person[i]),
        visitor: isVisitor[i] ? browsing.visitors.at(person[i]) : null,
        events: own.events,
      })
    }
    own.lastAt = at
    own.events.push({ kind: INTEREST_KINDS[kind[i]], product: product[i], at })
  }
  return found
}
