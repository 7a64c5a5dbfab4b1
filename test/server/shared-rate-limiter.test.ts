import fc from 'fast-check'
import { Kysely, sql } from 'kysely'
import { afterAll, describe, expect, test } from 'vitest'
import { IN_MEMORY, openSqlite } from '../../src/store/sqlite/database-file.ts'
import { SharedRateLimiter } from '../../src/server/shared-rate-limiter.ts'
import { createLimitTables, type LimitTables, sharedLimits } from '../../src/store/shared-limits.ts'
import { sqliteDialect } from '../../src/store/sqlite/dialect.ts'
import { keptLog } from '../explanations/writer.ts'

const RATE = { capacity: 1000, perSecond: 100 }
const OF_VISITORS = { capacity: 100, perSecond: 10 }
const database = openSqlite(IN_MEMORY, () => {})
const prepare = (text: string) => database.prepare(text)
afterAll(() => database.close())
const kysely = new Kysely<LimitTables>({
  dialect: sqliteDialect({ toRead: prepare, toWrite: prepare }, 'WRITE'),
})
await createLimitTables(kysely, 'sqlite')

/** Some processes that share limits, in one process: each has leases of its own. And a clock to set. */
async function processes(count: number, visitorRateLimit: typeof RATE | null = OF_VISITORS) {
  await kysely.deleteFrom('rates').execute()
  const clock = { seconds: 1000 }
  const limits = sharedLimits(kysely, 'sqlite', () => sql<number>`${clock.seconds}`)
  const log = keptLog()
  const rates = { rateLimit: RATE, visitorRateLimit }
  const all = Array.from(
    { length: count },
    () => new SharedRateLimiter(rates, limits, log, () => clock.seconds),
  )
  return { clock, all, log }
}

const ana = { name: 'key', visitor: 'ana' }
const ben = { name: 'key', visitor: 'ben' }
const nobody = { name: '192.0.2.1', visitor: '192.0.2.1' }

/** Takes so many points at a time from each in turn, until none gives any. @returns how many were given */
async function takeAll(limiters: readonly SharedRateLimiter[], who: typeof ana, points: number) {
  let given = 0
  for (let refused = 0; refused < limiters.length; ) {
    refused = 0
    for (const limiter of limiters) {
      if ((await limiter.take(who, points)) === 0) given += points
      else refused++
    }
  }
  return given
}

describe('processes that share limits', () => {
  test('give a caller one bucket together', async () => {
    const { all } = await processes(4)
    expect(await takeAll(all, nobody, 10)).toBe(1000)
  })

  test('give back what flows back, and say when there is enough', async () => {
    const { all, clock } = await processes(2)
    await takeAll(all, nobody, 10)
    expect(await all[0].take(nobody, 10)).toBeCloseTo(0.1)
    clock.seconds += 3
    expect(await takeAll(all, nobody, 10)).toBe(300)
  })

  test('leave each visitor of a key what their own bucket holds', async () => {
    const { all } = await processes(3)
    // As one process does: 500 are open, and who took them has nothing of the reserve.
    expect(await takeAll(all, ana, 10)).toBe(500)
    expect(await takeAll(all, ben, 10)).toBe(100)
  })

  test('know what others are owed', async () => {
    const { all, clock } = await processes(2)
    all[0].charge(nobody, 1500)
    expect(all[0].owes(nobody)).toBeCloseTo(5)
    await all[0].look(nobody)
    await all[1].look(nobody)
    expect(all[1].owes(nobody)).toBeCloseTo(5)
    clock.seconds += 5.1
    expect(all[1].owes(nobody)).toBe(0)
    expect(await all[1].take(nobody, 1)).toBe(0)
  })

  test('make a visitor pay alone for what was worth nothing', async () => {
    const { all } = await processes(2)
    all[0].chargeFault(ana, 150)
    expect(all[0].owes(ana)).toBeCloseTo(5)
    await all[0].look(ana)
    await all[1].look(ana)
    expect(all[1].owes(ana)).toBeCloseTo(5)
    expect(await all[1].take(ben, 500)).toBe(0)
  })

  test('get back what an idle process has leased', async () => {
    const { all, clock } = await processes(2)
    expect(await all[0].take(nobody, 1)).toBe(0)
    clock.seconds += 2
    // The next request of anybody ends the lease that is over.
    expect(await all[0].take(ana, 1)).toBe(0)
    expect(await all[1].take(nobody, 1000)).toBe(0)
  })

  test('never give more than capacity + rate × time, and a tenth of the capacity', async () => {
    const wants = fc.array(
      fc.record({
        wait: fc.double({ min: 0, max: 3, noNaN: true }),
        process: fc.nat(3),
        visitor: fc.nat(5),
        points: fc.integer({ min: 1, max: 300 }),
      }),
      { maxLength: 80 },
    )
    await fc.assert(
      fc.asyncProperty(wants, fc.boolean(), async (requests, hasVisitors) => {
        const { all, clock } = await processes(4, hasVisitors ? OF_VISITORS : null)
        let [given, passed] = [0, 0]
        for (const { wait, process, visitor, points } of requests) {
          clock.seconds += wait
          passed += wait
          if ((await all[process].take({ name: 'key', visitor: `${visitor}` }, points)) === 0) given += points
          expect(given).toBeLessThanOrEqual(1000 + 100 * passed + 100)
        }
      }),
      { numRuns: 50 },
    )
  })

  test('give after the time they said, if nobody else takes meanwhile', async () => {
    const { all, clock } = await processes(2)
    await takeAll(all, nobody, 7)
    const wait = await all[0].take(nobody, 400)
    clock.seconds += wait + 0.001
    expect(await all[0].take(nobody, 400)).toBe(0)
  })

  test('keep in memory the callers of the last seconds alone, and in the store those with less than a full bucket', async () => {
    const { all, clock } = await processes(1)
    for (let caller = 0; caller < 2000; caller++) {
      clock.seconds += 0.01
      await all[0].take({ name: `${caller}`, visitor: `${caller}` }, 100)
    }
    expect(all[0].size).toBeLessThan(250)
    await sharedLimits(kysely, 'sqlite', () => sql<number>`${clock.seconds}`).sweep()
    // Each bucket is full again a second after.
    expect((await kysely.selectFrom('rates').selectAll().execute()).length).toBeLessThan(250)
  })

  test('limit callers each by itself while the store fails, and warn once', async () => {
    const { all, log, clock } = await processes(1)
    await kysely.schema.alterTable('rates').renameTo('elsewhere').execute()
    expect(await takeAll(all, nobody, 10)).toBe(1000)
    clock.seconds += 2
    expect(await takeAll(all, nobody, 10)).toBe(200)
    await kysely.schema.alterTable('elsewhere').renameTo('rates').execute()
    clock.seconds += 2
    await all[0].take(nobody, 10)
    expect(log.lines.map(({ message }) => message)).toEqual([
      'the store of limits fails: each process limits callers by itself',
      'callers are limited by all processes together again',
    ])
  })
})
