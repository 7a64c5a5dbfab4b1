/**
 * What holds across all processes of a store: the rates of callers, and which process does a piece of work. SQLite and
 * PostgreSQL run the same statements, each of which is whole by itself, so that no transaction is needed. Times are the
 * database's, in seconds, since the clocks of machines differ.
 */
import { type Expression, type Kysely, type RawBuilder, sql } from 'kysely'

/** The tables of limits. Nothing in them outlives a minute: they may be lost, and then every bucket is full. */
export interface LimitTables {
  /** `full_at`: when the bucket will be full again. */
  rates: { bucket: string; full_at: number }
  claims: { key: string; owner: string; until: number }
}

/** The engine of a database, as far as limits depend on it. */
export type LimitEngine = 'sqlite' | 'postgres'

const CLOCKS: Readonly<Record<LimitEngine, RawBuilder<number>>> = {
  sqlite: sql<number>`unixepoch('subsec')`,
  postgres: sql<number>`cast(extract(epoch from clock_timestamp()) as double precision)`,
}

/** A bucket of points that refills (see `TokenBuckets`). */
export interface SharedBucket {
  readonly name: string
  /** The most that it holds. */
  readonly capacity: number
  /** What it gets back each second. */
  readonly perSecond: number
}

/** The points of callers. A bucket that nobody has used is full. All methods throw if the database fails. */
export interface SharedRates {
  /** What buckets hold, in their order; below 0: a debt. */
  held(buckets: readonly SharedBucket[]): Promise<readonly number[]>
  /**
   * Takes points if at least `left` points remain.
   * @returns what the bucket holds then; null: it holds too little, and nothing was taken
   */
  draw(bucket: SharedBucket, points: number, left: number): Promise<number | null>
  /** Takes points in any case, or gives points back if they are negative. @returns what the bucket holds then */
  charge(bucket: SharedBucket, points: number): Promise<number>
}

/** Which process does a piece of work. All methods throw if the database fails. */
export interface Claims {
  /**
   * Claims a piece of work, or keeps a claim of the same owner.
   * @param seconds  the claim ends then, unless it is kept
   * @returns whether the owner has it now
   */
  claim(key: string, owner: string, seconds: number): Promise<boolean>
  /** Gives up a claim; nothing happens if the owner does not have it. */
  release(key: string, owner: string): Promise<void>
}

/** The limits that processes share. */
export interface SharedLimits {
  readonly rates: SharedRates
  readonly claims: Claims
  /** Removes full buckets and claims that have ended. */
  sweep(): Promise<void>
}

/** Limits in a database that is open. */
export interface OpenLimits extends SharedLimits {
  /** Closes it. */
  close(): Promise<void>
}

/** A bucket is never said to be empty for longer than this, in multiples of the time in which it fills: a clock may be set back. */
const MOST_DEBT = 100

/** Seconds since 1970 have 52 bits: they are right to a quarter of a microsecond. */
const ROUNDING = 1e-6

/** Makes the tables, unless they are there. On PostgreSQL they are not logged: a crash of the server empties them. */
export async function createLimitTables(database: Kysely<LimitTables>, engine: LimitEngine): Promise<void> {
  const table = engine === 'postgres' ? sql`unlogged table` : sql`table`
  for (const definition of [
    sql`create ${table} if not exists rates (bucket text primary key, full_at double precision not null)`,
    sql`create index if not exists rates_by_time on rates (full_at)`,
    sql`create ${table} if not exists claims
      (key text primary key, owner text not null, until double precision not null)`,
  ])
    await definition.execute(database)
}

/**
 * Limits in a database that has their tables.
 * @param engine  that of the database
 * @param clock  the time in seconds, for tests. Default: the database's
 */
