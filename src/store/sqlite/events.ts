/** The log of events in a store's SQLite file. */
import { type Compilable, Kysely, sql } from 'kysely'
import type { SQLInputValue } from 'node:sqlite'
import { setImmediate as turn } from 'node:timers/promises'
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
import { auditStatements } from '../audit-log.ts'
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
import { reason, StoreError } from '../store-error.ts'
import type { StoredPurchase } from '../imported-history.ts'
import type { EventRow, Tables } from '../tables.ts'
import type { SqliteDatabase } from './database.ts'
import { DatabaseFile } from './database-file.ts'
import { sqliteDialect } from './dialect.ts'
import { whenFree } from './when-free.ts'

/** Rows that one statement moves, removes or reads before others have their turn. */
const SLICE = 1000
const ROWS_READ = 5000

/** Customers that are looked up one after the other before others have their turn. */
const CUSTOMERS_READ = 100

/**
 * How much of the file is kept in memory at most, in KiB: keys of events lie anywhere in it. With SQLite's usual 2 MiB an
 * import takes twice as long.
 */
const CACHE = 32 * 1024

/** The statements run at once, on a connection of their own: this is the part that is written to and read most. */
export class SqliteEvents implements EventStore {
  readonly #file: DatabaseFile
  readonly #closePart: () => Promise<void>
  readonly #now: () => number
  readonly #statements: ReturnType<typeof compiled>
  readonly #reader: Queries
  readonly #appends = new GroupedAppends((calls) =>
    this.#write(() => calls.map((events) => this.#insert(events)), 'Nothing was recorded'),
  )
  /** How many transactions this has written. */
  #written = 0
  /** The opening of the file that was configured. */
  #configured = 0

  /** @param closePart  ends what the log was given of the store */
  constructor({ name }: SqliteDatabase, closePart: () => Promise<void>, now: () => number) {
    this.#file = new DatabaseFile(name)
    this.#closePart = closePart
    this.#now = now
    this.#reader = new Kysely<Tables>({ dialect: sqliteDialect(this.#file, 'READ') })
    this.#statements = compiled(this.#reader)
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
    // No model holds what visitors did.
    const found = await this.#readEach<HistoryRow>(customers, (customer) =>
      typeof customer === 'string'
        ? [this.#statements.history, customer, since, limit]
        : [this.#statements.visitorHistory, customer.visitor, limit],
    )
    return found.map((rows) =>
      rows.map(({ order_id: orderId, ...event }) => Object.assign(event, { orderId })),
    )
  }

  async interests(
    customers: readonly (string | Visitor)[],
    limit: number,
  ): Promise<readonly (readonly InterestEvent[])[]> {
    return this.#readEach<InterestEvent>(customers, (customer) =>
      typeof customer === 'string'
        ? [this.#statements.interest, 0, customer, limit]
        : [this.#statements.interest, 1, customer.visitor, limit],
    )
  }

  /** Runs a statement for each customer or visitor, with pauses for others. */
  async #readEach<Row>(
    customers: readonly (string | Visitor)[],
    query: (customer: string | Visitor) => readonly [statement: string, ...values: SQLInputValue[]],
  ): Promise<(readonly Row[])[]> {
    const found: Row[][] = []
    let rowsRead = 0
    for (const customer of customers) {
      const rows = await this.#read(async () => {
        const [statement, ...values] = query(customer)
        return (this.#file.toRead(statement)?.all(...values) ?? []) as unknown as Row[]
      })
      found.push(rows)
      rowsRead += rows.length
      if (rowsRead < ROWS_READ) continue
      rowsRead = 0
      await turn()
    }
    return found
  }

  async pasts(
    customers: readonly string[],
    limit: number,
    receivedThrough: number,
  ): Promise<readonly CustomerPast[]> {
    const segments = await this.#readEach<{ segment: string | null }>(customers, (customer) => [
      this.#statements.segment,
      String(customer),
    ])
    const found: CustomerPast[] = []
    for (const [i, customer] of customers.entries()) {
      const purchases: StoredPurchase[] = []
      for (
        let before: readonly [number, string] = [Number.MAX_SAFE_INTEGER, ''];
        purchases.length < limit;
      ) {
        const most = Math.min(ROWS_READ, limit - purchases.length)
        const [page] = await this.#readEach<StoredPurchase>([customer], () => [
          this.#statements.past,
          customer,
          receivedThrough,
          ...before,
          most,
        ])
        purchases.push(...page)
        const last = page.at(-1)
        if (last === undefined || page.length < most) break
        before = [last.at, last.id]
      }
      found.push({ purchases: purchases.toReversed(), segment: segments[i][0]?.segment ?? null })
    }
    return found
  }

  async customersFrom(beginning: string, limit: number): Promise<readonly string[]> {
    const found: string[] = []
    let statement = this.#statements.customerFrom
    for (let from = beginning; found.length < limit; ) {
      const next = await this.#read(
        async () => this.#file.toRead(statement)?.get(from, from)?.['customer'] as string | null | undefined,
      )
      if (next == null || !next.startsWith(beginning)) break
      found.push(next)
      from = next
      statement = this.#statements.customerAfter
      if (found.length % CUSTOMERS_READ === 0) await turn()
    }
    return found
  }

  async watermark(): Promise<Watermark | null> {
    return this.#read(() => watermarkOf(this.#reader))
  }

  async historyVersions(customers: readonly string[], limit: number): Promise<readonly string[]> {
    const found: string[] = []
    let rowsRead = 0
    for (const customer of customers) {
      const { historyVersion, interestVersion } = this.#statements
      const rows = await this.#read(async () => [
        this.#file.toRead(historyVersion)?.get(customer, limit),
        this.#file.toRead(interestVersion)?.get(customer, limit),
      ])
      const size = rows.reduce((sum, row) => sum + Number(row?.['size'] ?? 0), 0)
      found.push(size === 0 ? '' : rows.map((row) => String(row?.['version'])).join(', '))
      // To look a customer up takes as long as to read some rows.
      rowsRead += size + 50
      if (rowsRead < ROWS_READ) continue
      rowsRead = 0
      await turn()
    }
    return found
  }

  async countSince(customer: string, since: number, most: number): Promise<number> {
    return this.#read(() => countOf(this.#reader, customer, since, most))
  }

  async version(): Promise<string> {
    return this.#read(async () => this.#file.version(this.#written))
  }

  async known(customers: readonly string[]): Promise<ReadonlySet<string>> {
    const { rows } = await this.#read(() => knownQuery(JSON.stringify(customers)).execute(this.#reader))
    return new Set(rows.map(({ customer }) => customer))
  }

  async identify(visitor: string, customer: string): Promise<number> {
    checkIdentity(visitor, customer)
    // From the first transaction on, no event of the visitor is recorded under the visitor's own name.
    return this.#inSlices(() => {
      this.#run(this.#statements.identify, visitor, customer, this.#now())
      // Recorded anew: a model that was trained before holds them under no customer.
      return this.#run(this.#statements.move, customer, this.#receive(), visitor)
    }, 'The visitor was not identified, or only in part')
  }

  async erase(customer: string, by?: string): Promise<number> {
    return this.#inSlices(
      () => {
        this.#run(this.#statements.forgetVisitors, customer)
        this.#run(this.#statements.forgetCustomer, customer)
        return this.#run(this.#statements.erase, customer)
      },
      'The customer was not erased, or only in part',
      (erased) => this.#record(by, 'erase', erased),
    )
  }

  async removeBefore(before: number): Promise<number> {
    let removed = 0
    let last: readonly SQLInputValue[] = [-1, '', 0, '']
    for (;;) {
      const rows = await this.#read(async () => {
        const statement = this.#file.toRead(this.#statements.rowsAfter)
        return (statement?.all(...last, ROWS_READ) ?? []) as unknown as RowKey[]
      })
      if (rows.length === 0) return removed
      const end = keyIn(rows[rows.length - 1])
      if (rows.some(({ at }) => at < before)) {
        removed += await this.#write(
          () => this.#run(this.#statements.removeBetween, ...last, ...end, before),
          'Old events were not removed, or only in part',
        )
      }
      last = end
      await turn()
    }
  }

  async scrub(): Promise<void> {
    // Deleted rows are overwritten, but copies of them stay in the gaps of pages between which rows were moved.
    const otherwise = 'What was removed may still be found in the file'
    await this.#unlessBusy(() => this.#file.toWrite('VACUUM').run(), otherwise)
    // The log holds former pages until it is emptied.
    this.#file.emptyLog()
  }

  async exportOf(
    customer: string,
    limit: number,
    after: string | null = null,
    by?: string,
  ): Promise<CustomerExport> {
    const position = positionIn(after)
    const page = await this.#read(() => exportOf(this.#reader, customer, limit, position))
    if (by !== undefined)
      await this.#write(() => this.#record(by, 'export', page.events.length), NOT_GIVEN_OUT)
    return page
  }

  async close(): Promise<void> {
    await this.#appends.ended
    this.#file.close()
    await this.#closePart()
  }

  /** Within a transaction. */
  #insert(events: readonly NewEvent[]): Recorded {
    const receivedAt = this.#receive()
    const { insert, customerOf } = this.#statements
    let accepted = 0
    for (const event of events) {
      const { customer: named, visitor, product, kind, at, price, orderId, listId, placement } = event
      const identified =
        visitor == null ? undefined : this.#file.toWrite(customerOf).get(visitor)?.['customer']
      const customer = String(named ?? identified ?? visitor)
      accepted += this.#run(
        insert,
        Number(named == null && identified === undefined),
        customer,
        at,
        event.idempotencyKey ?? newEventId(receivedAt),
        product,
        kind,
        receivedAt,
        quantityOf(event),
        price ?? null,
        valueOf(event),
        orderId ?? null,
        listId ?? null,
        placement ?? null,
        event.seller ?? null,
        event.reviewScore ?? null,
        event.deliveryDelayDays ?? null,
        event.place ?? null,
      )
    }
    return { accepted, duplicates: events.length - accepted }
  }

  /** The time at which this transaction's events are recorded: later than that of any before, whatever the clock says. */
  #receive(): number {
    return Number(this.#file.toWrite(this.#statements.receive).get(this.#now())!['received'])
  }

  /** @returns the number of rows that were changed */
  #run(statement: string, ...values: SQLInputValue[]): number {
    return Number(this.#file.toWrite(statement).run(...values).changes)
  }

  /** Enters into the audit log what was done with events of a customer, within a transaction. */
  #record(by: string | undefined, action: 'erase' | 'export', events: number): void {
    if (by === undefined) return
    for (const statement of auditStatements(this.#reader, this.#now(), customerEntry(by, action, events))) {
      const { sql: text, parameters } = statement.compile()
      this.#run(text, ...(parameters as SQLInputValue[]))
    }
  }

  /**
   * Repeats a transaction that changes at most SLICE rows until there are none left.
   * @param atEnd  is part of the last transaction
   * @returns how many rows were changed
   */
  async #inSlices(
    work: () => number,
    otherwise: string,
    atEnd: (total: number) => void = () => {},
  ): Promise<number> {
    for (let total = 0; ; ) {
      const former = total
      const changed = await this.#write(() => {
        const rows = work()
        if (rows < SLICE) atEnd(former + rows)
        return rows
      }, otherwise)
      total += changed
      if (changed < SLICE) return total
      await turn()
    }
  }

  /** One transaction. @throws {StoreError} */
  #write<Result>(work: () => Result, otherwise: string): Promise<Result> {
    return this.#unlessBusy(() => {
      const result = this.#file.atOnce(work)
      this.#written++
      return result
    }, otherwise)
  }

  /**
   * Tries again while another process is writing; meanwhile this thread does other things.
   * @param otherwise  what it means if it fails
   * @throws {StoreError}
   */
  async #unlessBusy<Result>(work: () => Result, otherwise: string): Promise<Result> {
    try {
      return await whenFree(() => {
        let result: Result
        this.#configure()
        this.#file.unlessBusy(() => (result = work()))
        return result!
      })
    } catch (cause) {
      throw this.#failure(otherwise, cause)
    }
  }

  /** Says how to write, again where another file has taken the place of the former. */
  #configure(): void {
    this.#file.open()
    if (this.#file.openings === this.#configured) return
    // Deleted rows are overwritten with zeros.
    this.#file.toWrite('PRAGMA secure_delete = ON').get()
    this.#file.toWrite(`PRAGMA cache_size = -${CACHE}`).get()
    this.#configured = this.#file.openings
  }

  #failure(otherwise: string, cause: unknown): StoreError {
    return new StoreError(`${otherwise}: ${this.#file.file} cannot be written (${reason(cause)}).`, cause)
  }

  async #read<Result>(query: () => Promise<Result>): Promise<Result> {
    try {
      return await query()
    } catch (cause) {
      throw new StoreError(`The events in ${this.#file.file} cannot be read (${reason(cause)}).`, cause)
    }
  }
}

