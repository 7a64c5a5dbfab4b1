/** The limits that the processes of a store share, by the engine that keeps it. */
import { Kysely } from 'kysely'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Database } from './database.ts'
import { partOf } from './open-database.ts'
import { PostgresDatabase } from './postgres/database.ts'
import { createLimitTables, type LimitTables, type OpenLimits, sharedLimits } from './shared-limits.ts'
import { openSqlite } from './sqlite/database-file.ts'
import { sqliteDialect } from './sqlite/dialect.ts'

/**
 * Opens the limits of a store: on PostgreSQL in tables of the store, else in the file of the same name as an SQLite file's
 * and the ending `.limits`. That is a file of its own, so that taking points waits for no transaction of the store and for
 * no flush of the disk: what it says is worth nothing after a crash of the machine. Whoever deletes it fills all buckets.
 * @param store  where it is, or a database that others share
 * @throws {Error} if they cannot be created or written
 */
export async function openLimits(store: string | Database): Promise<OpenLimits> {
  const { database, close } = partOf(store)
  try {
    if (database instanceof PostgresDatabase) {
      await database.write('LIMITS', (queries) => createLimitTables(asLimits(queries), 'postgres'))
      return { ...sharedLimits(asLimits(await database.opened()), 'postgres'), close }
    }
    const limits = await limitsInFile(`${database.name}.limits`)
    await close()
    return limits
  } catch (cause) {
    await close()
    throw cause
  }
}

const asLimits = (queries: unknown) => queries as Kysely<LimitTables>

async function limitsInFile(file: string): Promise<OpenLimits> {
  // Commits are not flushed, but the file stays whole: https://www.sqlite.org/pragma.html#pragma_synchronous
  const database = openSqlite(file, (opened) => opened.exec('PRAGMA synchronous = NORMAL'))
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
