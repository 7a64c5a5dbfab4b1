/**
 * The log of changes to keys and availability: who, what and when. An entry is written in the same transaction as its
 * change, so that neither exists without the other. The log is bounded: of each kind the latest entries are kept, so that
 * changes to availability never remove entries about keys.
 */
import { existsSync } from 'node:fs'
import { DatabaseFile } from './database.ts'

/** The kinds of entries, and how many of each are kept. */
const KEPT: Readonly<Record<AuditKind, number>> = { keys: 10_000, availability: 20_000 }

/** The longest text of an entry, in characters. */
const MAX_LENGTH = 1000

/** The kind of an entry. */
export type AuditKind = 'keys' | 'availability'

/** One change: what, by which actor and when. */
export interface AuditEntry {
  /** Rises with each entry; deleted entries leave gaps. */
  readonly id: number
  readonly time: Date
  readonly kind: AuditKind
  /** The actor: "key 4f1c09ab", "server token", "command line of ana", the address of a caller without a key. */
  readonly actor: string
  /** The action: "create", "revoke", "rotate", "set". */
  readonly action: string
  /** What was changed, in words. */
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
