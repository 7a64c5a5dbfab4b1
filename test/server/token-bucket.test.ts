import type { Kernels } from '../../src/kernels/kernels.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CostMeter } from '../../src/server/cost-meter.ts'
import { TokenBuckets } from '../../src/server/token-bucket.ts'
import { serving } from '../api/serving.ts'

/** Of this thread, in µs. */
const processorTime = () => process.threadCpuUsage().user + process.threadCpuUsage().system

/** Buckets, and a clock to set. */
function bucketsOf(capacity: number, perSecond: number) {
  const clock = { seconds: 1000 }
  return { clock, buckets: new TokenBuckets({ capacity, perSecond }, () => clock.seconds) }
}

describe('a bucket', () => {
  test('is full at first, and gives what it holds', () => {
    const { buckets } = bucketsOf(100, 10)
    expect(buckets.take('ana', 70)).toBe(0)
    expect(buckets.status('ana')).toEqual({ maximumAvailable: 100, currentlyAvailable: 30, restoreRate: 10 })
  })

  test('that holds too little gives nothing, and says when it will hold enough', () => {
    const { buckets, clock } = bucketsOf(100, 10)
    buckets.take('ana', 70)
    expect(buckets.take('ana', 55)).toBe(2.5)
    clock.seconds += 2.5
    expect(buckets.take('ana', 55)).toBe(0)
    expect(buckets.status('ana').currentlyAvailable).toBe(0)
  })

  test('refills until it is full', () => {
    const { buckets, clock } = bucketsOf(100, 10)
    buckets.take('ana', 70)
    clock.seconds += 3600
    expect(buckets.status('ana').currentlyAvailable).toBe(100)
  })

  test('is each caller’s own', () => {
    const { buckets } = bucketsOf(100, 10)
    buckets.take('ana', 100)
    expect(buckets.take('ben', 100)).toBe(0)
  })

  test('can be owed to: then nothing is given before that has flown back', () => {
    const { buckets, clock } = bucketsOf(100, 10)
    buckets.charge('ana', 150)
    expect(buckets.status('ana').currentlyAvailable).toBe(0)
    expect(buckets.take('ana', 0)).toBe(5)
    clock.seconds += 5
    expect(buckets.take('ana', 0)).toBe(0)
  })

  test('never gives more than it holds and what flows back', () => {
    const wants = fc.array(
      fc.record({ wait: fc.double({ min: 0, max: 20, noNaN: true }), points: fc.nat(150) }),
    )
    fc.assert(
      fc.property(wants, (all) => {
        const { buckets, clock } = bucketsOf(100, 10)
        let [given, passed] = [0, 0]
        for (const { wait, points } of all) {
          clock.seconds += wait
          passed += wait
          if (buckets.take('ana', points) === 0) given += points
          expect(given).toBeLessThanOrEqual(100 + 10 * passed + 1e-6)
        }
      }),
    )
  })

  test('gives after the time it said, after any earlier requests', () => {
    const wants = fc.array(fc.nat(100), { minLength: 1 })
    fc.assert(
      fc.property(wants, (all) => {
        const { buckets, clock } = bucketsOf(100, 10)
        for (const points of all) {
          clock.seconds += Math.ceil(buckets.take('ana', points))
        }
        const wait = buckets.take('ana', 100)
        clock.seconds += Math.ceil(wait)
        expect(wait === 0 || buckets.take('ana', 100) === 0).toBe(true)
      }),
    )
  })

  test('takes no memory once it is full again', () => {
    const { buckets, clock } = bucketsOf(100, 10)
    for (let caller = 0; caller < 100_000; caller++) {
      clock.seconds += 0.01
      buckets.take(`caller-${caller}`, 100)
    }
    // Each is full again after 10 s, in which 1,000 others come.
    expect(buckets.size).toBeLessThan(2500)
  })
})

describe('a meter', () => {
  test('charges what is spent beyond what was paid', () => {
    const charged: number[] = []
    const meter = new CostMeter((points) => charged.push(points))
    meter.pay(100)
    for (const points of [60, 60, 10]) meter.spend(points)
    expect(charged).toEqual([20, 10])
  })
})

/** Lists at 25 for so many customers, who are one each; and the root. */
const lists = (customers = 5) =>
  `{ customers(first: ${customers}) { edges { node { recommendations(first: 1) { edges { cursor } } } } } }`

/** 404 tokens or so, and none of them right. */
const wrong = (i: number) => `{ nothing${i} ${'x '.repeat(400)} }`

