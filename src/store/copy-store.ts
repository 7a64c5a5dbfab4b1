/** Copies all of a store into another, of the same engine or the other one. */
import { sql } from 'kysely'
import { setImmediate as turn } from 'node:timers/promises'
import { inChunks, type Queries } from './database.ts'
import { openDatabase } from './open-database.ts'
import { PostgresDatabase } from './postgres/database.ts'
import { orStoreError, StoreError } from './store-error.ts'
import type { Tables } from './tables.ts'

/** The columns that order the rows of a table, each row once. */
const KEYS = {
  log: ['only'],
  events: ['is_visitor', 'customer', 'at', 'id'],
  visitors: ['visitor'],
  customers: ['customer'],
  imported: ['only'],
  products: ['sku'],
  models: ['number'],
  api_keys: ['id'],
  signing_keys: ['id'],
  clock: ['only'],
  audit: ['id'],
  availability: ['revision'],
  explanations: ['key'],
  spending: ['day'],
} as const satisfies { readonly [Name in keyof Tables]: readonly (keyof Tables[Name])[] }

type Table = keyof Tables

const TABLES = Object.keys(KEYS) as Table[]

/** Tables whose rows PostgreSQL numbers; SQLite goes on from the greatest number by itself. */
const NUMBERED = { models: 'number', audit: 'id', availability: 'revision' } as const

/** Rows that one statement reads. */
const PAGE = 5000

/** How many rows each table has. */
export type RowCounts = Readonly<Record<Table, number>>

/** How a copy is watched and stopped. */
export interface CopyOptions {
  /** Called with the number of rows that are copied, and how many there are. */
  readonly onProgress?: (copied: number, of: number) => void
  readonly signal?: AbortSignal
}

/**
 * Copies a store, page by page, in one transaction of the target: all or nothing. What is written to the store meanwhile
 * may be missing, and then the numbers of rows differ at the end: stop its servers first.
 * @param from  the store; it is not changed
 * @param to  an empty store: an SQLite file is created, a PostgreSQL database has to be there
 * @returns how many rows of each table were copied
 * @throws {Error} if the target is not empty, or the store was written to meanwhile
 * @throws {StoreError} if one of them cannot be read or written
 * @throws the reason of `signal`, when that aborts
 */
export async function copyStore(
  from: string,
  to: string,
  { onProgress, signal }: CopyOptions = {},
): Promise<RowCounts> {
  const [source, target] = [openDatabase(from), openDatabase(to)]
  const read = <Result>(query: (queries: Queries) => Promise<Result>) =>
    orStoreError(() => source.read(query), `${source.name} cannot be read`)
  try {
    const counts = await read(countsOf)
    const all = TABLES.reduce((sum, table) => sum + counts[table], 0)
    await orStoreError(
      () =>
        target.write('EVENTS', async (queries) => {
          expectEmpty(target.name, await countsOf(queries))
          let copied = 0
          for (const table of TABLES)
            for await (const rows of pagesOf(read, table)) {
              await insert(queries, table, rows)
              copied += rows.length
              onProgress?.(copied, all)
              await turn()
              signal?.throwIfAborted()
            }
          if (target instanceof PostgresDatabase) await continueNumbers(queries)
          expectSame(source.name, await read(countsOf), await countsOf(queries))
        }),
      `Nothing was copied: ${target.name} cannot be written`,
      CopyError,
      StoreError,
    ).catch((cause: unknown) => {
      signal?.throwIfAborted()
      throw cause
    })
    return counts
  } finally {
    await source.close()
    await target.close()
  }
}

/** The stores are not such that one can be copied into the other. Nothing was copied. */
export class CopyError extends Error {
  override readonly name = 'CopyError'
}

/** @throws {CopyError} naming what it holds */
function expectEmpty(name: string, counts: RowCounts): void {
  // The log of a store has one row from the beginning: its id.
  const found = TABLES.filter((table) => table !== 'log' && counts[table] > 0)
  if (found.length === 0) return
  const held = found.map((table) => `${counts[table]} in ${table}`).join(', ')
  throw new CopyError(
    `${name} is not empty, and a copy would mix two stores (rows: ${held}): name another store`,
  )
}

/** @throws {CopyError} naming the tables that differ */
function expectSame(name: string, expected: RowCounts, found: RowCounts): void {
  const different = TABLES.filter((table) => expected[table] !== found[table])
  if (different.length === 0) return
  const list = different.map((table) => `${table} ${found[table]} of ${expected[table]}`).join(', ')
  throw new CopyError(
    `${name} was written to while it was copied, so that nothing was copied (rows: ${list}): stop its servers and try again`,
  )
}

async function countsOf(queries: Queries): Promise<RowCounts> {
  const counts: [Table, number][] = []
  for (const table of TABLES) {
    const counted = sql<{ count: number }>`SELECT count(*) AS count FROM ${sql.table(table)}`
    counts.push([table, (await counted.execute(queries)).rows[0]?.count ?? 0])
  }
  return Object.fromEntries(counts) as Record<Table, number>
}

type Read = <Result>(query: (queries: Queries) => Promise<Result>) => Promise<Result>

async function* pagesOf(read: Read, table: Table): AsyncGenerator<readonly object[]> {
  const keys: readonly string[] = KEYS[table]
  const columns = sql.join(keys.map((key) => sql.ref(key)))
  for (let last: readonly unknown[] | undefined; ; ) {
    const later = last === undefined ? sql`` : sql`WHERE (${columns}) > (${sql.join(last)})`
    const page = sql<Record<string, unknown>>`
      SELECT * FROM ${sql.table(table)} ${later} ORDER BY ${columns} LIMIT ${sql.lit(PAGE)}`
    const { rows } = await read((queries) => page.execute(queries))
    if (rows.length > 0) yield rows
    if (rows.length < PAGE) return
    last = keys.map((key) => rows[rows.length - 1][key])
  }
}

async function insert(queries: Queries, table: Table, rows: readonly object[]): Promise<void> {
  // The id of the store goes with it.
  if (table === 'log') await queries.deleteFrom('log').execute()
  for (const chunk of inChunks(rows))
    await queries
      .insertInto(table)
      .values(chunk as never)
      .execute()
}

async function continueNumbers(queries: Queries): Promise<void> {
  for (const [table, column] of Object.entries(NUMBERED))
    await sql`
      SELECT setval(pg_get_serial_sequence(${table}, ${column}),
        (SELECT coalesce(max(${sql.ref(column)}), 0) + 1 FROM ${sql.table(table)}), false)`.execute(queries)
}
