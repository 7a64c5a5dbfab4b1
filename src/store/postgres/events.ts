/**
 * The log of events in PostgreSQL. Whatever writes to it first raises the time in `log`, whose row stays locked until the
 * transaction is committed: writes come one after another, so that "received until then" misses none that is committed
 * late, and a visitor who is being identified has no event recorded meanwhile.
 */
import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import {
  checkEvents,
  type HistoryEvent,
  type InterestEvent,
  type NewEvent,
  quantityOf,
  valueOf,
} from '../event.ts'
import type {
  CustomerExport,
  CustomerPast,
  EventStore,
  Recorded,
  Visitor,
  Watermark,
} from '../event-store.ts'
import type { StoredPurchase } from '../imported-history.ts'
import { record } from '../audit-log.ts'
import {
  checkIdentity,
  countOf,
  customerEntry,
  NOT_GIVEN_OUT,
  exportOf,
  GroupedAppends,
  newEventId,
  positionIn,
  watermarkOf,
} from '../event-log.ts'
import { orStoreError } from '../store-error.ts'
import type { PostgresDatabase } from './database.ts'

/** Events of one statement: some MB. */
const EVENTS = 5000

/** The most events of a visitor that are looked at: without an index of histories, which only customers have. */
const VISITOR_EVENTS = 5000

/** What histories are made of, and what people look at: word for word the conditions of the indexes. */
const HISTORY = sql`is_visitor = 0 AND kind IN ('PURCHASE', 'RETURN', 'NOT_INTERESTED')`
const INTEREST = sql`kind IN ('VIEW', 'CART')`

/** The columns of events that are given as they are, with their types, and the values of an event. */
const GIVEN: Readonly<Record<string, readonly [type: string, valueOf: (event: NewEvent) => unknown]>> = {
  is_visitor: ['bigint', ({ customer }) => Number(customer == null)],
  customer: ['text', ({ customer, visitor }) => customer ?? visitor],
  at: ['bigint', ({ at }) => at],
  product: ['text', ({ product }) => product],
  kind: ['text', ({ kind }) => kind],
  quantity: ['double precision', quantityOf],
  price: ['double precision', ({ price }) => price ?? null],
  value: ['double precision', valueOf],
  order_id: ['text', ({ orderId }) => orderId ?? null],
  list_id: ['text', ({ listId }) => listId ?? null],
  placement: ['text', ({ placement }) => placement ?? null],
  seller: ['text', ({ seller }) => seller ?? null],
  review_score: ['double precision', ({ reviewScore }) => reviewScore ?? null],
  delivery_delay: ['double precision', ({ deliveryDelayDays }) => deliveryDelayDays ?? null],
  place: ['bigint', ({ place }) => place ?? null],
}

type HistoryRow = Omit<HistoryEvent, 'orderId'> & { readonly order_id: string | null }

