/** Which models there are, which one serves, and why. The files themselves are kept beside the store. */
import { type AuditEntry, PROGRAM, record } from './audit-log.ts'
import { StoreError } from './availability.ts'
import { DatabaseFile } from './database.ts'

/**
 * What became of a model: SERVING is what every server of the store answers with, of which there is at most one; RETIRED
 * served before; REJECTED was not promoted, or was rolled back.
 */
export type ModelState = 'SERVING' | 'RETIRED' | 'REJECTED'

/** How well two models found what customers bought next, on the same customers: nDCG @10. */
export interface ModelComparison {
  readonly candidate: number
  readonly serving: number
  /** Candidate minus serving, and the ends of its 95 % interval. */
  readonly difference: { readonly value: number; readonly low: number; readonly high: number }
  readonly customers: number
  /** The models knew what was bought before this moment, in ms since 1970 UTC, and had to find what was bought after. */
  readonly from: number
  /** What counted as found: `discovery` or `next-order` (evaluation/trial.ts). */
  readonly task: string
}

/** Why a model serves, or does not. */
export interface ModelDecision {
  /** A sentence. */
  readonly reason: string
  /** Null: the models were not compared. */
  readonly ndcg10: ModelComparison | null
}

/** A model that the store knows. */
export interface RegisteredModel {
  /** The first 12 hex digits of its hash. */
  readonly version: string
  /** SHA-256 (hex) of its tensors. */
  readonly hash: string
  readonly state: ModelState
  /** When it was added, and when it was last promoted; in ms since 1970 UTC. Null: never. */
  readonly addedAt: number
  readonly promotedAt: number | null
  readonly decision: ModelDecision
}

/** All methods throw StoreError if the store cannot be read or written; a write has then changed nothing. */
export interface ModelRegistry {
  /** The version that serves; null while there is none. */
  serving(): Promise<string | null>
  /** The latest first. */
  all(): Promise<readonly RegisteredModel[]>
  /** Adds a model that does not serve; one that is there already keeps its state. */
  add(model: Pick<RegisteredModel, 'version' | 'hash' | 'decision'>): Promise<void>
  /**
   * Makes a model the one that serves. The former one is retired.
   * @param by  who does it, for the audit log. Default: "program"
   * @throws {RangeError} if the store does not know it
   */
  promote(version: string, decision: ModelDecision, by?: string): Promise<void>
  /**
   * Makes the model that served before the present one serve again. The present one is rejected.
   * @param by  who does it, for the audit log. Default: "program"
   * @returns the versions before and after
   * @throws {RangeError} if no earlier one is left
   */
  rollback(by?: string): Promise<{ readonly from: string; readonly to: string }>
  /**
   * Another file holds the same model with less in it: a customer was erased.
   * @throws {RangeError} if the store does not know it
   */
  replace(version: string, by: Pick<RegisteredModel, 'version' | 'hash'>): Promise<void>
  /** Enters into the audit log what changes no model yet: that a retraining was started, or cancelled. */
  record(entry: Pick<AuditEntry, 'actor' | 'action' | 'subject'>): Promise<void>
  /** Forgets all but the latest models that do not serve. @returns the versions that are forgotten */
  prune(keep: number): Promise<readonly string[]>
  /** Closes the store. */
  close(): Promise<void>
}

const COLUMNS = 'version, hash, state, added_at, promoted_at, decision'

/** The time, or just after the latest promotion if the clock was set back. */
const NEXT_PROMOTION = 'max(?, 1 + (SELECT coalesce(max(promoted_at), 0) FROM models))'

/**
 * Opens the registry in a store's SQLite file, which others may use as well.
 * @param file  or IN_MEMORY
 * @param now  the clock, in ms since 1970
 */
