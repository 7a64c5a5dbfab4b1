/** The limits that the processes of a machine share, in an SQLite file of their own. */
import { Kysely } from 'kysely'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { createLimitTables, type LimitTables, type OpenLimits, sharedLimits } from '../shared-limits.ts'
import { openSqlite } from './database-file.ts'
import { sqliteDialect } from './dialect.ts'

/**
 * Opens the limits of a store, in the file of the same name and the ending `.limits`. It is a file of its own, so that
 * taking points waits for no transaction of the store and for no flush of the disk: what it says is worth nothing after
 * a crash of the machine. Whoever deletes it fills all buckets.
 * @param store  the store's file
 * @throws {Error} if the file cannot be created or written
 */
export async function openSqliteLimits(store: string): Promise<OpenLimits> {
  // Commits are not flushed, but the file stays whole: https://www.sqlite.org/pragma.html#pragma_synchronous
  const database = openSqlite(`${store}.limits`, (opened) => opened.exec('PRAGMA synchronous = NORMAL'))
  try {
    const statement = preparing(database)
    const dialect = sqliteDialect({ toRead: statement, toWrite: statement }, 'WRITE')
    const kysely = new Kysely<LimitTables>({ dialect })
    await createLimitTables(kysely, 'sqlite')
    return { ...sharedLimits(kysely, 'sqlite'), close: async () => database.close() }
  } catch (cause) {
    database.close()
    throw cause
  }
}

/** Prepares each statement once. */
function preparing(database: DatabaseSync): (statement: string) => StatementSync {
  const prepared = new Map<string, StatementSync>()
  return (statement) => {
    const known = prepared.get(statement) ?? database.prepare(statement)
    prepared.set(statement, known)
    return known
  }
}
