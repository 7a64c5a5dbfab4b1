/**
 * What files say that is neither an event nor a product, in a store's SQLite file: their customers, and facts of the data
 * set as a whole. Training needs it (read-store.ts).
 */
import type { StoredInterest } from './stored-browsing.ts'
import { z } from 'zod'
import { setImmediate as turn } from 'node:timers/promises'
import { StoreError } from './availability.ts'
import { DatabaseFile } from './database.ts'
import type { NewEvent, StoredEvent } from './event.ts'
import { whenFree } from './when-free.ts'

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

const EVENTS = `
  SELECT customer, at, id, product, kind, quantity, price, order_id AS orderId, seller, review_score AS reviewScore,
    delivery_delay AS deliveryDelayDays, place, received_at AS receivedAt
  FROM events WHERE is_visitor = 0 AND (customer, at, id) > (?, ?, ?) ORDER BY customer, at, id LIMIT ${PAGE}`

const INTEREST = `
  SELECT is_visitor AS isVisitor, customer, at, id, product, kind, place, received_at AS receivedAt
  FROM events INDEXED BY events_of_interest
  WHERE kind IN ('VIEW', 'CART') AND (is_visitor, customer, at, id) > (?, ?, ?, ?)
  ORDER BY is_visitor, customer, at, id LIMIT ${PAGE}`

const CUSTOMERS = `
  SELECT customer, place, segment FROM customers WHERE (place, customer) > (?, ?) ORDER BY place, customer LIMIT ${PAGE}`

const WRITE_CUSTOMER = `
  INSERT INTO customers (customer, place, segment) VALUES (?, ?, ?)
  ON CONFLICT (customer) DO UPDATE SET place = excluded.place, segment = excluded.segment
    WHERE place <> excluded.place OR segment IS NOT excluded.segment`

const WRITE_DETAILS = `
  UPDATE events SET seller = ?, review_score = ?, delivery_delay = ?, place = ? WHERE id = ? AND place IS NOT ?`

const WRITE_FACTS = `
  INSERT INTO imported (only, facts) VALUES (1, ?) ON CONFLICT DO UPDATE SET facts = excluded.facts
    WHERE facts <> excluded.facts`

/**
 * All methods throw StoreError if the store cannot be read or written; a write has then changed nothing. Writes are on the
 * disk when they resolve.
 */
export class ImportedHistory {
  readonly #file: DatabaseFile

  /** @param file  the store; created with the first write */
  constructor(file: string) {
    this.#file = new DatabaseFile(file)
  }

  /** Adds customers, or changes their places and segments. */
  writeCustomers(customers: readonly ImportedCustomer[]): Promise<void> {
    return this.#write(() => {
      const write = this.#file.toWrite(WRITE_CUSTOMER)
      for (const { customer, place, segment } of customers) write.run(customer, place, segment)
    })
  }

  /** Writes what files say of events that the store has already, found by their keys. */
  writeDetails(events: readonly NewEvent[]): Promise<void> {
    return this.#write(() => {
      const write = this.#file.toWrite(WRITE_DETAILS)
      for (const { idempotencyKey = null, place = null, ...event } of events) {
        const { seller = null, reviewScore = null, deliveryDelayDays = null } = event
        write.run(seller, reviewScore, deliveryDelayDays, place, idempotencyKey, place)
      }
    })
  }

  writeFacts(facts: ImportedFacts): Promise<void> {
    return this.#write(() => void this.#file.toWrite(WRITE_FACTS).run(JSON.stringify(facts)))
  }

  /** What is known of the files that were imported; undefined if none were. */
  facts(): ImportedFacts | undefined {
    return this.#read(() => {
      const row = this.#file.toRead('SELECT facts FROM imported')?.get()
      return row && factsSchema.parse(JSON.parse(String(row['facts'])))
    })
  }

  /** The customers of imported files in pages, by place. */
  async *customers(): AsyncGenerator<readonly ImportedCustomer[]> {
    for (let after: [number, string] = [-1, '']; ; await turn()) {
      const rows = this.#rows<ImportedCustomer>(CUSTOMERS, ...after)
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
      const rows = this.#rows<StoredPurchase & { readonly receivedAt: number }>(EVENTS, ...after)
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
      const rows = this.#rows<StoredInterest & { readonly receivedAt: number }>(INTEREST, ...after)
      yield rows.filter(({ receivedAt }) => receivedAt <= receivedThrough)
      if (rows.length < PAGE) return
      const { isVisitor, customer, at, id } = rows[rows.length - 1]
      after = [isVisitor, customer, at, id]
    }
  }

  close(): void {
    this.#file.close()
  }

  #rows<Row>(statement: string, ...values: (string | number)[]): Row[] {
    return this.#read(() => (this.#file.toRead(statement)?.all(...values) ?? []) as Row[])
  }

  #read<Result>(query: () => Result): Result {
    try {
      return query()
    } catch (cause) {
      throw new StoreError(`${this.#file.file} cannot be read (${reason(cause)}).`, cause)
    }
  }

  async #write(work: () => void): Promise<void> {
    try {
      await whenFree(() => {
        this.#file.toWrite('SELECT 1').get()
        this.#file.unlessBusy(() => this.#file.atOnce(work, 'KEEP'))
      })
    } catch (cause) {
      throw new StoreError(
        `Nothing was imported: ${this.#file.file} cannot be written (${reason(cause)}).`,
        cause,
      )
    }
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

/** Whether an import of files into a store has come to its end. @throws {StoreError} if the store cannot be read */
export function isImported(file: string): boolean {
  const history = new ImportedHistory(file)
  try {
    return history.facts() !== undefined
  } finally {
    history.close()
  }
}
