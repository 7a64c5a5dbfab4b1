/**
 * The log of what was done to keys, availability, the catalogue, customers and models: who, what and when. An entry is
 * written in the same transaction as its change, so that neither exists without the other. The log is bounded: of each kind
 * the latest entries are kept, so that changes to availability never remove entries about keys.
 *
 * It names no customer, not even by a hash: ids of customers are few enough to try them all, and an erased customer must
 * not be found in any file.
 */
import type { Database, Queries } from './database.ts'
import { expectStore, partOf } from './open-database.ts'
import { orStoreError } from './store-error.ts'

/** The kinds of entries, and how many of each are kept. */
const KEPT: Readonly<Record<AuditKind, number>> = {
  keys: 10_000,
  availability: 20_000,
  catalogue: 20_000,
  customers: 20_000,
  models: 10_000,
}

/** The actor if a program in its own process names none. */
export const PROGRAM = 'program'

/** The longest text of an entry, in characters. */
const MAX_LENGTH = 1000

/** The kind of an entry. */
export type AuditKind = 'keys' | 'availability' | 'catalogue' | 'customers' | 'models'

/** One change: what, by which actor and when. */
export interface AuditEntry {
  /** Rises with each entry; deleted entries leave gaps. */
  readonly id: number
  readonly time: Date
  readonly kind: AuditKind
  /**
   * The actor: "key 4f1c09ab", "server token", "command line of ana", the address of a caller without a key, "server" for
   * what a server does by itself, "program".
   */
  readonly actor: string
  /**
   * The action. Of keys: "create", "revoke", "rotate". Of availability: "set". Of the catalogue: "upsert", "remove". Of
   * customers: "erase", "export". Of models: "retrain", "cancel", "promote", "roll back".
   */
  readonly action: string
  /** What it was done to, in words. Of customers: how many events, and not who. */
  readonly subject: string
}

/** The statements that record a change and forget what is beyond the bound. @param time  in ms since 1970 */
export function auditStatements(
  queries: Queries,
  time: number,
  { kind, actor, action, subject }: Omit<AuditEntry, 'id' | 'time'>,
) {
  const entry = { time, kind, actor: cut(actor), action, subject: cut(subject) }
  const beyond = queries
    .selectFrom('audit')
    .select('id')
    .where('kind', '=', kind)
    .orderBy('id', 'desc')
    .limit(1)
    .offset(KEPT[kind])
  return [
    queries.insertInto('audit').values(entry),
    queries.deleteFrom('audit').where('kind', '=', kind).where('id', '<=', beyond),
  ] as const
}

/** Records a change, within the transaction that makes it. @param time  in ms since 1970 */
export async function record(
  queries: Queries,
  time: number,
  entry: Omit<AuditEntry, 'id' | 'time'>,
): Promise<void> {
  for (const statement of auditStatements(queries, time, entry)) await statement.execute()
}

/** "2 products: "a", "b"": the first of many things, for the subject of an entry. @param one,many  what they are called */
export function listedSubject(things: readonly string[], one: string, many: string): string {
  return `${things.length} ${things.length === 1 ? one : many}: ${things.slice(0, 20).join(', ')}`
}

function cut(text: string): string {
  return text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH - 2)} …`
}

/**
 * The latest entries of a store, the latest first.
 * @param store  where it is, or a database that others share
 * @throws {Error} if the store does not exist
 * @throws {StoreError} if it cannot be read
 */
export async function auditEntries(store: string | Database, last: number): Promise<AuditEntry[]> {
  if (typeof store === 'string') expectStore(store)
  const { database, close } = partOf(store)
  try {
    const rows = await orStoreError(
      () =>
        database.read((queries) =>
          queries.selectFrom('audit').selectAll().orderBy('id', 'desc').limit(last).execute(),
        ),
      `The audit log in ${database.name} cannot be read`,
    )
    return rows.map((row) => Object.assign(row, { time: new Date(row.time) }))
  } finally {
    await close()
  }
}
