/** What the engines of the log of events have in common. */
import { sql } from 'kysely'
import { randomBytes } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import type { Queries } from './database.ts'
import { idProblem, InvalidEventsError, type NewEvent, type StoredEvent } from './event.ts'
import type { CustomerExport, Recorded, Watermark } from './event-store.ts'
import type { EventRow } from './tables.ts'

/** Events that are written in one transaction, unless a single call brings more: some 10 ms. */
const GROUP = 1000

/** A call of `append` that waits for its transaction. */
interface Waiting {
  readonly events: readonly NewEvent[]
  readonly resolve: (recorded: Recorded) => void
  readonly reject: (cause: unknown) => void
}

/** Writes what is recorded at the same time in one transaction: its `fsync` takes longer than its statements. */
export class GroupedAppends {
  readonly #write: (calls: readonly (readonly NewEvent[])[]) => Promise<readonly Recorded[]>
  #waiting: Waiting[] = []
  #writing: Promise<void> | undefined

  /** @param write  one transaction: records the events of some calls, and tells what became of those of each */
  constructor(write: (calls: readonly (readonly NewEvent[])[]) => Promise<readonly Recorded[]>) {
    this.#write = write
  }

  /** Resolves when the events are on the disk. */
  async add(events: readonly NewEvent[]): Promise<Recorded> {
    if (events.length === 0) return { accepted: 0, duplicates: 0 }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ events, resolve, reject })
      this.#writing ??= this.#writeAll()
    })
  }

  /** Resolves when nothing waits any more. */
  get ended(): Promise<unknown> {
    return this.#writing ?? Promise.resolve()
  }

  /** Writes everything that waits, each time as much as fits one transaction. */
  async #writeAll(): Promise<void> {
    // What else is recorded in this turn of the event loop goes into the same transaction.
    await turn()
    while (this.#waiting.length > 0) {
      const group = this.#nextGroup()
      try {
        const recorded = await this.#write(group.map(({ events }) => events))
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
}

/** The entry of the audit log about what was done with events of a customer, who is not named. */
export function customerEntry(by: string, action: 'erase' | 'export', events: number) {
  const subject = `a customer, ${events} ${events === 1 ? 'event' : 'events'}`
  return { kind: 'customers', actor: by, action, subject } as const
}

/** What it means if an export cannot be recorded. */
export const NOT_GIVEN_OUT = 'Nothing is given out, since that cannot be recorded'

let numbered = 0

/** A new id, as a ULID is: first the time, then a number that rises in this process, then random bits. */
export function newEventId(time: number): string {
  numbered = (numbered + 1) % 2 ** 24
  const [ms, number] = [time.toString(16).padStart(12, '0'), numbered.toString(16).padStart(6, '0')]
  return `${ms}${number}${randomBytes(8).toString('hex')}`
}

/** @throws {InvalidEventsError} if one of them cannot be an id */
export function checkIdentity(visitor: string, customer: string): void {
  for (const [field, id] of Object.entries({ visitor, customer })) {
    const problem = idProblem(id)
    if (problem === undefined) continue
    const message = `"${field}" cannot be an id: ${problem}.`
    throw new InvalidEventsError([{ place: 0, field: field as 'visitor' | 'customer', message }])
  }
}

/** As `EventStore.watermark`. */
export async function watermarkOf(queries: Queries): Promise<Watermark | null> {
  const log = await queries.selectFrom('log').select(['store', 'received']).executeTakeFirst()
  return log === undefined ? null : { store: log.store, receivedThrough: log.received }
}

/** As `EventStore.countSince`. */
export async function countOf(
  queries: Queries,
  customer: string,
  since: number,
  most: number,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*) AS count FROM (
      SELECT 1 FROM events WHERE is_visitor = 0 AND customer = ${customer} AND at >= ${since} LIMIT ${most}
    ) AS counted`.execute(queries)
  return rows[0]?.count ?? 0
}

/** The time and the id of the last event of a page. */
type ExportPosition = readonly [at: number, id: string]

/** As `EventStore.exportOf`. */
export async function exportOf(
  queries: Queries,
  customer: string,
  limit: number,
  [at, id]: ExportPosition,
): Promise<CustomerExport> {
  const visitors = await queries
    .selectFrom('visitors')
    .select('visitor')
    .where('customer', '=', customer)
    .orderBy('visitor')
    .execute()
  const rows = await queries
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
  const known = await queries
    .selectFrom('customers')
    .select('segment')
    .where('customer', '=', customer)
    .executeTakeFirst()
  return {
    visitors: visitors.map(({ visitor }) => visitor),
    segment: known?.segment ?? null,
    events,
    next: rows.length > limit && last ? `${last.at} ${last.id}` : null,
  }
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

/** @throws {RangeError} if `after` is not from here */
export function positionIn(after: string | null): ExportPosition {
  if (after === null) return [-Number.MAX_SAFE_INTEGER, '']
  const [, at, id] = /^(-?\d{1,16}) (.+)$/su.exec(after) ?? []
  if (at === undefined) throw new RangeError(`there is no page after ${JSON.stringify(after)}`)
  return [Number(at), id]
}
