/** The log of events of a store, by the engine that keeps it. */
import type { Database } from './database.ts'
import type { EventStore } from './event-store.ts'
import { type Part, partOf } from './open-database.ts'
import { PostgresDatabase } from './postgres/database.ts'
import { PostgresEvents } from './postgres/events.ts'
import type { SqliteDatabase } from './sqlite/database.ts'
import { SqliteEvents } from './sqlite/events.ts'

/**
 * Opens the log of events of a store; an SQLite file is created with the first event.
 * @param store  where it is, or a database that others share
 * @param now  the clock, in ms since 1970
 */
export function openEvents(store: string | Database, now: () => number = Date.now): EventStore {
  const part: Part = partOf(store)
  if (part.database instanceof PostgresDatabase) return new PostgresEvents(part.database, part.close, now)
  return new SqliteEvents(part.database as SqliteDatabase, part.close, now)
}
