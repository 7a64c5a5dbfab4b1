/** What the parts of a store need of the database behind it. */
import type { Kysely } from 'kysely'
import type { Tables } from './tables.ts'

/** Statements on the tables of a store. */
export type Queries = Kysely<Tables>

/** The parts of a store. Writes of one part come one after another, in all processes: each sees what those before did. */
export const AREAS = [
  'EVENTS',
  'CATALOGUE',
  'MODELS',
  'KEYS',
  'AVAILABILITY',
  'EXPLANATIONS',
  'LIMITS',
] as const

/** One of the parts of a store. */
export type Area = (typeof AREAS)[number]

/** How a transaction is run. */
export interface WriteOptions {
  /** Whether to fail at once if another process is writing. Default: to wait some seconds. */
  readonly unlessBusy?: boolean
  /** Whether many small transactions may follow, so that an SQLite file need not be a complete copy after each. */
  readonly isOneOfMany?: boolean
}

/** A store's database. */
export interface Database {
  /** The store, for messages: its file, or its address without a password. */
  readonly name: string
  /** How often it was opened: anything kept of a former one is invalid. */
  readonly openings: number
  /** Whether nothing can be written. */
  isReadOnly(): Promise<boolean>
  /** Runs statements that read. A store that was never written to reads as empty. */
  read<Result>(query: (queries: Queries) => Promise<Result>): Promise<Result>
  /**
   * Runs a transaction: keeps everything that `work` writes, or nothing if it throws. When it resolves it is on the disk.
   * `work` waits for nothing but its statements.
   */
  write<Result>(
    area: Area,
    work: (queries: Queries) => Promise<Result>,
    options?: WriteOptions,
  ): Promise<Result>
  /** A text that differs whenever anybody has written to the store, in this process or another. As cheap as can be. */
  version(): Promise<string>
  /**
   * Takes a lock that is held until it is given back or this process ends, also after the database is closed.
   * @returns a function that gives it back; null: another holds it
   */
  lock(name: string): Promise<(() => Promise<void>) | null>
  /** Ends what was begun, and closes the database. */
  close(): Promise<void>
}

/** Rows in as many parts as statements need: each value of a row is a parameter, and their number is limited. */
export function* inChunks<Row>(rows: readonly Row[], size = 500): Generator<readonly Row[]> {
  for (let begin = 0; begin < rows.length; begin += size) yield rows.slice(begin, begin + size)
}
