/** Which models there are, which one serves, and why. The files themselves are kept beside the store. */
import type { Selectable } from 'kysely'
import { type AuditEntry, PROGRAM, record } from './audit-log.ts'
import type { Database, Queries } from './database.ts'
import { partOf } from './open-database.ts'
import { orStoreError } from './store-error.ts'
import type { Tables } from './tables.ts'

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

/**
 * Opens the registry of a store.
 * @param store  where it is, or a database that others share
 * @param now  the clock, in ms since 1970
 */
export function openModelRegistry(store: string | Database, now: () => number = Date.now): ModelRegistry {
  const { database, close } = partOf(store)
  const read = <Result>(query: (queries: Queries) => Promise<Result>) =>
    orStoreError(() => database.read(query), `The models in ${database.name} cannot be read`)
  const write = <Result>(work: (queries: Queries) => Promise<Result>) =>
    orStoreError(
      () => database.write('MODELS', work),
      `Nothing was changed: ${database.name} cannot be written`,
      RangeError,
    )
  const audit = (queries: Queries, actor: string, action: string, subject: string) =>
    record(queries, now(), { kind: 'models', actor, action, subject })

  return {
    serving: () => read(servingVersion),
    all: () =>
      read(async (queries) => {
        const rows = await queries.selectFrom('models').selectAll().orderBy('number', 'desc').execute()
        return rows.map(modelOf)
      }),
    add: ({ version, hash, decision }) =>
      write(async (queries) => {
        await queries
          .insertInto('models')
          .values({ version, hash, state: 'REJECTED', added_at: now(), decision: JSON.stringify(decision) })
          .onConflict((conflict) => conflict.column('version').doNothing())
          .execute()
      }),
    promote: (version, decision, by = PROGRAM) =>
      write(async (queries) => {
        const former = await servingVersion(queries)
        await queries
          .updateTable('models')
          .set({ state: 'RETIRED' })
          .where('state', '=', 'SERVING')
          .where('version', '<>', version)
          .execute()
        await change(queries, version, {
          state: 'SERVING',
          decision: JSON.stringify(decision),
          promoted_at: await nextPromotion(queries, now()),
        })
        const subject = former === null || former === version ? version : `${version}, in place of ${former}`
        await audit(queries, by, 'promote', subject)
      }),
    record: ({ actor, action, subject }) => write((queries) => audit(queries, actor, action, subject)),
    rollback: (by = PROGRAM) =>
      write(async (queries) => {
        const from = await queries
          .selectFrom('models')
          .select(['version', 'decision'])
          .where('state', '=', 'SERVING')
          .executeTakeFirst()
        const to = await queries
          .selectFrom('models')
          .select('version')
          .where('state', '=', 'RETIRED')
          .orderBy('promoted_at', 'desc')
          .limit(1)
          .executeTakeFirst()
        if (from === undefined || to === undefined)
          throw new RangeError(
            'the store knows no model that served before, so there is none to go back to: `rationale retrain` makes a new one',
          )
        const reason = `It was rolled back to ${to.version}.`
        const decision = JSON.stringify({ ...JSON.parse(from.decision), reason })
        await change(queries, from.version, { state: 'REJECTED', decision })
        await change(queries, to.version, {
          state: 'SERVING',
          promoted_at: await nextPromotion(queries, now()),
        })
        await audit(queries, by, 'roll back', `${from.version}, to ${to.version}`)
        return { from: from.version, to: to.version }
      }),
    replace: (version, by) =>
      write((queries) => change(queries, version, { version: by.version, hash: by.hash })),
    prune: (keep) =>
      write(async (queries) => {
        const kept = await queries
          .selectFrom('models')
          .select('number')
          .where('state', '<>', 'SERVING')
          .orderBy('number', 'desc')
          .limit(keep)
          .execute()
        let forgotten = queries.deleteFrom('models').where('state', '<>', 'SERVING')
        if (kept.length > 0) forgotten = forgotten.where('number', '<', kept[kept.length - 1].number)
        const rows = await forgotten.returning('version').execute()
        return rows.map(({ version }) => version)
      }),
    close,
  }
}

async function servingVersion(queries: Queries): Promise<string | null> {
  const row = await queries
    .selectFrom('models')
    .select('version')
    .where('state', '=', 'SERVING')
    .executeTakeFirst()
  return row?.version ?? null
}

/** The time, or just after the latest promotion if the clock was set back. */
async function nextPromotion(queries: Queries, now: number): Promise<number> {
  const { latest } = await queries
    .selectFrom('models')
    .select(({ fn }) => fn.max('promoted_at').as('latest'))
    .executeTakeFirstOrThrow()
  return Math.max(now, 1 + (latest ?? 0))
}

/** @throws {RangeError} if there is no such model */
async function change(
  queries: Queries,
  version: string,
  to: Partial<Pick<Tables['models'], 'version' | 'hash' | 'state' | 'promoted_at' | 'decision'>>,
): Promise<void> {
  const { numUpdatedRows } = await queries
    .updateTable('models')
    .set(to)
    .where('version', '=', version)
    .executeTakeFirstOrThrow()
  if (numUpdatedRows === 0n) throw new RangeError(`the store knows no model ${version}`)
}

function modelOf(row: Selectable<Tables['models']>): RegisteredModel {
  const { version, hash, state, added_at: addedAt, promoted_at: promotedAt } = row
  return { version, hash, state, addedAt, promotedAt, decision: JSON.parse(row.decision) as ModelDecision }
}
