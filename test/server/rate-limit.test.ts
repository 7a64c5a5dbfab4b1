import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { RateLimiter } from '../../src/server/rate-limit.ts'
import { ApiKeyStore } from '../../src/store/api-key-store.ts'
import { statusFor } from '../api/keyed-server.ts'
import { serving } from '../api/serving.ts'
import { temporaryFile } from '../explanations/writer.ts'

const RATE = { capacity: 1000, perSecond: 100 }
const OF_VISITORS = { capacity: 100, perSecond: 10 }

/** What the visitors of a key may spend, and a clock to set. */
function rateLimiterOf(visitorRateLimit: typeof RATE | null = OF_VISITORS) {
  const clock = { seconds: 1000 }
  return { clock, rateLimiter: new RateLimiter({ rateLimit: RATE, visitorRateLimit }, () => clock.seconds) }
}

const ana = { name: 'key', visitor: 'ana' }
const ben = { name: 'key', visitor: 'ben' }
const nobody = { name: '192.0.2.1', visitor: '192.0.2.1' }

/** Takes so many points at a time until no more are given. @returns how many were */
function takeAll(rateLimiter: RateLimiter, who: typeof ana, points: number): number {
  let given = 0
  while (rateLimiter.take(who, points) === 0) given += points
  return given
}

describe('a visitor of a key', () => {
  test('takes what lies above its reserve, and of that no more than a bucket of their own', () => {
    const { rateLimiter } = rateLimiterOf()
    // 500 lie open; who took them has nothing of the reserve, until their own bucket has refilled.
    expect(takeAll(rateLimiter, ana, 10)).toBe(500)
    expect(takeAll(rateLimiter, ben, 10)).toBe(100)
  })

  test('that takes all the time leaves to each other what their own bucket holds', () => {
    const { rateLimiter, clock } = rateLimiterOf()
    for (let second = 0; second < 60; second++) {
      takeAll(rateLimiter, ana, 1)
      expect(rateLimiter.take(ben, 10)).toBe(0)
      clock.seconds++
    }
  })

  test('that is the only one has all that flows back', () => {
    const { rateLimiter, clock } = rateLimiterOf()
    let given = takeAll(rateLimiter, ana, 10)
    for (let second = 0; second < 60; second++) {
      clock.seconds++
      given += takeAll(rateLimiter, ana, 10)
    }
    expect(given).toBe(500 + 60 * 100)
  })

  test('gets a wait after which there are enough points', () => {
    const points = fc.integer({ min: 1, max: 100 })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(ana, ben), points), { maxLength: 60 }),
        points,
        (taken, last) => {
          const { rateLimiter, clock } = rateLimiterOf()
          for (const [who, amount] of taken) rateLimiter.take(who, amount)
          const wait = rateLimiter.take(ana, last)
          clock.seconds += wait + 1e-6
          expect(wait === 0 || rateLimiter.take(ana, last) === 0).toBe(true)
        },
      ),
    )
  })

  test('owes what is charged beyond what there is, and others do not', () => {
    const { rateLimiter, clock } = rateLimiterOf()
    rateLimiter.charge(ana, 5000)
    expect(rateLimiter.owes(ana)).toBeGreaterThan(0)
    expect(rateLimiter.owes(ben)).toBe(0)
    clock.seconds += 1
    expect(rateLimiter.take(ben, 100)).toBe(0)
  })

  test('pays alone for what was worth nothing', () => {
    const { rateLimiter } = rateLimiterOf()
    rateLimiter.chargeFault(ana, 150)
    expect(rateLimiter.owes(ana)).toBe(5)
    expect(rateLimiter.status(ben).currentlyAvailable).toBe(500)
    expect(rateLimiter.take(ben, 500)).toBe(0)
  })

  test('together never have more than their key', () => {
    const wants = fc.array(
      fc.record({
        wait: fc.double({ min: 0, max: 5, noNaN: true }),
        visitor: fc.nat(30),
        points: fc.nat(200),
      }),
      { maxLength: 200 },
    )
    fc.assert(
      fc.property(wants, (all) => {
        const { rateLimiter, clock } = rateLimiterOf()
        let [given, passed] = [0, 0]
        for (const { wait, visitor, points } of all) {
          clock.seconds += wait
          passed += wait
          if (rateLimiter.take({ name: 'key', visitor: `${visitor}` }, points) === 0) given += points
          expect(given).toBeLessThanOrEqual(1000 + 100 * passed + 1e-6)
        }
      }),
    )
  })
})

describe('a caller that shares no key', () => {
  test('has the whole of a bucket: an address without a key', () => {
    const { rateLimiter } = rateLimiterOf()
    expect(takeAll(rateLimiter, nobody, 10)).toBe(1000)
    rateLimiter.chargeFault(nobody, 20)
    expect(rateLimiter.owes(nobody)).toBeCloseTo(0.2)
  })

  test('and so has a key whose visitors count as one', () => {
    const { rateLimiter } = rateLimiterOf(null)
    expect(takeAll(rateLimiter, ana, 10)).toBe(1000)
    expect(rateLimiter.take(ben, 10)).toBeGreaterThan(0)
  })
})

test('of any number of callers few are kept in memory, among them those with the largest debts', () => {
  const { rateLimiter } = rateLimiterOf()
  rateLimiter.charge(nobody, 1e6)
  for (let caller = 0; caller < 100_000; caller++) {
    rateLimiter.take({ name: `2001:db8:${caller}`, visitor: `2001:db8:${caller}` }, 100)
    rateLimiter.take({ name: 'key', visitor: `2001:db8:${caller}` }, 1)
  }
  expect(rateLimiter.size).toBeLessThan(50_000)
  expect(rateLimiter.owes(nobody)).toBeGreaterThan(0)
})

describe('over HTTP', async () => {
  const store = new ApiKeyStore(temporaryFile('store.sqlite'))
  afterAll(() => store.close())
  const { key } = await store.create('pages of the shop', ['read', 'admin'], null)
  const limits = {
    cost: 300,
    rateLimit: { capacity: 3000, perSecond: 0.01 },
    visitorRateLimit: { capacity: 300, perSecond: 0.01 },
  }
  const { url } = await serving({ requireKeys: true, apiKeys: store, trustProxy: 1, limits })
  const askFrom = (address: string, query: string) => statusFor(url, key, address, query)
  const CUSTOMERS = '{ customers(first: 100) { edges { node { externalId } } } }'

  test('one visitor who sends as much as possible, and invalid queries, does not stop others with the same key', async () => {
    let answered = 0
    while ((await askFrom('192.0.2.1', CUSTOMERS)) === 200) answered++
    expect(answered).toBeGreaterThan(10)
    expect(await askFrom('192.0.2.2', CUSTOMERS)).toBe(200)
    // At 50 each; of what nobody can read only the visitor pays.
    let refused = 0
    while ((await askFrom('192.0.2.3', `{ unreadable${refused}`)) !== 429) refused++
    expect(refused).toBeLessThan(10)
    expect(await askFrom('192.0.2.3', '{ __typename }')).toBe(429)
    for (let visitor = 4; visitor < 8; visitor++)
      expect(await askFrom(`192.0.2.${visitor}`, CUSTOMERS)).toBe(200)
  })

  test('visitors of one network of IPv6 are one', async () => {
    let refused = 0
    while ((await askFrom(`2001:db8::${refused + 1}`, `{ unreadable${refused}`)) !== 429) refused++
    expect(refused).toBeLessThan(10)
  })
})