const textOf = (query: Compilable) => query.compile().sql

/** The statements that are run often or within transactions, compiled once. Their values are given when they are run, in the order of the columns. */
function compiled(database: Kysely<Tables>) {
  const slice = sql.lit(SLICE)
  return {
    insert: textOf(
      database
        .insertInto('events')
        .values({
          is_visitor: 0,
          customer: '',
          at: 0,
          id: '',
          product: '',
          kind: 'VIEW',
          received_at: 0,
          quantity: 0,
          price: 0,
          value: 0,
          order_id: '',
          list_id: '',
          placement: '',
          seller: '',
          review_score: 0,
          delivery_delay: 0,
          place: 0,
        })
        .onConflict((conflict) => conflict.doNothing()),
    ),
    customerOf: textOf(database.selectFrom('visitors').select('customer').where('visitor', '=', '')),
    identify: textOf(
      database
        .insertInto('visitors')
        .values({ visitor: '', customer: '', identified_at: 0 })
        .onConflict((conflict) =>
          conflict.column('visitor').doUpdateSet(({ ref }) => ({
            customer: ref('excluded.customer'),
            identified_at: ref('excluded.identified_at'),
          })),
        ),
    ),
    move: sql`
      UPDATE events SET is_visitor = 0, customer = ${''}, received_at = ${0} WHERE id IN (
        SELECT id FROM events WHERE is_visitor = 1 AND customer = ${''} LIMIT ${slice}
      )`.compile(database).sql,
    receive: sql`UPDATE log SET received = max(received + 1, ${0}) RETURNING received`.compile(database).sql,
    history: historyQuery('', -1, 0).compile(database).sql,
    past: pastQuery('', -1, 0, '', 0).compile(database).sql,
    segment: textOf(database.selectFrom('customers').select('segment').where('customer', '=', '')),
    customerFrom: nextCustomerQuery('>=').compile(database).sql,
    customerAfter: nextCustomerQuery('>').compile(database).sql,
    historyVersion: versionQuery('', 0).compile(database).sql,
    interestVersion: interestVersionQuery('', 0).compile(database).sql,
    visitorHistory: visitorHistoryQuery('', 0).compile(database).sql,
    interest: interestQuery(0, '', 0).compile(database).sql,
    rowsAfter: sql`
      SELECT is_visitor, customer, at, id FROM events
      WHERE (is_visitor, customer, at, id) > (${0}, ${''}, ${0}, ${''})
      ORDER BY is_visitor, customer, at, id LIMIT ${0}`.compile(database).sql,
    removeBetween: sql`
      DELETE FROM events WHERE (is_visitor, customer, at, id) > (${0}, ${''}, ${0}, ${''})
        AND (is_visitor, customer, at, id) <= (${0}, ${''}, ${0}, ${''}) AND at < ${0}`.compile(database).sql,
    forgetCustomer: textOf(database.deleteFrom('customers').where('customer', '=', '')),
    forgetVisitors: textOf(database.deleteFrom('visitors').where('customer', '=', '')),
    erase: sql`
      DELETE FROM events WHERE id IN (
        SELECT id FROM events WHERE is_visitor = 0 AND customer = ${''} LIMIT ${slice}
      )`.compile(database).sql,
  }
}

