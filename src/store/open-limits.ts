/** The limits that the processes of a store share, by the engine that keeps it. */
import type { Kysely } from 'kysely'
import type { Database } from './database.ts'
import { partOf } from './open-database.ts'
import { PostgresDatabase } from './postgres/database.ts'
import { createLimitTables, type LimitTables, type OpenLimits, sharedLimits } from './shared-limits.ts'
import { openSqliteLimits } from './sqlite/limits.ts'

/**
 * Opens the limits of a store: in a file beside an SQLite file, or in tables of the store on PostgreSQL.
 * @param store  where it is, or a database that others share
 * @throws {Error} if they cannot be created or written
 */
export async function openLimits(store: string | Database): Promise<OpenLimits> {
  const { database, close } = partOf(store)
  if (!(database instanceof PostgresDatabase)) {
    const { name } = database
    await close()
    return openSqliteLimits(name)
  }
  try {
    await database.write('LIMITS', (queries) =>
      createLimitTables(queries as unknown as Kysely<LimitTables>, 'postgres'),
    )
    const queries = (await database.opened()) as unknown as Kysely<LimitTables>
    return { ...sharedLimits(queries, 'postgres'), close }
  } catch (cause) {
    await close()
    throw cause
  }
}
