/**
 * Availability in an SQLite file that other stores and other processes may use as well. Everything is in memory too:
 * a read asks the file only whether it was written to, and then reads the new rows. Every row has a revision, the
 * next number each time it is written, so the new rows are those of later revisions.
 */
import type { AvailabilityChange, AvailabilityRegister, ProductAvailability } from './availability.ts'
import { AVAILABLE, AvailabilityError, outcomeOf, StoreError } from './availability.ts'
import { listedSubject, PROGRAM, record } from './audit-log.ts'
import { DatabaseFile } from './database.ts'

const LATER_THAN = `
  SELECT revision, sku, hidden, in_stock, valid_from, valid_until FROM availability
  WHERE revision > ? ORDER BY revision
`

const WRITE = `
  INSERT OR REPLACE INTO availability (sku, hidden, in_stock, valid_from, valid_until) VALUES (?, ?, ?, ?, ?)
`

type Row = [
  revision: number,
  sku: string,
  hidden: number,
  inStock: number,
  validFrom: number | null,
  validUntil: number | null,
]

/**
 * Opens the availability stored in a file, which is created with the first change.
 * @param file  or IN_MEMORY
 * @throws {Error} if the file cannot be read, or is not a database
 */
export function openAvailability(file: string): AvailabilityRegister {
  const store = new AvailabilityStore(file)
  try {
    store.readNews()
    return store
  } catch (cause) {
    store.close()
    throw new Error(`Availability cannot be stored in ${file}: ${reason(cause)}.`, { cause })
  }
}

class AvailabilityStore implements AvailabilityRegister {
  readonly #database: DatabaseFile
  readonly #known = new Map<string, ProductAvailability>()
  #revision = 0
  /** The sum of the last revisions of all files that have been replaced. */
  #former = 0
  /** The number of the opened file that was read last. */
  #opening = 0
  /** SQLite's data version at the last reading; null if there is something new to read. */
  #readAs: number | null = null

  constructor(file: string) {
    this.#database = new DatabaseFile(file)
  }

  get version(): number {
    this.readNews()
    return this.#former + this.#revision
  }

  get(sku: string): ProductAvailability {
    this.readNews()
    return this.#known.get(sku) ?? AVAILABLE
  }

  entries(): Iterable<readonly [sku: string, availability: ProductAvailability]> {
    this.readNews()
    return this.#known
  }

  set(changes: readonly AvailabilityChange[], by = PROGRAM): void {
    if (changes.length === 0) return
    try {
      // Within the lock, so that the changes build on the latest rows and no other process writes in between.
      this.#database.atOnce(() => {
        this.readNews()
        const write = this.#database.toWrite(WRITE)
        for (const [sku, { hidden, inStock, validFrom, validUntil }] of outcomeOf(changes, this.#known)) {
          write.run(sku, Number(hidden), Number(inStock), validFrom, validUntil)
        }
        const subject = wordsOf(changes)
        record(this.#database, Date.now(), { kind: 'availability', actor: by, action: 'set', subject })
      })
      this.#readAs = null
    } catch (cause) {
      if (cause instanceof AvailabilityError) throw cause
      const { file } = this.#database
      throw new StoreError(
        `Availability was not changed: ${file} cannot be written (${reason(cause)}).`,
        cause,
      )
    }
  }

  close(): void {
    this.#database.close()
  }

  /** Reads what any process has written since the last reading. */
  readNews(): void {
    // Changes whenever another connection has written to the file, also to other tables.
    const counter = this.#database.toRead('PRAGMA data_version')?.get()
    if (counter === undefined) {
      // If there was a file, its contents are gone with it.
      if (this.#known.size > 0) this.#forget()
      return
    }
    if (this.#database.openings !== this.#opening) this.#forget()
    if (counter['data_version'] === this.#readAs) return
    const later = this.#database.toRead(LATER_THAN)
    if (later === undefined) return
    later.setReturnArrays(true)
    let latest = this.#revision
    for (const row of later.iterate(latest)) {
      const [revision, sku, hidden, inStock, validFrom, validUntil] = row as unknown as Row
      this.#known.set(sku, { hidden: hidden !== 0, inStock: inStock !== 0, validFrom, validUntil })
      latest = revision
    }
    this.#revision = latest
    this.#readAs = counter['data_version'] as number
  }

  /** The file was replaced: forget what was read from the former one. */
  #forget(): void {
    this.#former += this.#revision + 1
    this.#revision = 0
    this.#readAs = null
    this.#opening = this.#database.openings
    this.#known.clear()
  }
}

/** The changes in words, cut to what an entry of the audit log can hold. */
function wordsOf(changes: readonly AvailabilityChange[]): string {
  const words = changes.map(({ sku, ...set }) => `${JSON.stringify(sku)} ${JSON.stringify(set)}`)
  return listedSubject(words, 'change', 'changes')
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