export class PostgresEvents implements EventStore {
  readonly #database: PostgresDatabase
  readonly #closePart: () => Promise<void>
  readonly #now: () => number
  readonly #appends = new GroupedAppends((calls) =>
    this.#write((queries) => this.#insert(queries, calls), 'Nothing was recorded'),
  )

  /** @param closePart  ends what the log was given of the store */
  constructor(database: PostgresDatabase, closePart: () => Promise<void>, now: () => number) {
    this.#database = database
    this.#closePart = closePart
    this.#now = now
  }

  async append(events: readonly NewEvent[]): Promise<Recorded> {
    checkEvents(events, this.#now())
    return this.#appends.add(events)
  }

  async histories(
    customers: readonly (string | Visitor)[],
    limit: number,
    since = -1,
  ): Promise<readonly (readonly HistoryEvent[])[]> {
    const columns = sql`id, product, kind, at, quantity, value, order_id`
    const rows = await this.#ofEach<HistoryRow>(
      customers,
      sql`
        SELECT ${columns} FROM events
        WHERE customer = asked.person AND ${HISTORY} AND (received_at > ${since} OR kind = 'NOT_INTERESTED')
        ORDER BY at DESC, id DESC LIMIT ${limit}`,
      sql`
        SELECT ${columns} FROM (
          SELECT * FROM events WHERE is_visitor = 1 AND customer = asked.person
          ORDER BY at DESC, id DESC LIMIT ${sql.lit(VISITOR_EVENTS)}
        ) AS latest
        WHERE kind IN ('PURCHASE', 'RETURN', 'NOT_INTERESTED') ORDER BY at DESC, id DESC LIMIT ${limit}`,
    )
    return rows.map((found) =>
      found.map(({ id, product, kind, at, quantity, value, order_id: orderId }) => ({
        id,
        product,
        kind,
        at,
        quantity,
        value,
        orderId,
      })),
    )
  }

  async interests(
    customers: readonly (string | Visitor)[],
    limit: number,
  ): Promise<readonly (readonly InterestEvent[])[]> {
    const latest = (isVisitor: number) => sql`
      SELECT product, kind, at, id FROM events
      WHERE is_visitor = ${sql.lit(isVisitor)} AND customer = asked.person AND ${INTEREST}
      ORDER BY at DESC, id DESC LIMIT ${limit}`
    const rows = await this.#ofEach<InterestEvent>(customers, latest(0), latest(1))
    return rows.map((found) => found.map(({ product, kind, at }) => ({ product, kind, at })))
  }

  async pasts(
    customers: readonly string[],
    limit: number,
    receivedThrough: number,
  ): Promise<readonly CustomerPast[]> {
    const latest = sql`
      SELECT customer, at, id, product, kind, quantity, price, order_id AS "orderId", seller,
        review_score AS "reviewScore", delivery_delay AS "deliveryDelayDays", place
      FROM events
      WHERE customer = asked.person AND ${HISTORY} AND kind <> 'NOT_INTERESTED' AND received_at <= ${receivedThrough}
      ORDER BY at DESC, id DESC LIMIT ${limit}`
    const rows = await this.#ofEach<StoredPurchase>(customers, latest, latest)
    const imported = await this.#read((queries) =>
      queries
        .selectFrom('customers')
        .select(['customer', 'segment'])
        .where('customer', 'in', [...customers, ''])
        .execute(),
    )
    const segmentOf = new Map(imported.map(({ customer, segment }) => [customer, segment]))
    return customers.map((customer, i) => ({
      purchases: rows[i].toReversed(),
      segment: segmentOf.get(customer) ?? null,
    }))
  }

  async customersFrom(beginning: string, limit: number): Promise<readonly string[]> {
    if (limit <= 0) return []
    const rows = await this.#read(async (queries) => {
      const found = await sql<{ customer: string }>`
        WITH RECURSIVE found (customer, n) AS (
          SELECT ${firstCustomer(sql`>= ${beginning}`)}, 1
          UNION ALL
          SELECT ${firstCustomer(sql`> found.customer`)}, found.n + 1 FROM found
          WHERE starts_with(found.customer, ${beginning}) AND found.n < ${limit}
        )
        SELECT customer FROM found WHERE starts_with(customer, ${beginning}) ORDER BY n`.execute(queries)
      return found.rows
    })
    return rows.map(({ customer }) => customer)
  }

  watermark(): Promise<Watermark | null> {
    return this.#read(watermarkOf)
  }

  async historyVersions(customers: readonly string[], limit: number): Promise<readonly string[]> {
    // Sums over what is read of a customer: events are never changed, so that they change with which there are.
    const sums = (condition: typeof HISTORY) => sql`
      SELECT count(*) || ' ' || coalesce(sum(received_at), 0) || ' ' || coalesce(sum(at), 0) AS version, count(*) AS size
      FROM (
        SELECT received_at, at FROM events WHERE customer = asked.person AND ${condition}
        ORDER BY at DESC, id DESC LIMIT ${limit}
      ) AS latest`
    const rows = await this.#read(async (queries) => {
      const found = await sql<{ size: number; version: string }>`
        SELECT history.size + interest.size AS size, history.version || ', ' || interest.version AS version
        FROM unnest(${[...customers]}::text[]) WITH ORDINALITY AS asked (person, n)
        CROSS JOIN LATERAL (${sums(HISTORY)}) AS history
        CROSS JOIN LATERAL (${sums(sql`is_visitor = 0 AND ${INTEREST}`)}) AS interest
        ORDER BY asked.n`.execute(queries)
      return found.rows
    })
    return rows.map(({ size, version }) => (size === 0 ? '' : version))
  }

  countSince(customer: string, since: number, most: number): Promise<number> {
    return this.#read((queries) => countOf(queries, customer, since, most))
  }

  version(): Promise<string> {
    return orStoreError(() => this.#database.version(), `The events in ${this.#database.name} cannot be read`)
  }

  async known(customers: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.#read(async (queries) => {
      const found = await sql<{ person: string }>`
        SELECT person FROM unnest(${[...customers]}::text[]) AS asked (person)
        WHERE EXISTS (SELECT 1 FROM events WHERE is_visitor = 0 AND customer = asked.person)
          OR EXISTS (SELECT 1 FROM customers WHERE customer = asked.person)`.execute(queries)
      return found.rows
    })
    return new Set(rows.map(({ person }) => person))
  }

  async identify(visitor: string, customer: string): Promise<number> {
    checkIdentity(visitor, customer)
    return this.#write(async (queries) => {
      // Recorded anew: a model that was trained before holds them under no customer.
      const receivedAt = await this.#receive(queries)
      const identity = { customer, identified_at: this.#now() }
      await queries
        .insertInto('visitors')
        .values({ visitor, ...identity })
        .onConflict((conflict) => conflict.column('visitor').doUpdateSet(identity))
        .execute()
      const { numUpdatedRows } = await queries
        .updateTable('events')
        .set({ is_visitor: 0, customer, received_at: receivedAt })
        .where('is_visitor', '=', 1)
        .where('customer', '=', visitor)
        .executeTakeFirstOrThrow()
      return Number(numUpdatedRows)
    }, 'The visitor was not identified')
  }

  async erase(customer: string, by?: string): Promise<number> {
    return this.#write(async (queries) => {
      await this.#receive(queries)
      await queries.deleteFrom('visitors').where('customer', '=', customer).execute()
      await queries.deleteFrom('customers').where('customer', '=', customer).execute()
      const { numDeletedRows } = await queries
        .deleteFrom('events')
        .where('is_visitor', '=', 0)
        .where('customer', '=', customer)
        .executeTakeFirstOrThrow()
      const erased = Number(numDeletedRows)
      if (by !== undefined) await record(queries, this.#now(), customerEntry(by, 'erase', erased))
      return erased
    }, 'The customer was not erased')
  }

  async removeBefore(before: number): Promise<number> {
    return this.#write(async (queries) => {
      // It reads all events. Nothing else waits for it.
      await sql`SET LOCAL statement_timeout = 0`.execute(queries)
      const { numDeletedRows } = await queries
        .deleteFrom('events')
        .where('at', '<', before)
        .executeTakeFirstOrThrow()
      return Number(numDeletedRows)
    }, 'Old events were not removed')
  }

  async scrub(): Promise<void> {
    await orStoreError(
      () => this.#database.alone(['events', 'visitors', 'customers'].map((table) => `VACUUM FULL ${table}`)),
      'What was removed may still be found in the files of the database',
    )
  }

  async exportOf(
    customer: string,
    limit: number,
    after: string | null = null,
    by?: string,
  ): Promise<CustomerExport> {
    const position = positionIn(after)
    const page = await this.#read((queries) => exportOf(queries, customer, limit, position))
    if (by !== undefined) {
      const entry = customerEntry(by, 'export', page.events.length)
      await this.#write((queries) => record(queries, this.#now(), entry), NOT_GIVEN_OUT)
    }
    return page
  }

  async close(): Promise<void> {
    await this.#appends.ended
    await this.#closePart()
  }

  /** Runs a statement for each customer, and another for each visitor, of the person `asked.person`: all at once. */
  async #ofEach<Row>(
    people: readonly (string | Visitor)[],
    ofCustomer: ReturnType<typeof sql>,
    ofVisitor: ReturnType<typeof sql>,
  ): Promise<Row[][]> {
    const found: Row[][] = people.map(() => [])
    const asked = people.map((person, n) => ({
      n,
      isVisitor: typeof person !== 'string',
      person: typeof person === 'string' ? person : person.visitor,
    }))
    for (const [isVisitor, statement] of [
      [false, ofCustomer],
      [true, ofVisitor],
    ] as const) {
      const some = asked.filter((one) => one.isVisitor === isVisitor)
      if (some.length === 0) continue
      const names = some.map(({ person }) => person)
      const numbers = some.map(({ n }) => n)
      const rows = await this.#read(async (queries) => {
        const query = sql<Row & { readonly n: number }>`
          SELECT asked.n, found.* FROM unnest(${names}::text[], ${numbers}::int[]) AS asked (person, n)
          CROSS JOIN LATERAL (${statement}) AS found ORDER BY asked.n, found.at DESC, found.id DESC`
        return (await query.execute(queries)).rows
      })
      for (const { n, ...row } of rows) found[n].push(row as Row)
    }
    return found
  }

  /** Within a transaction. */
  async #insert(queries: Queries, calls: readonly (readonly NewEvent[])[]): Promise<readonly Recorded[]> {
    const receivedAt = await this.#receive(queries)
    const events = calls.flat()
    const ids = events.map(({ idempotencyKey }) => idempotencyKey ?? newEventId(receivedAt))
    const accepted = new Set<string>()
    for (let begin = 0; begin < events.length; begin += EVENTS) {
      const some = events.slice(begin, begin + EVENTS)
      for (const id of await insert(queries, some, ids.slice(begin, begin + EVENTS), receivedAt))
        accepted.add(id)
    }
    let place = 0
    return calls.map((call) => {
      // Of several with one id the first was accepted.
      const isNew = call.filter(() => accepted.delete(ids[place++]))
      return { accepted: isNew.length, duplicates: call.length - isNew.length }
    })
  }

  /** The time at which this transaction's events are recorded: later than that of any before, whatever the clock says. */
  async #receive(queries: Queries): Promise<number> {
    const { rows } = await sql<{ received: number }>`
      UPDATE log SET received = greatest(received + 1, ${this.#now()}) RETURNING received`.execute(queries)
    return rows[0].received
  }

  #read<Result>(query: (queries: Queries) => Promise<Result>): Promise<Result> {
    return orStoreError(
      () => this.#database.read(query),
      `The events in ${this.#database.name} cannot be read`,
    )
  }

  /** One transaction. */
  #write<Result>(work: (queries: Queries) => Promise<Result>, otherwise: string): Promise<Result> {
    return orStoreError(
      () => this.#database.transaction(work),
      `${otherwise}: ${this.#database.name} cannot be written`,
    )
  }
}

