/**
 * The availability of a store, which other parts and processes may use as well. Everything is in memory too, where scoring
 * reads it; from time to time the store is asked whether anybody has written to it, and then for the new rows. Every row
 * has a revision, the next number each time it is written, so the new rows are those of later revisions: changes come one
 * after another, so that none is committed after one with a later revision.
 */
import type { AvailabilityChange, AvailabilityRegister, ProductAvailability } from './availability.ts'
import { AVAILABLE, AvailabilityError, outcomeOf } from './availability.ts'
import { listedSubject, PROGRAM, record } from './audit-log.ts'
import { type Database, inChunks, type Queries } from './database.ts'
import { type Part, partOf } from './open-database.ts'
import { orStoreError, reason } from './store-error.ts'

/** How often the store is asked, in ms: what another process changes applies here within a second. */
const INTERVAL = 500

/**
 * Opens the availability of a store; an SQLite file is created with the first change.
 * @param store  where it is, or a database that others share
 * @throws {Error} if the store cannot be read
 */
export async function openAvailability(store: string | Database): Promise<AvailabilityRegister> {
  const part = partOf(store)
  const availability = new AvailabilityStore(part)
  try {
    await availability.refresh()
  } catch (cause) {
    await availability.close()
    throw new Error(`Availability cannot be stored in ${part.database.name}: ${reason(cause)}.`, { cause })
  }
  availability.follow()
  return availability
}

class AvailabilityStore implements AvailabilityRegister {
  readonly #part: Part
  readonly #database: Database
  readonly #known = new Map<string, ProductAvailability>()
  #revision = 0
  /** The sum of the last revisions of all stores that have been replaced. */
  #former = 0
  /** The opening of the store that was read last. */
  #opening = 0
  /** The version of the store at the last reading; null if there is something new to read. */
  #readAs: string | null = null
  #last: Promise<unknown> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(part: Part) {
    this.#part = part
    this.#database = part.database
  }

  get version(): number {
    return this.#former + this.#revision
  }

  get(sku: string): ProductAvailability {
    return this.#known.get(sku) ?? AVAILABLE
  }

  entries(): Iterable<readonly [sku: string, availability: ProductAvailability]> {
    return this.#known
  }

  async set(changes: readonly AvailabilityChange[], by = PROGRAM): Promise<void> {
    if (changes.length === 0) return
    await this.#inTurn(async () => {
      await orStoreError(
        () =>
          this.#database.write('AVAILABILITY', async (queries) => {
            // Within the lock, so that the changes build on the latest rows and no other process writes in between.
            await this.#readRows(queries)
            await write(queries, outcomeOf(changes, this.#known))
            const subject = wordsOf(changes)
            await record(queries, Date.now(), { kind: 'availability', actor: by, action: 'set', subject })
          }),
        `Availability was not changed: ${this.#database.name} cannot be written`,
        AvailabilityError,
      )
      this.#readAs = null
      await this.#readNews()
    })
  }

  refresh(): Promise<void> {
    return this.#inTurn(() => this.#readNews())
  }

  /** Begins to ask the store from time to time. */
  follow(): void {
    if (this.#isClosed) return
    this.#timer = setTimeout(() => {
      // A store that cannot be read is asked again.
      void this.refresh()
        .catch(() => {})
        .then(() => this.follow())
    }, INTERVAL).unref()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#last
    await this.#part.close()
  }

  /** One after another, so that what was read later is not overwritten by what was read before. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => {})
    return done
  }

  /** Reads what any process has written since the last reading. */
  async #readNews(): Promise<void> {
    const version = await this.#database.version()
    if (version === this.#readAs) return
    await this.#database.read((queries) => this.#readRows(queries))
    this.#readAs = version
  }

  async #readRows(queries: Queries): Promise<void> {
    const latest = await queries
      .selectFrom('availability')
      .select(({ fn }) => fn.max('revision').as('revision'))
      .executeTakeFirst()
    if (this.#database.openings !== this.#opening || (latest?.revision ?? 0) < this.#revision) this.#forget()
    const rows = await queries
      .selectFrom('availability')
      .selectAll()
      .where('revision', '>', this.#revision)
      .orderBy('revision')
      .execute()
    for (const row of rows) {
      this.#known.set(row.sku, {
        hidden: row.hidden !== 0,
        inStock: row.in_stock !== 0,
        validFrom: row.valid_from,
        validUntil: row.valid_until,
      })
      this.#revision = row.revision
    }
  }

  /** The store was replaced by another: forget what was read from the former one. */
  #forget(): void {
    if (this.#known.size > 0) this.#former += this.#revision + 1
    this.#revision = 0
    this.#opening = this.#database.openings
    this.#known.clear()
  }
}

/** Within a transaction: each row is written anew, and gets the next revision. */
async function write(queries: Queries, outcome: ReadonlyMap<string, ProductAvailability>): Promise<void> {
  for (const chunk of inChunks([...outcome])) {
    const skus = chunk.map(([sku]) => sku)
    await queries.deleteFrom('availability').where('sku', 'in', skus).execute()
    const rows = chunk.map(([sku, { hidden, inStock, validFrom, validUntil }]) => ({
      sku,
      hidden: Number(hidden),
      in_stock: Number(inStock),
      valid_from: validFrom,
      valid_until: validUntil,
    }))
    await queries.insertInto('availability').values(rows).execute()
  }
}

/** The changes in words, cut to what an entry of the audit log can hold. */
function wordsOf(changes: readonly AvailabilityChange[]): string {
  const words = changes.map(({ sku, ...set }) => `${JSON.stringify(sku)} ${JSON.stringify(set)}`)
  return listedSubject(words, 'change', 'changes')
}