export function sharedLimits(
  database: Kysely<LimitTables>,
  engine: LimitEngine,
  clock: () => RawBuilder<number> = () => CLOCKS[engine],
): SharedLimits {
  return {
    rates: sharedRates(database, clock),
    claims: claims(database, clock),
    async sweep() {
      await database.deleteFrom('rates').where('full_at', '<', clock()).execute()
      await database.deleteFrom('claims').where('until', '<', clock()).execute()
    },
  }
}

/**
 * A bucket is kept as the time at which it will be full: taking points moves that time on. This is the generic cell rate
 * algorithm (ITU-T Recommendation I.371, annex A), which needs one number a caller, and none for a full bucket.
 */
function sharedRates(database: Kysely<LimitTables>, clock: () => RawBuilder<number>): SharedRates {
  /** Takes points, if the bucket will be full at most `within` seconds from now. */
  const move = ({ name, capacity, perSecond }: SharedBucket, points: number, within: number) => {
    const now = clock()
    const seconds = real(points / perSecond)
    const latest = plus(now, real((MOST_DEBT * capacity) / perSecond))
    const fullAt = sql.ref<number>('rates.full_at')
    const fromNow = sql<number>`case when ${fullAt} < ${now} then ${now}
      when ${fullAt} > ${latest} then ${latest} else ${fullAt} end`
    return database
      .insertInto('rates')
      .values({ bucket: name, full_at: plus(now, seconds) })
      .onConflict((conflict) => {
        const update = conflict.column('bucket').doUpdateSet({ full_at: plus(fromNow, seconds) })
        return within === Infinity
          ? update
          : update.where(plus(fromNow, seconds), '<=', plus(now, real(within)))
      })
      .returning(secondsUntil(sql.ref('full_at'), clock()).as('seconds'))
      .executeTakeFirst()
  }
  return {
    async held(buckets) {
      const rows = await database
        .selectFrom('rates')
        .select(['bucket', secondsUntil(sql.ref('full_at'), clock()).as('seconds')])
        .where(
          'bucket',
          'in',
          buckets.map(({ name }) => name),
        )
        .execute()
      return buckets.map((bucket) =>
        heldAfter(bucket, rows.find((row) => row.bucket === bucket.name)?.seconds ?? 0),
      )
    },
    async draw(bucket, points, left) {
      // Not even a full bucket holds so much.
      if (points > bucket.capacity - left) return null
      const moved = await move(bucket, points, (bucket.capacity - left) / bucket.perSecond + ROUNDING)
      return moved === undefined ? null : heldAfter(bucket, moved.seconds)
    },
    async charge(bucket, points) {
      return heldAfter(bucket, (await move(bucket, points, Infinity))!.seconds)
    },
  }
}

/** What a bucket holds that will be full in so many seconds. */
function heldAfter({ capacity, perSecond }: SharedBucket, seconds: number): number {
  return capacity - Math.min(Math.max(0, seconds), (MOST_DEBT * capacity) / perSecond) * perSecond
}

function claims(database: Kysely<LimitTables>, clock: () => RawBuilder<number>): Claims {
  return {
    async claim(key, owner, seconds) {
      const until = plus(clock(), real(seconds))
      const claimed = await database
        .insertInto('claims')
        .values({ key, owner, until })
        .onConflict((conflict) =>
          conflict
            .column('key')
            .doUpdateSet({ owner, until })
            .where((is) => is.or([is('claims.until', '<', clock()), is('claims.owner', '=', owner)])),
        )
        .returning('owner')
        .executeTakeFirst()
      return claimed !== undefined
    },
    async release(key, owner) {
      await database.deleteFrom('claims').where('key', '=', key).where('owner', '=', owner).execute()
    },
  }
}

/** A number of the statement: PostgreSQL has to be told its type. */
const real = (value: number) => sql<number>`cast(${value} as double precision)`

const plus = (a: Expression<number>, b: Expression<number>) => sql<number>`${a} + ${b}`

const secondsUntil = (time: Expression<unknown>, now: Expression<number>) => sql<number>`${time} - ${now}`
