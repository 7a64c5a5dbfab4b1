/** A store on PostgreSQL, for the parts that both engines share. */
import { Kysely, PostgresDialect, sql } from 'kysely'
import type { PoolConfig } from 'pg'
import { AREAS, type Area, type Database, type Queries, type WriteOptions } from '../database.ts'
import { NewerStoreError } from '../migrations.ts'
import type { Tables } from '../tables.ts'
import { type PostgresAddress, postgresAddress } from './address.ts'
import { lacksSteps, migratePostgres } from './migrate.ts'

/** The most connections of a process. */
const CONNECTIONS = 10

/** How long a connection may take, a statement on the server, and an answer, in ms. */
const CONNECT_TIMEOUT = 5000
const STATEMENT_TIMEOUT = 30_000
const ANSWER_TIMEOUT = 40_000

type Driver = typeof import('pg')

/** The library that speaks to PostgreSQL, which the default install does not have. @throws {Error} what to install */
async function driver(): Promise<Driver> {
  try {
    return await import('pg')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause
    throw new Error('a store on PostgreSQL needs the package pg: install it with `npm install pg`', { cause })
  }
}

/** A pool of connections, opened and migrated at the first use. */
export class PostgresDatabase implements Database {
  readonly address: PostgresAddress
  #opening: Promise<Queries> | undefined
  #openings = 0

  /** @param store  its URL @throws {Error} if that cannot be read */
  constructor(store: string) {
    this.address = postgresAddress(store)
  }

  get name(): string {
    return this.address.name
  }

  get openings(): number {
    return this.#openings
  }

  isReadOnly(): Promise<boolean> {
    return this.read(async (queries) => {
      const { rows } = await sql<{ readonly: string }>`
        SELECT current_setting('transaction_read_only') AS readonly`.execute(queries)
      return rows[0].readonly === 'on'
    })
  }

  read<Result>(query: (queries: Queries) => Promise<Result>): Promise<Result> {
    return this.#attempt((queries) => query(queries))
  }

  /** Writes of one area hold a lock until they are committed, so that they are seen in the order in which they are made. */
  write<Result>(
    area: Area,
    work: (queries: Queries) => Promise<Result>,
    { unlessBusy = false }: WriteOptions = {},
  ): Promise<Result> {
    return this.transaction(async (queries) => {
      if (unlessBusy) await sql`SET LOCAL lock_timeout = 1`.execute(queries)
      const store = `rationale ${this.address.schema}`
      await sql`SELECT pg_advisory_xact_lock(hashtext(${store}), ${AREAS.indexOf(area)}::int)`.execute(
        queries,
      )
      return work(queries)
    })
  }

  /** Runs a transaction that locks what it has to. */
  transaction<Result>(work: (queries: Queries) => Promise<Result>): Promise<Result> {
    return this.#attempt((queries) => queries.transaction().execute(work))
  }