type RowKey = Pick<EventRow, 'is_visitor' | 'customer' | 'at' | 'id'>

const keyIn = ({ is_visitor: isVisitor, customer, at, id }: RowKey) => [isVisitor, customer, at, id]

type HistoryRow = Omit<HistoryEvent, 'orderId'> & { readonly order_id: string | null }

/**
 * The latest events of a customer's history. The condition on kinds is word for word that of the index, whose use is
 * demanded: SQLite would rather read all of a customer's events. A statement for each customer takes 0.03 ms; one for
 * many, by a join with a JSON list, took 0.05 ms a customer.
 */
export function historyQuery(customer: string, since: number, limit: number) {
  return sql<HistoryRow>`
    SELECT id, product, kind, at, quantity, value, order_id FROM events INDEXED BY events_of_histories
    WHERE customer = ${customer} AND is_visitor = 0 AND kind IN ('PURCHASE', 'RETURN', 'NOT_INTERESTED')
      AND (received_at > ${since} OR kind = 'NOT_INTERESTED')
    ORDER BY at DESC, id DESC LIMIT ${limit}`
}

/** The latest purchases and returns before one of them, recorded up to a time. The index is that of `historyQuery`. */
export function pastQuery(
  customer: string,
  receivedThrough: number,
  beforeAt: number,
  beforeId: string,
  limit: number,
) {
  return sql<StoredPurchase>`
    SELECT customer, at, id, product, kind, quantity, price, order_id AS orderId, seller, review_score AS reviewScore,
      delivery_delay AS deliveryDelayDays, place
    FROM events INDEXED BY events_of_histories
    WHERE customer = ${customer} AND is_visitor = 0 AND kind IN ('PURCHASE', 'RETURN', 'NOT_INTERESTED')
      AND kind <> 'NOT_INTERESTED' AND received_at <= ${receivedThrough} AND (at, id) < (${beforeAt}, ${beforeId})
    ORDER BY at DESC, id DESC LIMIT ${limit}`
}

