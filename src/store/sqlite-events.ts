/** The log of events in a store's SQLite file. */
import { type Compilable, Kysely, sql } from 'kysely'
import { randomBytes } from 'node:crypto'
import type { SQLInputValue } from 'node:sqlite'
import { setImmediate as turn } from 'node:timers/promises'
import { StoreError } from './availability.ts'
import { record } from './audit-log.ts'
import { DatabaseFile } from './database.ts'
import {
  checkEvents,
  type EventKind,
  type EventProblem,
  type HistoryEvent,
  type InterestEvent,
  idProblem,
  InvalidEventsError,
  type NewEvent,
  quantityOf,
  type StoredEvent,
  valueOf,
} from './event.ts'
import type { CustomerExport, CustomerPast, EventStore, Recorded, Visitor, Watermark } from './event-store.ts'
import type { StoredPurchase } from './imported-history.ts'
import { sqliteDialect } from './sqlite-dialect.ts'
import { whenFree } from './when-free.ts'

interface EventRow {
  /** 1: `customer` is a visitor, whom nobody has identified. */
  is_visitor: 0 | 1
  customer: string
  at: number
  id: string
  product: string
  kind: EventKind
  received_at: number
  quantity: number | null
  price: number | null
  value: number | null
  order_id: string | null
  list_id: string | null
  placement: string | null
  seller: string | null
  review_score: number | null
  delivery_delay: number | null
  place: number | null
}

interface Tables {
  events: EventRow
  visitors: { visitor: string; customer: string; identified_at: number }
  log: { store: string; received: number }
  customers: { customer: string; place: number; segment: string | null }
}

/** Events that are written in one transaction, unless a single call brings more: some 10 ms. */
const GROUP = 1000

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

/** A call of `append` that waits for its transaction. */
interface Waiting {
  readonly events: readonly NewEvent[]
  readonly resolve: (recorded: Recorded) => void
  readonly reject: (cause: unknown) => void
}

/**
 * Opens the log of events in a file that other stores and processes may use as well; it is created with the first event.
 * @param file  or IN_MEMORY
 * @param now  the clock, in ms since 1970
 */
export function openEvents(file: string, now: () => number = Date.now): EventStore {
  return new SqliteEvents(file, now)
}

class SqliteEvents implements EventStore {
  readonly #file: DatabaseFile
  readonly #now: () => number
  readonly #statements: ReturnType<typeof compiled>
  readonly #reader: Kysely<Tables>
  #waiting: Waiting[] = []
  #writing: Promise<void> | undefined
  #numbered = 0
  /** How many transactions this has written. */
  #written = 0
  /** The opening of the file that was configured. */
  #configured = 0

  constructor(file: string, now: () => number) {
    this.#file = new DatabaseFile(file)
    this.#now = now
    this.#reader = new Kysely<Tables>({ dialect: sqliteDialect(this.#file) })
    this.#statements = compiled(this.#reader)
  }