/** The first customer from an id on, or after it. Each side is one look at an index. */
function firstCustomer(bound: ReturnType<typeof sql>) {
  return sql`
    (SELECT min(customer) FROM (
      (SELECT customer FROM events WHERE is_visitor = 0 AND customer ${bound} ORDER BY customer LIMIT 1)
      UNION ALL
      (SELECT customer FROM customers WHERE customer ${bound} ORDER BY customer LIMIT 1)
    ) AS either)`
}

/** @returns the ids of those that are new; of events with the same id the first is recorded */
async function insert(
  queries: Queries,
  events: readonly NewEvent[],
  ids: readonly string[],
  receivedAt: number,
): Promise<readonly string[]> {
  const columns = Object.keys(GIVEN)
  const arrays = Object.values(GIVEN).map(
    ([type, valueIn]) => sql`${events.map(valueIn)}::${sql.raw(type)}[]`,
  )
  const others = columns.filter((column) => column !== 'is_visitor' && column !== 'customer')
  // A visitor who is known as a customer by now is recorded as that one.
  const { rows } = await sql<{ id: string }>`
    INSERT INTO events (id, received_at, is_visitor, customer, ${refs(others)})
    SELECT given.id, ${receivedAt}, CASE WHEN visitors.visitor IS NULL THEN given.is_visitor ELSE 0 END,
      coalesce(visitors.customer, given.customer), ${refs(others, 'given')}
    FROM unnest(${[...ids]}::text[], ${sql.join(arrays)}) WITH ORDINALITY AS given (id, ${refs(columns)}, n)
    LEFT JOIN visitors ON given.is_visitor = 1 AND visitors.visitor = given.customer
    ORDER BY given.n
    ON CONFLICT (id) DO NOTHING RETURNING id`.execute(queries)
  return rows.map(({ id }) => id)
}

/** Columns in a statement. */
function refs(names: readonly string[], table?: string) {
  return sql.join(names.map((name) => sql.ref(table === undefined ? name : `${table}.${name}`)))
}
