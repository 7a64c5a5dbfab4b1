/**
 * What files say that is neither an event nor a product, in a store: their customers, and facts of the data
 * set as a whole. Training needs it (read-store.ts).
 */
import type { StoredInterest } from './stored-browsing.ts'
import { z } from 'zod'
import { setImmediate as turn } from 'node:timers/promises'
import { sql } from 'kysely'
import { type Database, inChunks, type Queries } from './database.ts'
import type { NewEvent, StoredEvent } from './event.ts'
import { type Part, partOf } from './open-database.ts'
import { orStoreError } from './store-error.ts'

const factsSchema = z.strictObject({
  /** How the files were laid out. */
  adapter: z.enum(['olist', 'interactions']),
  /** The name of the column of categories, and the labels that were not translated. */
  category: z.string(),
  untranslated: z.array(z.string()).optional(),
  /** The columns of products in their order, and what they are used as. */
  columns: z.array(z.strictObject({ name: z.string(), use: z.enum(['measure', 'label', 'none']) })),
  hasNames: z.boolean(),
  hasReviews: z.boolean(),
  hasDeliveries: z.boolean(),
  /** The segments that the shop gives its customers. */
  segments: z.array(z.string()).optional(),
  /** The fingerprint of the files, and that of what was kept of them. */
  fingerprint: z.string(),
  keptFingerprint: z.string(),
})

/** What is known of the files that were imported last. */
export type ImportedFacts = z.infer<typeof factsSchema>

/** A customer of imported files. */
export interface ImportedCustomer {
  readonly customer: string
  /** The place among all, from 0: training numbers customers in this order. */
  readonly place: number
  readonly segment: string | null
}

/** A purchase or return, as training reads it. */
export type StoredPurchase = Pick<
  StoredEvent,
  | 'id'
  | 'product'
  | 'kind'
  | 'at'
  | 'quantity'
  | 'price'
  | 'orderId'
  | 'seller'
  | 'reviewScore'
  | 'deliveryDelayDays'
> & { readonly customer: string; readonly place: number | null }

/** Rows that one statement reads before others have their turn: some 10 ms. */
const PAGE = 5000

/** Events that are looked up at once. */
const DETAILS = 5000

const PURCHASE = [
  'customer',
  'at',
  'id',
  'product',
  'kind',
  'quantity',
  'price',
  'order_id as orderId',
  'seller',
  'review_score as reviewScore',
  'delivery_delay as deliveryDelayDays',
  'place',
  'received_at as receivedAt',
] as const

/**
 * All methods throw StoreError if the store cannot be read or written; a write has then changed nothing. Writes are on the
 * disk when they resolve.
 */
export class ImportedHistory {
  readonly #part: Part
  readonly #database: Database

  /** @param store  where it is, or a database that others share; an SQLite file is created with the first write */
  constructor(store: string | Database) {
    this.#part = partOf(store)
    this.#database = this.#part.database
  }