  async append(events: readonly NewEvent[]): Promise<Recorded> {
    checkEvents(events, this.#now())
    if (events.length === 0) return { accepted: 0, duplicates: 0 }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ events, resolve, reject })
      this.#writing ??= this.#writeAll()
    })
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
    return this.#read(async () => {
      const [log] = await this.#reader.selectFrom('log').select(['store', 'received']).execute()
      return log === undefined ? null : { store: log.store, receivedThrough: log.received }
    })
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
    const { rows } = await this.#read(() =>
      sql<{ count: number }>`
        SELECT count(*) AS count FROM (
          SELECT 1 FROM events WHERE is_visitor = 0 AND customer = ${customer} AND at >= ${since} LIMIT ${most}
        )`.execute(this.#reader),
    )
    return rows[0]?.count ?? 0
  }

  async version(): Promise<string> {
    // SQLite's number changes with what other connections write.
    const row = await this.#read(async () => this.#file.toRead('PRAGMA data_version')?.get())
    return `${this.#file.openings} ${String(row?.['data_version'])} ${this.#written}`
  }

  async known(customers: readonly string[]): Promise<ReadonlySet<string>> {
    const { rows } = await this.#read(() => knownQuery(JSON.stringify(customers)).execute(this.#reader))
    return new Set(rows.map(({ customer }) => customer))
  }

  async identify(visitor: string, customer: string): Promise<number> {
    for (const [field, id] of Object.entries({ visitor, customer })) {
      const problem = idProblem(id)
      if (problem !== undefined) throw new InvalidEventsError([badId(field as 'visitor', problem)])
    }
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
      (erased) => this.#recordOf(by, 'erase', erased),
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
          'KEEP',
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
    await this.#write(() => {}, 'EMPTY', otherwise)
  }

  async exportOf(
    customer: string,
    limit: number,
    after: string | null = null,
    by?: string,
  ): Promise<CustomerExport> {
    const [at, id] = after === null ? [-Number.MAX_SAFE_INTEGER, ''] : positionIn(after)
    const page = await this.#read<CustomerExport>(async () => {
      const visitors = await this.#reader
        .selectFrom('visitors')
        .select('visitor')
        .where('customer', '=', customer)
        .orderBy('visitor')
        .execute()
      const rows = await this.#reader
        .selectFrom('events')
        .selectAll()
        .where('is_visitor', '=', 0)
        .where('customer', '=', customer)
        .where((where) => where(where.refTuple('at', 'id'), '>', where.tuple(at, id)))
        .orderBy('at')
        .orderBy('id')
        .limit(limit + 1)
        .execute()
      const events = rows.slice(0, limit).map(eventOf)
      const last = events.at(-1)
      const known = await this.#reader
        .selectFrom('customers')
        .select('segment')
        .where('customer', '=', customer)
        .execute()
      return {
        visitors: visitors.map(({ visitor }) => visitor),
        segment: known[0]?.segment ?? null,
        events,
        next: rows.length > limit && last ? `${last.at} ${last.id}` : null,
      }
    })
    if (by !== undefined) {
      const otherwise = 'Nothing is given out, since that cannot be recorded'
      await this.#write(() => this.#recordOf(by, 'export', page.events.length), 'KEEP', otherwise)
    }
    return page
  }

  async close(): Promise<void> {
    await this.#writing
    this.#file.close()
  }

  /** Writes everything that waits, each time as much as fits one transaction. */
  async #writeAll(): Promise<void> {
    // What else is recorded in this turn of the event loop goes into the same transaction.
    await turn()
    while (this.#waiting.length > 0) {
      const group = this.#nextGroup()
      try {
        const recorded = await this.#write(
          () => group.map(({ events }) => this.#insert(events)),
          'KEEP',
          'Nothing was recorded',
        )
        group.forEach(({ resolve }, i) => resolve(recorded[i]))
      } catch (cause) {
        for (const { reject } of group) reject(cause)
      }
      if (this.#waiting.length > 0) await turn()
    }
    this.#writing = undefined
  }

  #nextGroup(): Waiting[] {
    let size = 0
    const more = this.#waiting.findIndex(({ events }, i) => (size += events.length) > GROUP && i > 0)
    return this.#waiting.splice(0, more < 0 ? this.#waiting.length : more)
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
        event.idempotencyKey ?? this.#newId(receivedAt),
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

  /** A new id, as a ULID is: first the time, then a number that rises in this process, then random bits. */
  #newId(time: number): string {
    this.#numbered = (this.#numbered + 1) % 2 ** 24
    const [ms, number] = [time.toString(16).padStart(12, '0'), this.#numbered.toString(16).padStart(6, '0')]
    return `${ms}${number}${randomBytes(8).toString('hex')}`
  }

  /** Enters into the audit log what was done with events of a customer, within a transaction. */
  #recordOf(by: string | undefined, action: 'erase' | 'export', events: number): void {
    if (by === undefined) return
    const subject = `a customer, ${events} ${events === 1 ? 'event' : 'events'}`
    record(this.#file, this.#now(), { kind: 'customers', actor: by, action, subject })
  }

  /** @returns the number of rows that were changed */
  #run(statement: string, ...values: SQLInputValue[]): number {
    return Number(this.#file.toWrite(statement).run(...values).changes)
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
      const changed = await this.#write(
        () => {
          const rows = work()
          if (rows < SLICE) atEnd(former + rows)
          return rows
        },
        'KEEP',
        otherwise,
      )
      total += changed
      if (changed < SLICE) return total
      await turn()
    }
  }

  /** One transaction. @throws {StoreError} */
  #write<Result>(work: () => Result, log: 'KEEP' | 'EMPTY', otherwise: string): Promise<Result> {
    return this.#unlessBusy(() => {
      const result = this.#file.atOnce(work, log)
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
    this.#file.toWrite('SELECT 1').get()
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

function eventOf(row: EventRow): StoredEvent {
  const { id, product, kind, at, quantity, price, value, placement } = row
  return {
    id,
    product,
    kind,
    at,
    receivedAt: row.received_at,
    quantity,
    price,
    value,
    orderId: row.order_id,
    listId: row.list_id,
    placement,
    // A read-only store of an older version lacks these.
    seller: row.seller ?? null,
    reviewScore: row.review_score ?? null,
    deliveryDelayDays: row.delivery_delay ?? null,
  }
}

/** @throws {RangeError} */
function positionIn(after: string): [number, string] {
  const [, at, id] = /^(-?\d{1,16}) (.+)$/su.exec(after) ?? []
  if (at === undefined) throw new RangeError(`there is no page after ${JSON.stringify(after)}`)
  return [Number(at), id]
}

function badId(field: 'visitor' | 'customer', problem: string): EventProblem {
  return { place: 0, field, message: `"${field}" cannot be an id: ${problem}.` }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