/** The first customer from an id on, or after it; null where there is none. Each side is one look at an index. */
function nextCustomerQuery(from: '>=' | '>') {
  const bound = sql.raw(from)
  return sql<{ customer: string | null }>`
    SELECT min(customer) AS customer FROM (
      SELECT * FROM (SELECT customer FROM events WHERE is_visitor = 0 AND customer ${bound} ${''} ORDER BY customer LIMIT 1)
      UNION ALL
      SELECT * FROM (SELECT customer FROM customers WHERE customer ${bound} ${''} ORDER BY customer LIMIT 1)
    )`
}

/** Sums over what `historyQuery` finds: events are never changed, so that the sums change with which events there are. */
function versionQuery(customer: string, limit: number) {
  return sql<{ size: number; version: string }>`
    SELECT count(*) AS size, count(*) || ' ' || sum(received_at) || ' ' || sum(at) AS version FROM (
      SELECT received_at, at FROM events INDEXED BY events_of_histories
      WHERE customer = ${customer} AND is_visitor = 0 AND kind IN ('PURCHASE', 'RETURN', 'NOT_INTERESTED')
      ORDER BY at DESC, id DESC LIMIT ${limit}
    )`
}

/** The same of what `interestQuery` finds of a customer. */
function interestVersionQuery(customer: string, limit: number) {
  return sql<{ size: number; version: string }>`
    SELECT count(*) AS size, count(*) || ' ' || sum(received_at) || ' ' || sum(at) AS version FROM (
      SELECT received_at, at FROM events INDEXED BY events_of_interest
      WHERE is_visitor = 0 AND customer = ${customer} AND kind IN ('VIEW', 'CART')
      ORDER BY at DESC, id DESC LIMIT ${limit}
    )`
}