  /** Adds customers, or changes their places and segments. */
  writeCustomers(customers: readonly ImportedCustomer[]): Promise<void> {
    // Of a customer who is given twice the last counts: a statement changes a row once.
    const rows = [...new Map(customers.map((row) => [row.customer, { ...row }])).values()]
    return this.#write(async (queries) => {
      for (const chunk of inChunks(rows))
        await queries
          .insertInto('customers')
          .values(chunk)
          .onConflict((conflict) =>
            conflict
              .column('customer')
              .doUpdateSet(({ ref }) => ({ place: ref('excluded.place'), segment: ref('excluded.segment') }))
              .where(
                sql<boolean>`customers.place <> excluded.place OR customers.segment IS DISTINCT FROM excluded.segment`,
              ),
          )
          .execute()
    })
  }

  /** Writes what files say of events that the store has already, found by their keys. */
  writeDetails(events: readonly NewEvent[]): Promise<void> {
    return this.#write(async (queries) => {
      for (const chunk of inChunks(events, DETAILS)) {
        const keys = chunk.map(({ idempotencyKey }) => idempotencyKey ?? '')
        const stored = await queries
          .selectFrom('events')
          .select(['id', 'place'])
          .where('id', 'in', keys)
          .execute()
        const places = new Map(stored.map(({ id, place }) => [id, place]))
        for (const { idempotencyKey, place = null, ...event } of chunk) {
          const known = places.get(idempotencyKey ?? '')
          if (known === undefined || known === place) continue
          const { seller = null, reviewScore = null, deliveryDelayDays = null } = event
          await queries
            .updateTable('events')
            .set({ seller, review_score: reviewScore, delivery_delay: deliveryDelayDays, place })
            .where('id', '=', idempotencyKey!)
            .execute()
        }
      }
    })
  }

  writeFacts(facts: ImportedFacts): Promise<void> {
    const text = JSON.stringify(facts)
    return this.#write(async (queries) => {
      await queries
        .insertInto('imported')
        .values({ only: 1, facts: text })
        .onConflict((conflict) =>
          conflict.column('only').doUpdateSet({ facts: text }).where('imported.facts', '<>', text),
        )
        .execute()
    })
  }

  /** What is known of the files that were imported; undefined if none were. */
  async facts(): Promise<ImportedFacts | undefined> {
    const row = await this.#read((queries) =>
      queries.selectFrom('imported').select('facts').executeTakeFirst(),
    )
    return row && factsSchema.parse(JSON.parse(row.facts))
  }

  /** The customers of imported files in pages, by place. */
  async *customers(): AsyncGenerator<readonly ImportedCustomer[]> {
    for (let after: [number, string] = [-1, '']; ; await turn()) {
      const [last, name] = after
      const rows = await this.#read((queries) =>
        queries
          .selectFrom('customers')
          .selectAll()
          .where((where) => where(where.refTuple('place', 'customer'), '>', where.tuple(last, name)))
          .orderBy('place')
          .orderBy('customer')
          .limit(PAGE)
          .execute(),
      )
      if (rows.length > 0) yield rows
      if (rows.length < PAGE) return
      const { place, customer } = rows[rows.length - 1]
      after = [place, customer]
    }
  }

  /**
   * The purchases and returns of customers in pages, by customer and time.
   * @param receivedThrough  those that were recorded up to this time, in ms since 1970 UTC
   */
  async *purchases(receivedThrough = Infinity): AsyncGenerator<readonly StoredPurchase[]> {
    for (let after: [string, number, string] = ['', 0, '']; ; await turn()) {
      // Other kinds are read too, so that a page is bounded by what it looks at.
      const rows = await this.#read((queries) =>
        queries
          .selectFrom('events')
          .select(PURCHASE)
          .where('is_visitor', '=', 0)
          .where((where) => where(where.refTuple('customer', 'at', 'id'), '>', where.tuple(...after)))
          .orderBy('customer')
          .orderBy('at')
          .orderBy('id')
          .limit(PAGE)
          .execute(),
      )
      const purchases = rows.filter(
        ({ kind, receivedAt }) => (kind === 'PURCHASE' || kind === 'RETURN') && receivedAt <= receivedThrough,
      )
      if (purchases.length > 0) yield purchases
      if (rows.length < PAGE) return
      const { customer, at, id } = rows[rows.length - 1]
      after = [customer, at, id]
    }
  }

  /**
   * Views and cart entries of customers and visitors in pages, by person and time.
   * @param receivedThrough  as of `purchases`
   */
  async *interest(receivedThrough = Infinity): AsyncGenerator<readonly StoredInterest[]> {
    for (let after: [number, string, number, string] = [-1, '', 0, '']; ; await turn()) {
      const rows = await this.#read(async (queries) => {
        const page = sql<StoredInterest & { readonly receivedAt: number }>`
          SELECT is_visitor AS "isVisitor", customer, at, id, product, kind, place, received_at AS "receivedAt"
          FROM events
          WHERE kind IN ('VIEW', 'CART') AND (is_visitor, customer, at, id) > (${sql.join(after)})
          ORDER BY is_visitor, customer, at, id LIMIT ${sql.lit(PAGE)}`
        return (await page.execute(queries)).rows
      })
      yield rows.filter(({ receivedAt }) => receivedAt <= receivedThrough)
      if (rows.length < PAGE) return
      const { isVisitor, customer, at, id } = rows[rows.length - 1]
      after = [isVisitor, customer, at, id]
    }
  }

  close(): Promise<void> {
    return this.#part.close()
  }

  #read<Result>(query: (queries: Queries) => Promise<Result>): Promise<Result> {
    return orStoreError(() => this.#database.read(query), `${this.#database.name} cannot be read`)
  }

  #write(work: (queries: Queries) => Promise<void>): Promise<void> {
    return orStoreError(
      () => this.#database.write('EVENTS', work, { isOneOfMany: true }),
      `Nothing was imported: ${this.#database.name} cannot be written`,
    )
  }
}

/** Whether an import of files into a store has come to its end. @throws {StoreError} if the store cannot be read */
export async function isImported(store: string | Database): Promise<boolean> {
  const history = new ImportedHistory(store)
  try {
    return (await history.facts()) !== undefined
  } finally {
    await history.close()
  }
}
