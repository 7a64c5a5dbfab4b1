/** Which database a store is in: an SQLite file, or PostgreSQL. */
import { existsSync } from 'node:fs'
import type { Database } from './database.ts'
import { isPostgres, postgresAddress } from './postgres/address.ts'
import { PostgresDatabase } from './postgres/database.ts'
import { SqliteDatabase } from './sqlite/database.ts'

export { isPostgres }

/**
 * A store that is opened at its first use.
 * @param store  an SQLite file, IN_MEMORY, or the URL of a PostgreSQL database
 * @throws {Error} if it is a URL that cannot be read
 */
export function openDatabase(store: string): SqliteDatabase | PostgresDatabase {
  return isPostgres(store) ? new PostgresDatabase(store) : new SqliteDatabase(store)
}

/** A store for messages and logs: its file, or its address without a password. @throws {Error} as `openDatabase` */
export function storeName(store: string): string {
  return isPostgres(store) ? postgresAddress(store).name : store
}

/** Whether a store is there: on PostgreSQL one is created at the first use, in a database that has to be there. */
export function isThere(store: string): boolean {
  return isPostgres(store) || existsSync(store)
}

/**
 * Checks that a store is there: an SQLite file is created with the first write, and a typing error would create another.
 * @param store  as of `openDatabase`
 * @param creates  the command that creates one
 * @throws {Error}
 */
export function expectStore(store: string, creates?: string): void {
  if (isThere(store)) return
  throw new Error(`there is no store ${store}${creates === undefined ? '' : `: \`${creates}\` creates one`}`)
}

/** The database that a part of a store works on. */
export interface Part {
  readonly database: Database
  /** Closes the database, unless it was given: then whoever opened it does. */
  close(): Promise<void>
}

/** @param store  where it is, or a database that others share */
export function partOf(store: string | Database): Part {
  if (typeof store !== 'string') return { database: store, close: async () => {} }
  const database = openDatabase(store)
  return { database, close: () => database.close() }
}