export function openModelRegistry(file: string, now: () => number = Date.now): ModelRegistry {
  const database = new DatabaseFile(file)
  const read = <Result>(work: () => Result) => attempt(work, `The models in ${file} cannot be read`)
  const write = <Result>(work: () => Result) =>
    attempt(() => database.atOnce(work), `Nothing was changed: ${file} cannot be written`)
  const run = (sql: string, ...values: (string | number | null)[]) =>
    Number(database.toWrite(sql).run(...values).changes)

  const audit = (actor: string, action: string, subject: string) =>
    record(database, now(), { kind: 'models', actor, action, subject })

  const serving = () =>
    database.toRead(`SELECT version FROM models WHERE state = 'SERVING'`)?.get()?.['version'] as
      | string
      | undefined

  return {
    serving: () => read(() => serving() ?? null),
    all: () =>
      read(() =>
        (database.toRead(`SELECT ${COLUMNS} FROM models ORDER BY number DESC`)?.all() ?? []).map(modelOf),
      ),
    add: ({ version, hash, decision }) =>
      write(() => {
        run(
          `INSERT INTO models (version, hash, state, added_at, decision) VALUES (?, ?, 'REJECTED', ?, ?)
          ON CONFLICT (version) DO NOTHING`,
          version,
          hash,
          now(),
          JSON.stringify(decision),
        )
      }),
    promote: (version, decision, by = PROGRAM) =>
      write(() => {
        const former = serving()
        run(`UPDATE models SET state = 'RETIRED' WHERE state = 'SERVING' AND version <> ?`, version)
        const changed = run(
          `UPDATE models SET state = 'SERVING', decision = ?, promoted_at = ${NEXT_PROMOTION} WHERE version = ?`,
          JSON.stringify(decision),
          now(),
          version,
        )
        expectKnown(changed, version)
        audit(
          by,
          'promote',
          former === undefined || former === version ? version : `${version}, in place of ${former}`,
        )
      }),
    record: ({ actor, action, subject }) => write(() => audit(actor, action, subject)),
    rollback: (by = PROGRAM) =>
      write(() => {
        const from = serving()
        const to = database
          .toWrite(`SELECT version FROM models WHERE state = 'RETIRED' ORDER BY promoted_at DESC LIMIT 1`)
          .get()?.['version'] as string | undefined
        if (from === undefined || to === undefined)
          throw new RangeError(
            'the store knows no model that served before, so there is none to go back to: `rationale retrain` makes a new one',
          )
        const reason = `It was rolled back to ${to}.`
        run(
          `UPDATE models SET state = 'REJECTED', decision = json_set(decision, '$.reason', ?) WHERE version = ?`,
          reason,
          from,
        )
        run(
          `UPDATE models SET state = 'SERVING', promoted_at = ${NEXT_PROMOTION} WHERE version = ?`,
          now(),
          to,
        )
        audit(by, 'roll back', `${from}, to ${to}`)
        return { from, to }
      }),
    replace: (version, by) =>
      write(() => {
        const changed = run(
          'UPDATE models SET version = ?, hash = ? WHERE version = ?',
          by.version,
          by.hash,
          version,
        )
        expectKnown(changed, version)
      }),
    prune: (keep) =>
      write(() =>
        database
          .toWrite(
            `DELETE FROM models WHERE state <> 'SERVING' AND number NOT IN (
              SELECT number FROM models WHERE state <> 'SERVING' ORDER BY number DESC LIMIT ?
            ) RETURNING version`,
          )
          .all(keep)
          .map((row) => String(row['version'])),
      ),
    close: async () => database.close(),
  }
}

function expectKnown(changed: number, version: string): void {
  if (changed === 0) throw new RangeError(`the store knows no model ${version}`)
}

/** @throws {StoreError} except for a RangeError, which is about what was asked for */
async function attempt<Result>(work: () => Result, otherwise: string): Promise<Result> {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof RangeError) throw cause
    throw new StoreError(`${otherwise} (${cause instanceof Error ? cause.message : String(cause)}).`, cause)
  }
}

function modelOf(row: Record<string, unknown>): RegisteredModel {
  const promotedAt = row['promoted_at']
  return {
    version: String(row['version']),
    hash: String(row['hash']),
    state: row['state'] as ModelState,
    addedAt: Number(row['added_at']),
    promotedAt: promotedAt === null ? null : Number(promotedAt),
    decision: JSON.parse(String(row['decision'])) as ModelDecision,
  }
}
