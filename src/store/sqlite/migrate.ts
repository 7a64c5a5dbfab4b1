/** The schema of a store's SQLite file; its number is `PRAGMA user_version`. */
import type { DatabaseSync } from 'node:sqlite'
import { NewerStoreError, SCHEMA, type SchemaTerms, stepsAfter } from '../migrations.ts'

const TERMS: SchemaTerms = {
  whole: 'INTEGER',
  number: 'REAL',
  text: 'TEXT',
  bytes: 'BLOB',
  rising: 'INTEGER PRIMARY KEY AUTOINCREMENT',
  end: 'STRICT',
  endByKey: 'STRICT, WITHOUT ROWID',
  eventKey: 'PRIMARY KEY (is_visitor, customer, at, id)',
  eventsById: 'CREATE UNIQUE INDEX events_by_id ON events (id);',
  historyColumns: 'customer, at, id',
  interestColumns: 'is_visitor, customer, at, id',
  random: 'lower(hex(randomblob(16)))',
}

/**
 * Brings a store to the latest schema, or leaves it as it was.
 * @throws {NewerStoreError}
 * @throws {Error} if it cannot be written, or another process holds the lock for too long
 */
export function migrate(database: DatabaseSync): void {
  // A store that is up to date is opened without a lock.
  if (expectKnownSchema(database) === SCHEMA) return
  database.exec('BEGIN IMMEDIATE')
  try {
    // Another process may have run the steps meanwhile.
    for (const step of stepsAfter(expectKnownSchema(database), TERMS)) database.exec(step)
    database.exec(`PRAGMA user_version = ${SCHEMA}`)
    database.exec('COMMIT')
  } catch (cause) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw cause
  }
}

/** The number of a store's schema. @throws {NewerStoreError} */
export function expectKnownSchema(database: DatabaseSync): number {
  const found = Number(database.prepare('PRAGMA user_version').get()!['user_version'])
  if (found > SCHEMA) throw new NewerStoreError(found, SCHEMA)
  return found
}