  /** Runs statements that cannot be part of a transaction, however long they take. */
  async alone(statements: readonly string[]): Promise<void> {
    await this.#attempt(() =>
      this.#patiently(async (queries) => {
        for (const statement of statements) await sql.raw(statement).execute(queries)
      }),
    )
  }

  /** Two equal snapshots see the same: a transaction that is committed, however late, makes another. */
  version(): Promise<string> {
    return this.read(async (queries) => {
      const { rows } = await sql<{ seen: string }>`SELECT pg_current_snapshot()::text AS seen`.execute(
        queries,
      )
      return rows[0].seen
    })
  }

  /**
   * Takes a lock that is held until it is given back or this process ends.
   * @returns a function that gives it back; null: another holds it
   */
  async lock(name: string): Promise<(() => Promise<void>) | null> {
    // Migrated first.
    await this.read(async () => {})
    return this.#explained(async () => {
      const pg = await driver()
      const client = new pg.Client(this.#config(pg))
      // A lost connection has given the lock back.
      client.on('error', () => {})
      await client.connect()
      const { rows } = await client.query('SELECT pg_try_advisory_lock(hashtext($1), hashtext($2)) AS held', [
        `rationale ${this.address.schema}`,
        name,
      ])
      if (rows[0].held !== true) {
        await client.end()
        return null
      }
      return () => client.end()
    })
  }

  async close(): Promise<void> {
    const opening = this.#opening
    this.#opening = undefined
    const opened = await opening?.catch(() => undefined)
    await opened?.destroy()
  }

  async #attempt<Result>(work: (queries: Queries) => Promise<Result>): Promise<Result> {
    return this.#explained(async () => work(await this.#open()))
  }

  async #explained<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work()
    } catch (cause) {
      throw explained(cause)
    }
  }

  /** Opens it, for statements that are run one by one. @throws {Error} if it cannot be reached */
  opened(): Promise<Queries> {
    return this.#explained(() => this.#open())
  }

  #open(): Promise<Queries> {
    this.#opening ??= this.#connect().catch((cause: unknown) => {
      // Tried again at the next use.
      this.#opening = undefined
      throw cause
    })
    return this.#opening
  }

  async #connect(): Promise<Queries> {
    const pg = await driver()
    const pool = new pg.Pool({ ...this.#config(pg), max: CONNECTIONS })
    // Of connections that nobody uses just now, as where the server stops: the next use opens another.
    pool.on('error', () => {})
    pool.on('connect', (client) => {
      client
        .query(
          "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
        )
        .catch(() => {})
    })
    const queries = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
    try {
      if (await lacksSteps(queries))
        await this.#patiently((patient) => migratePostgres(patient, this.address.schema))
    } catch (cause) {
      await queries.destroy()
      throw cause
    }
    this.#openings++
    return queries
  }

  /** Runs statements that may take long on a connection of their own. */
  async #patiently(work: (queries: Queries) => Promise<void>): Promise<void> {
    const pg = await driver()
    const config = { ...this.#config(pg), max: 1, statement_timeout: 0, query_timeout: 0 }
    const pool = new pg.Pool(config)
    pool.on('error', () => {})
    const queries = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
    try {
      await work(queries)
    } finally {
      await pool.end()
    }
  }

  #config(pg: Driver): PoolConfig {
    const types = new pg.TypeOverrides()
    for (const type of WHOLE) types.setTypeParser(type, wholeNumber)
    return {
      connectionString: this.address.url,
      application_name: 'rationale',
      connectionTimeoutMillis: CONNECT_TIMEOUT,
      statement_timeout: STATEMENT_TIMEOUT,
      query_timeout: ANSWER_TIMEOUT,
      keepAlive: true,
      options: this.address.options,
      types,
    }
  }
}

/** BIGINT, and NUMERIC, which sums of it are: counts and times here, which numbers of JavaScript hold. */
const WHOLE = [20, 1700]

function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new Error(`the store holds ${text}, which is beyond ±(2⁵³ − 1)`)
  return value
}

/** What to do about errors of the server, by SQLSTATE (PostgreSQL, appendix A). */
const ADVICE: Readonly<Record<string, string>> = {
  '28P01': 'check the password: in the URL, $PGPASSWORD or ~/.pgpass',
  '28000': 'check the user, and who may connect (pg_hba.conf)',
  '3D000': 'create the database with `createdb`, or name another',
  '42501': 'give the user the right to use it, or to create it: GRANT CREATE ON DATABASE … TO …',
  '53100': 'its disk is full: make room',
  '53300': 'it has too many connections: raise max_connections, or run fewer servers',
  '57014': 'the statement took too long: try again when it is less busy',
  '25006': 'it is read-only: name the primary server, not a standby',
}

/** States that pass by themselves: the server is stopping or starting, or the connection was lost. */
const PASSING = /^(08|57P)/

/** An error of the driver, in words that say what to do; any other error as it is. */
function explained(cause: unknown): unknown {
  if (!(cause instanceof Error) || cause instanceof NewerStoreError) return cause
  const {
    code = '',
    severity,
    errors,
  } = cause as NodeJS.ErrnoException & {
    severity?: string
    errors?: readonly NodeJS.ErrnoException[]
  }
  if (severity !== undefined && !PASSING.test(code)) {
    const advice = ADVICE[code]
    return new Error(`PostgreSQL says: ${cause.message}${advice === undefined ? '' : `; ${advice}`}`, {
      cause,
    })
  }
  // An AggregateError of several addresses has no message of its own.
  const [first = cause as NodeJS.ErrnoException] = errors ?? []
  const isLost =
    severity !== undefined ||
    /^E[A-Z_]+$/.test(first.code ?? '') ||
    /^(connection terminated|client has encountered|timeout exceeded|query read timeout|cannot use a pool)|not queryable/i.test(
      first.message,
    )
  if (!isLost) return cause
  return new Error(`PostgreSQL cannot be reached: ${first.message}; it is tried again at the next use`, {
    cause,
  })
}