describe('a caller', async () => {
  const limited = await serving({
    limits: { cost: 300, rateLimit: { capacity: 300, perSecond: 1 } },
    trustProxy: 1,
    insecure: true,
  })
  const askFrom = async (address: string, body = lists()) => {
    const headers = { 'Content-Type': 'application/json', 'X-Forwarded-For': address }
    const response = await fetch(limited.url, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query: body }),
    })
    return {
      status: response.status,
      retryAfter: response.headers.get('retry-after'),
      ...((await response.json()) as any),
    }
  }

  test('gets the points that are left', async () => {
    const { extensions } = await askFrom('192.0.2.1')
    // To read the document has cost a little, too.
    expect(extensions.cost).toEqual({
      requested: Math.ceil(1 + 5 * 26.07),
      maximum: 300,
      throttle: { maximumAvailable: 300, currentlyAvailable: 167, restoreRate: 1 },
    })
  })

  test('a caller with too few points gets 429, THROTTLED, and the time to wait', async () => {
    expect(await askFrom('192.0.2.2', lists(10))).toMatchObject({ status: 200 })
    const { status, retryAfter, data, errors, extensions } = await askFrom('192.0.2.2', lists(10))
    expect(status).toBe(429)
    expect(data).toBeUndefined()
    const wait = 262 - extensions.cost.throttle.currentlyAvailable
    expect(errors).toEqual([
      {
        message: `The operation may cost 262: you have ${262 - wait} left, and 1 is added every second: ask again in ${wait} s.`,
        extensions: { code: 'THROTTLED', retryAfter: wait },
      },
    ])
    expect(retryAfter).toBe(String(wait))
  })

  test('is not limited by what others spend', async () => {
    await askFrom('192.0.2.3', lists(11))
    expect(await askFrom('192.0.2.4', lists(11))).toMatchObject({ status: 200 })
  })

  test('pays for documents that cannot be answered, and is not read when nothing is left', async () => {
    // Their square by 2,000: 82 each.
    for (let i = 0; i < 4; i++) expect(await askFrom('192.0.2.5', wrong(i))).toMatchObject({ status: 200 })
    const { status, errors } = await askFrom('192.0.2.5', '{ neither read')
    expect(status).toBe(429)
    expect(errors[0].message).toMatch(/^you have 0 left, and 1 is added every second: ask again in \d+ s\.$/)
  })

  test('pays a little for operations that are too much', async () => {
    const before = await askFrom('192.0.2.6', '{ __typename }')
    const after = await askFrom(
      '192.0.2.6',
      '{ customers(first: 100) { edges { node { buyAgain { __typename } } } } }',
    )
    expect(after.errors[0].extensions).toMatchObject({ code: 'LIMIT_EXCEEDED', limit: 'cost' })
    const left = [before, after].map(({ extensions }) => extensions.cost.throttle.currentlyAvailable)
    // And less than 2 to read the document.
    expect(left[0] - left[1]).toBeGreaterThanOrEqual(4)
    expect(left[0] - left[1]).toBeLessThanOrEqual(7)
  })

  test('pays for what a list takes beyond its estimate', async () => {
    const kernels = referenceKernels()
    const slow: Kernels = {
      ...kernels,
      openFoldIn(itemFactors, equation) {
        const foldIn = kernels.openFoldIn(itemFactors, equation)
        return {
          ...foldIn,
          solve(histories) {
            // 30 ms of the processor, whatever else the machine does: 1,000 units.
            for (const until = processorTime() + 30_000; processorTime() < until; );
            return foldIn.solve(histories)
          },
        }
      },
    }
    const { ask } = await serving({
      kernels: slow,
      limits: { rateLimit: { capacity: 10_000, perSecond: 0.001 } },
    })
    const list = `{ recommend(input: { history: [{ sku: "sku-1" }] }, first: 1) {
      ... on RecommendationConnection { edges { node { rank } } } } }`
    const { errors, extensions } = await ask(list)
    expect(errors).toBeUndefined()
    expect(extensions?.cost.requested).toBeLessThan(50)
    const left = (await ask('{ __typename }')).extensions?.cost.throttle.currentlyAvailable
    expect(left).toBeLessThanOrEqual(10_000 - 1000)
  })
})

test('callers on this machine are not limited by default', async () => {
  const { ask } = await serving()
  expect((await ask('{ __typename }')).extensions?.cost).not.toHaveProperty('throttle')
})
