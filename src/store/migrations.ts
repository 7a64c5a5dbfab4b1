/**
 * The schema of the store, as numbered steps, for both engines. A store keeps the number of its last step. Steps are only
 * ever added: whoever opens a store for writing runs those that it lacks, all or none, while no other process writes. A
 * store from before the steps has number 0 and any of the tables of the first one.
 */

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

/** What the engines call differently. */
export interface SchemaTerms {
  /** Types: whole numbers and times, numbers, texts (compared byte by byte), bytes. */
  readonly whole: string
  readonly number: string
  readonly text: string
  readonly bytes: string
  /** A whole number that rises with each row and is never given twice. */
  readonly rising: string
  /** What follows the columns of a table, of one that is kept in the order of its key, and of one with rising numbers. */
  readonly end: string
  readonly endByKey: string
  /** The key of events, and the columns of their indexes. */
  readonly eventKey: string
  readonly eventsById: string
  readonly historyColumns: string
  readonly interestColumns: string
  /** A random text of 32 hexadecimal digits. */
  readonly random: string
}

/** Never change a step that was released: add one. */
const STEPS: readonly ((terms: SchemaTerms) => string)[] = [
  // Revisions and entries of the audit log have AUTOINCREMENT: no number is ever given twice.
  ({ bytes, end, endByKey, number, rising, text, whole }) => `
  CREATE TABLE IF NOT EXISTS api_keys (
    id ${text} PRIMARY KEY, name ${text} NOT NULL, scopes ${text} NOT NULL, hash ${bytes} NOT NULL,
    created ${whole} NOT NULL, last_used ${whole}, expires ${whole}, revoked ${whole}, replaced_by ${text}
  ) ${endByKey};
  CREATE TABLE IF NOT EXISTS signing_keys (id ${text} PRIMARY KEY, public_key ${text} NOT NULL) ${endByKey};
  CREATE TABLE IF NOT EXISTS clock ("only" ${whole} PRIMARY KEY CHECK ("only" = 1), latest ${whole} NOT NULL) ${end};
  CREATE TABLE IF NOT EXISTS audit (
    id ${rising}, time ${whole} NOT NULL, kind ${text} NOT NULL, actor ${text} NOT NULL,
    action ${text} NOT NULL, subject ${text} NOT NULL
  ) ${end};
  CREATE INDEX IF NOT EXISTS audit_of_kind ON audit (kind, id);
  CREATE TABLE IF NOT EXISTS availability (
    revision ${rising}, sku ${text} NOT NULL UNIQUE,
    hidden ${whole} NOT NULL, in_stock ${whole} NOT NULL, valid_from ${whole}, valid_until ${whole}
  ) ${end};
  CREATE TABLE IF NOT EXISTS explanations (key ${text} PRIMARY KEY, answer ${text} NOT NULL) ${endByKey};
  CREATE TABLE IF NOT EXISTS spending (
    day ${text} PRIMARY KEY, tokens ${number} NOT NULL, money ${number} NOT NULL
  ) ${endByKey};
  `,
  // Of a visitor who is not identified, "customer" holds the visitor's id, and "is_visitor" is 1. The index of histories
  // holds only the kinds that histories are made of: a customer's thousands of views are not read for them.
  ({ endByKey, eventKey, eventsById, historyColumns, number, text, whole }) => `
  CREATE TABLE events (
    is_visitor ${whole} NOT NULL, customer ${text} NOT NULL, at ${whole} NOT NULL, id ${text} NOT NULL,
    product ${text} NOT NULL, kind ${text} NOT NULL, received_at ${whole} NOT NULL, quantity ${number}, price ${number}, value ${number},
    order_id ${text}, list_id ${text}, placement ${text},
    ${eventKey}
  ) ${endByKey};
  ${eventsById}
  CREATE INDEX events_of_histories ON events (${historyColumns})
    WHERE is_visitor = 0 AND kind IN ('PURCHASE', 'RETURN', 'NOT_INTERESTED');
  CREATE TABLE visitors (
    visitor ${text} PRIMARY KEY, customer ${text} NOT NULL, identified_at ${whole} NOT NULL
  ) ${endByKey};
  CREATE INDEX visitors_of_customer ON visitors (customer);
  `,
  // The store's own id, and the latest time at which events were received: it rises with each transaction, also if the
  // clock is set back, so that "received until then" is what a training has read.
  ({ end, random, rising, text, whole }) => `
  CREATE TABLE log (
    "only" ${whole} PRIMARY KEY CHECK ("only" = 1), store ${text} NOT NULL, received ${whole} NOT NULL
  ) ${end};
  INSERT INTO log SELECT 1, ${random}, coalesce(max(received_at), 0) FROM events;
  CREATE TABLE models (
    number ${rising}, version ${text} NOT NULL UNIQUE, hash ${text} NOT NULL,
    state ${text} NOT NULL CHECK (state IN ('SERVING', 'RETIRED', 'REJECTED')),
    added_at ${whole} NOT NULL, promoted_at ${whole}, decision ${text} NOT NULL
  ) ${end};
  CREATE UNIQUE INDEX serving_model ON models (state) WHERE state = 'SERVING';
  `,
  // The catalogue: rows are never deleted, so that the greatest revision never falls. What files say of a purchase beside
  // the event itself is in columns of the event, and what they say of customers in a table: training needs it. Of imports
  // only the last one is described.
  ({ end, endByKey, number, text, whole }) => `
  CREATE TABLE products (
    sku ${text} PRIMARY KEY, place ${whole} NOT NULL, name ${text}, category ${text}, seller ${text}, price ${number}, currency ${text},
    image_url ${text}, url ${text}, attributes ${text} NOT NULL, removed ${whole} NOT NULL, revision ${whole} NOT NULL
  ) ${endByKey};
  CREATE INDEX products_by_place ON products (place, sku);
  CREATE INDEX products_by_revision ON products (revision);
  ALTER TABLE events ADD COLUMN seller ${text};
  ALTER TABLE events ADD COLUMN review_score ${number};
  ALTER TABLE events ADD COLUMN delivery_delay ${number};
  ALTER TABLE events ADD COLUMN place ${whole};
  CREATE TABLE customers (
    customer ${text} PRIMARY KEY, place ${whole} NOT NULL, segment ${text}
  ) ${endByKey};
  CREATE INDEX customers_by_place ON customers (place, customer);
  CREATE TABLE imported ("only" ${whole} PRIMARY KEY CHECK ("only" = 1), facts ${text} NOT NULL) ${end};
  `,
  // As the index of histories, one of what people look at, visitors among them: thousands of impressions are not read for it.
  ({ interestColumns }) => `
  CREATE INDEX events_of_interest ON events (${interestColumns}) WHERE kind IN ('VIEW', 'CART');
  `,
]

/** The number of the latest schema. */
export const SCHEMA = STEPS.length

/**
 * The steps that a store lacks.
 * @param found  the number of its schema
 * @throws {NewerStoreError}
 */
export function stepsAfter(found: number, terms: SchemaTerms): readonly string[] {
  if (found > SCHEMA) throw new NewerStoreError(found, SCHEMA)
  return STEPS.slice(found).map((step) => step(terms))
}
