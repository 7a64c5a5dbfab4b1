/**
 * The log of what was done to keys, availability, the catalogue, customers and models: who, what and when. An entry is
 * written in the same transaction as its change, so that neither exists without the other. The log is bounded: of each kind
 * the latest entries are kept, so that changes to availability never remove entries about keys.
 *
 * It names no customer, not even by a hash: ids of customers are few enough to try them all, and an erased customer must
 * not be found in any file.
 */
import { existsSync } from 'node:fs'
import { DatabaseFile } from './database.ts'

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

const INSERT = 'INSERT INTO audit (time, kind, actor, action, subject) VALUES (?, ?, ?, ?, ?)'

const FORGET = `
  DELETE FROM audit WHERE kind = ?1 AND id <= (
    SELECT id FROM audit WHERE kind = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2
  )
`

const LATEST = 'SELECT id, time, kind, actor, action, subject FROM audit ORDER BY id DESC LIMIT ?'

/** Records a change, within the transaction that makes it. @param time  in ms since 1970 */
export function record(
  database: DatabaseFile,
  time: number,
  { kind, actor, action, subject }: Omit<AuditEntry, 'id' | 'time'>,
): void {
  database.toWrite(INSERT).run(time, kind, cut(actor), action, cut(subject))
  database.toWrite(FORGET).run(kind, KEPT[kind])
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
 * @throws {Error} if the store does not exist or cannot be read
 */
export function auditEntries(file: string, last: number): AuditEntry[] {
  if (!existsSync(file)) throw new Error(`there is no store ${file}`)
  const database = new DatabaseFile(file)
  try {
    const rows = database.toRead(LATEST)?.all(last) ?? []
    return rows.map((row) => ({
      id: Number(row['id']),
      time: new Date(Number(row['time'])),
      kind: row['kind'] as AuditKind,
      actor: String(row['actor']),
      action: String(row['action']),
      subject: String(row['subject']),
    }))
  } finally {
    database.close()
  }
}