/** The most events of a visitor that are looked at: without an index of histories, which only customers have. */
const VISITOR_EVENTS = 5000

/** As `historyQuery`, of a visitor. */
function visitorHistoryQuery(visitor: string, limit: number) {
  return sql<HistoryRow>`
    SELECT id, product, kind, at, quantity, value, order_id FROM (
      SELECT * FROM events WHERE is_visitor = 1 AND customer = ${visitor}
      ORDER BY at DESC, id DESC LIMIT ${sql.lit(VISITOR_EVENTS)}
    ) WHERE kind IN ('PURCHASE', 'RETURN', 'NOT_INTERESTED') ORDER BY at DESC, id DESC LIMIT ${limit}`
}

/** The latest views and cart entries of a customer or visitor, likewise. */
export function interestQuery(isVisitor: number, customer: string, limit: number) {
  return sql<InterestEvent>`
    SELECT product, kind, at FROM events INDEXED BY events_of_interest
    WHERE is_visitor = ${isVisitor} AND customer = ${customer} AND kind IN ('VIEW', 'CART')
    ORDER BY at DESC, id DESC LIMIT ${limit}`
}

function knownQuery(customers: string) {
  return sql<{ customer: string }>`
    SELECT asked.value AS customer FROM json_each(${customers}) AS asked
    WHERE EXISTS (SELECT 1 FROM events WHERE is_visitor = 0 AND customer = asked.value)
      OR EXISTS (SELECT 1 FROM customers WHERE customer = asked.value)`
}
