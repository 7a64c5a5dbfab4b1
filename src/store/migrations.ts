/**
 * The schema of the store, as numbered steps. A store keeps the number of its last step (`PRAGMA user_version`). Steps are
 * only ever added: whoever opens a store for writing runs those that it lacks, all or none, while no other process
 * writes. A store from before the steps has number 0 and any of the tables of the first one.
 */
import type { DatabaseSync } from 'node:sqlite'

/** The store was made by a newer version of Rationale, whose schema this one does not know. Nothing was changed. */
export class NewerStoreError extends Error {
  override readonly name = 'NewerStoreError'
  /** The schema's number in the store. */
  readonly found: number
  /** The highest number that this version knows. */
  readonly known: number

  constructor(found: number, known: number) {
    super(
      `the store has schema ${found}, and this version of Rationale knows schemas up to ${known}: a newer version made ` +
        'it. Use that version, or another store',
    )
    this.found = found
    this.known = known
  }
}

/** Never change a step that was released: add one. */
const STEPS: readonly string[] = [
  // Revisions and entries of the audit log have AUTOINCREMENT: no number is ever given twice.
  `
  CREATE TABLE IF NOT EXISTS api_keys (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, scopes TEXT NOT NULL, hash BLOB NOT NULL,
    created INTEGER NOT NULL, last_used INTEGER, expires INTEGER, revoked INTEGER, replaced_by TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS signing_keys (id TEXT PRIMARY KEY, public_key TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS clock (only INTEGER PRIMARY KEY CHECK (only = 1), latest INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, kind TEXT NOT NULL, actor TEXT NOT NULL,
    action TEXT NOT NULL, subject TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS audit_of_kind ON audit (kind, id);
  CREATE TABLE IF NOT EXISTS availability (
    revision INTEGER PRIMARY KEY AUTOINCREMENT, sku TEXT NOT NULL UNIQUE,
    hidden INTEGER NOT NULL, in_stock INTEGER NOT NULL, valid_from INTEGER, valid_until INTEGER
  ) STRICT;
  CREATE TABLE IF NOT EXISTS explanations (key TEXT PRIMARY KEY, answer TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS spending (
    day TEXT PRIMARY KEY, tokens REAL NOT NULL, money REAL NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // Of a visitor who is not identified, "customer" holds the visitor's id, and "is_visitor" is 1. The index of histories
  // holds only the kinds that histories are made of: a customer's thousands of views are not read for them.
  `
  CREATE TABLE events (
    is_visitor INTEGER NOT NULL, customer TEXT NOT NULL, at INTEGER NOT NULL, id TEXT NOT NULL,
    product TEXT NOT NULL, kind TEXT NOT NULL, received_at INTEGER NOT NULL, quantity REAL, price REAL, value REAL,
    order_id TEXT, list_id TEXT, placement TEXT,
    PRIMARY KEY (is_visitor, customer, at, id)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX events_by_id ON events (id);
  CREATE INDEX events_of_histories ON events (customer, at, id)
    WHERE is_visitor = 0 AND kind IN ('PURCHASE', 'RETURN', 'NOT_INTERESTED');
  CREATE TABLE visitors (
    visitor TEXT PRIMARY KEY, customer TEXT NOT NULL, identified_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX visitors_of_customer ON visitors (customer);
  `,
  // The store's own id, and the latest time at which events were received: it rises with each transaction, also if the
  // clock is set back, so that "received until then" is what a training has read.
  `
  CREATE TABLE log (
    only INTEGER PRIMARY KEY CHECK (only = 1), store TEXT NOT NULL, received INTEGER NOT NULL
  ) STRICT;
  INSERT INTO log SELECT 1, lower(hex(randomblob(16))), coalesce(max(received_at), 0) FROM events;
  CREATE TABLE models (
    number INTEGER PRIMARY KEY AUTOINCREMENT, version TEXT NOT NULL UNIQUE, hash TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('SERVING', 'RETIRED', 'REJECTED')),
    added_at INTEGER NOT NULL, promoted_at INTEGER, decision TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX serving_model ON models (state) WHERE state = 'SERVING';
  `,
  // The catalogue: rows are never deleted, so that the greatest revision never falls. What files say of a purchase beside
  // the event itself is in columns of the event, and what they say of customers in a table: training needs it. Of imports
  // only the last one is described.
  `
  CREATE TABLE products (
    sku TEXT PRIMARY KEY, place INTEGER NOT NULL, name TEXT, category TEXT, seller TEXT, price REAL, currency TEXT,
    image_url TEXT, url TEXT, attributes TEXT NOT NULL, removed INTEGER NOT NULL, revision INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX products_by_place ON products (place, sku);
  CREATE INDEX products_by_revision ON products (revision);
  ALTER TABLE events ADD COLUMN seller TEXT;
  ALTER TABLE events ADD COLUMN review_score REAL;
  ALTER TABLE events ADD COLUMN delivery_delay REAL;
  ALTER TABLE events ADD COLUMN place INTEGER;
  CREATE TABLE customers (
    customer TEXT PRIMARY KEY, place INTEGER NOT NULL, segment TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX customers_by_place ON customers (place, customer);
  CREATE TABLE imported (only INTEGER PRIMARY KEY CHECK (only = 1), facts TEXT NOT NULL) STRICT;
  `,
  // As the index of histories, one of what people look at, visitors among them: thousands of impressions are not read for it.
  `
  CREATE INDEX events_of_interest ON events (is_visitor, customer, at, id) WHERE kind IN ('VIEW', 'CART');
  `,
]

/** The number of the latest schema. */
export const SCHEMA = STEPS.length

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
    for (const step of STEPS.slice(expectKnownSchema(database))) database.exec(step)
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
