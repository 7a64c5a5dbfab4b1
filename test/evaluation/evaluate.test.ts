import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { describe, expect, test } from 'vitest'
import { evaluate } from '../../src/evaluation/evaluate.ts'
import type { EvaluationOptions } from '../../src/evaluation/evaluate.ts'
import type { System } from '../../src/evaluation/system.ts'
import { EvaluationError } from '../../src/evaluation/system-run.ts'
import type { Trial } from '../../src/evaluation/trial.ts'
import { UnsuitableDataError } from '../../src/evaluation/system.ts'
import { byIndex, oracle, silent, smallTrial, systemOf } from './small-trial.ts'

const SHELF = { products: ['cup', 'pot', 'jar', 'vase'] }

/** Ann and Bob bought the cup, Cem the pot; Ann goes on to buy the jar, Bob the pot and the vase. */
const spring = smallTrial(
  'spring',
  [
    { customer: 'ann', product: 'cup' },
    { customer: 'bob', product: 'cup' },
    { customer: 'cem', product: 'pot' },
  ],
  { ann: ['jar'], bob: ['pot', 'vase'] },
  SHELF,
)

/** Then Ann, who has the jar now, buys the pot, and Cem the cup. */
const summer = smallTrial(
  'summer',
  [
    { customer: 'cem', product: 'pot' },
    { customer: 'ann', product: 'cup' },
    { customer: 'ann', product: 'jar' },
  ],
  { ann: ['pot'], cem: ['cup'] },
  SHELF,
)

const OPTIONS: EvaluationOptions = {
  protocol: 'temporal',
  task: 'discovery',
  trials: [spring],
  systems: [byIndex, oracle, silent],
  defaultName: 'by index',
  seeds: [1, 2, 3],
  first: [1, 3],
}

const run = (changes: Partial<EvaluationOptions> = {}) => evaluate({ ...OPTIONS, ...changes })

async function systemIn(name: string, changes: Partial<EvaluationOptions> = {}) {
  const { report } = await run(changes)
  return report.systems.find((system) => system.name === name)!
}

const choosy: System = {
  name: 'choosy',
  isRandom: false,
  fit: () => Promise.reject(new UnsuitableDataError('there are no sellers')),
}

describe('an evaluation', () => {
  test('goes on without a system that cannot learn from such data, and says why', async () => {
    const { report, seconds } = await run({ trials: [spring, summer], systems: [byIndex, choosy, oracle] })
    expect(report.systems.map(({ name }) => name)).toEqual(['by index', 'oracle'])
    expect(seconds.map(({ name }) => name)).toEqual(['by index', 'oracle'])
    expect(report.notRun).toEqual({ choosy: 'there are no sellers' })
    const without = await run({ trials: [spring, summer], systems: [byIndex, oracle] })
    expect({ ...report, notRun: {} }).toEqual(without.report)
  })

  test('does not go on without the system that the others are compared with', async () => {
    await expect(run({ systems: [byIndex, choosy], defaultName: 'choosy' })).rejects.toThrow(
      /System choosy failed on trial spring: there are no sellers/,
    )
  })

  test('reports means over cases, at every K', async () => {
    // By index Ann is offered pot, jar, vase: the jar at rank 2. Bob the same: pot and vase at the ranks 1 and 3.
    const system = await systemIn('by index')
    const valuesOf = (metric: 'hitRate' | 'recall' | 'recallTruncated' | 'precision' | 'mrr' | 'map') => [
      system[metric][1].value,
      system[metric][3].value,
    ]
    expect(valuesOf('hitRate')).toEqual([1 / 2, 1])
    expect(valuesOf('recall')).toEqual([1 / 4, 1])
    expect(valuesOf('recallTruncated')).toEqual([1 / 2, 1])
    expect(valuesOf('precision')).toEqual([1 / 2, (1 / 3 + 2 / 3) / 2])
    expect(valuesOf('mrr')).toEqual([1 / 2, 3 / 4])
    expect(valuesOf('map')).toEqual([1 / 2, (1 / 2 + (1 + 2 / 3) / 2) / 2])
    const log2of3 = Math.log(3) / Math.log(2)
    expect(system.ndcg[3].value).toBeCloseTo((1 / log2of3 + 1.5 / (1 + 1 / log2of3)) / 2, 12)
  })

  test('reports what the lists are like', async () => {
    const system = await systemIn('by index')
    expect(system.coverage).toEqual({ 1: 1 / 4, 3: 3 / 4 })
    expect(system.gini[1]).toBe(1)
    // One of three customers bought the pot.
    expect(system.novelty[1]!.value).toBeCloseTo(Math.log(3) / Math.log(2), 12)
    expect(system.intraListDistance).toEqual({ 1: null, 3: null })
    expect(system.emptyLists.value).toBe(0)
  })

  test('measures how alike products are where it is told their features', async () => {
    const features = { rows: 4, columns: 2, data: Float64Array.of(1, 0, 1, 0, 0, 1, 0, 1) }
    const system = await systemIn('by index', { featuresOf: () => features })
    expect(system.intraListDistance[1]).toBeNull()
    expect(system.intraListDistance[3]!.value).toBeCloseTo(2 / 3, 12)
  })

  test('an oracle finds everything, a silent system nothing, in lists that are all empty', async () => {
    const known = await systemIn('oracle')
    expect(known.recallTruncated[3]).toEqual({ value: 1, low: 1, high: 1 })
    const empty = await systemIn('silent')
    expect(empty.hitRate[3]).toEqual({ value: 0, low: 0, high: 0 })
    expect(empty).toMatchObject({
      emptyLists: { value: 1 },
      coverage: { 3: 0 },
      gini: { 3: null },
      novelty: { 3: null },
    })
  })

  test('compares every system with the default, which is not compared with itself', async () => {
    const { report } = await run()
    expect(report.systems.map(({ versusDefault }) => versusDefault?.['recall@1']?.difference)).toEqual([
      undefined,
      1 / 2,
      -1 / 4,
    ])
  })

  test('under next-order products bought before are recommended', async () => {
    expect((await systemIn('by index', { task: 'next-order' })).hitRate[1].value).toBe(0)
  })

  test('reports slices by history, by segment, and by head and tail', async () => {
    const { slices } = await systemIn('by index', {
      segmentOf: ({ train }, { customer }) => (train.customers.at(customer) === 'ann' ? 'Loyal' : undefined),
    })
    expect(slices.pastPurchases).toMatchObject({
      1: { cases: 2, users: 2, hitRate: { 1: { value: 1 / 2 } } },
    })
    expect(slices.segment).toMatchObject({
      Loyal: { cases: 1, hitRate: { 1: { value: 0 }, 3: { value: 1 } } },
    })
    expect(Object.keys(slices.segment)).toEqual(['Loyal'])
    // The cup makes up half of the purchases: all that was to be found is of the tail.
    expect(Object.keys(slices.relevantItems)).toEqual(['tail'])
    expect(slices.relevantItems.tail).toMatchObject({ cases: 2, recall: { 1: { value: 1 / 4 } } })
  })

  test('pools the cases of several trials; a customer of two of them is one user', async () => {
    const { report } = await run({
      trials: [
        { ...spring, leftOut: { 'bought nothing before the cut': 2 } },
        { ...summer, leftOut: { 'bought nothing before the cut': 3, 'bought nothing new': 1 } },
      ],
    })
    expect(report).toMatchObject({ users: 3, cases: 4, catalogue: 4 })
    expect(report.leftOut).toEqual({ 'bought nothing before the cut': 5, 'bought nothing new': 1 })
    expect(report.trials.map(({ name, users, cases }) => [name, users, cases])).toEqual([
      ['spring', 2, 2],
      ['summer', 2, 2],
    ])
    // Spring: Bob finds the pot at once; summer: Ann the pot, Cem the cup.
    expect(report.systems[0].hitRate[1].value).toBe(3 / 4)
    // Spring shows the pot; summer the pot and the cup.
    expect(report.systems[0].coverage[1]).toBe((1 / 4 + 2 / 4) / 2)
  })

  test('cases that training does not know are users of their own', async () => {
    const unknown = { ...spring, cases: spring.cases.map((testCase) => ({ ...testCase, customer: -1 })) }
    expect((await run({ trials: [unknown, unknown] })).report).toMatchObject({ users: 4, cases: 4 })
  })

  test('gives the same report twice, to the byte, and keeps the seconds out of it', async () => {
    const [one, two] = [await run(), await run()]
    expect(JSON.stringify(one.report)).toBe(JSON.stringify(two.report))
    expect(JSON.stringify(one.report)).not.toContain('seconds')
    expect(one.seconds.map(({ name }) => name)).toEqual(['by index', 'oracle', 'silent'])
  })

  test('its report survives JSON as it is', async () => {
    const { report } = await run({ notes: ['orders reconstructed'] })
    expect(JSON.parse(JSON.stringify(report))).toStrictEqual(report)
  })

  test('says how far it is', async () => {
    const steps: string[] = []
    await run({
      systems: [byIndex, silent],
      onProgress: ({ system, done, of }) => steps.push(`${system} ${done}/${of}`),
    })
    expect(steps).toEqual(['by index 0/4', 'by index 2/4', 'silent 2/4', 'silent 4/4'])
  })
})

describe('a system with chance in it', () => {
  /** Offers only the product of its seed. */
  const seeded = systemOf('seeded', (_, __, seed) => [seed], true)

  test('is run with every seed, and its values are the means over them', async () => {
    // Ann finds the jar (2) with one seed of three; Bob the pot (1) and the vase (3) with two.
    const system = await systemIn('seeded', { systems: [byIndex, seeded] })
    expect(system.hitRate[1].value).toBeCloseTo((1 / 3 + 2 / 3) / 2, 12)
    expect(system.coverage[1]).toBeCloseTo(1 / 4, 12)
    expect(system.isRandom).toBe(true)
  })

  test('needs three seeds', async () => {
    await expect(run({ systems: [byIndex, seeded], seeds: [1, 2] })).rejects.toThrow(
      'Cannot evaluate: system seeded is random and needs at least 3 seeds, not 2.',
    )
  })

  test('others are run once, with the first seed', async () => {
    const seen: number[] = []
    const noting = systemOf('noting', (_, __, seed) => {
      seen.push(seed)
      return []
    })
    await run({ systems: [byIndex, noting], seeds: [7, 8, 9] })
    expect(seen).toEqual([7, 7])
  })

  test('random lists land where arithmetic says', async () => {
    // 50 products, one of them bought, one of the other 49 to find: 10 places find it with a chance of 10/49; its
    // reciprocal rank has the mean (1 + 1/2 + … + 1/10) / 49.
    const products = Array.from({ length: 50 }, (_, i) => `product ${i}`)
    const sales = Array.from({ length: 1000 }, (_, i) => ({
      customer: `customer ${i}`,
      product: products[i % 50],
    }))
    const found = Object.fromEntries(
      sales.map(({ customer }, i) => [customer, [products[(i * 7 + 1 + (i % 50)) % 50]]]),
    )
    const trial = withoutRepeats(smallTrial('even', sales, found, { products }))
    const random = systemOf(
      'random',
      ({ customer }, train, seed) => shuffled(train.products.size, seed * 10_000 + customer),
      true,
    )
    const { hitRate, mrr, coverage } = await systemIn('random', {
      trials: [trial],
      systems: [random],
      defaultName: 'random',
      first: [10],
    })
    expect(hitRate[10].low).toBeLessThan(10 / 49)
    expect(hitRate[10].high).toBeGreaterThan(10 / 49)
    expect(hitRate[10].high - hitRate[10].low).toBeLessThan(0.04)
    const harmonic = 2.9289682539682538
    expect(mrr[10].low).toBeLessThan(harmonic / 49)
    expect(mrr[10].high).toBeGreaterThan(harmonic / 49)
    expect(coverage[10]).toBe(1)
  })
})

describe('an evaluation stops with an error', () => {
  const broken: System = {
    ...silent,
    name: 'broken',
    fit: () => Promise.reject(new Error('no factors')),
  }

  test('that names the system that failed, and what it said', async () => {
    const failure = run({ systems: [byIndex, broken] })
    await expect(failure).rejects.toThrow('System broken failed on trial spring: no factors')
    await expect(failure).rejects.toBeInstanceOf(EvaluationError)
  })

  test.each([
    [[3, 3], 'its list for customer 0 has product 3 twice'],
    [[0], 'its list for customer 0 has product 0, bought before: discovery may not repeat purchases'],
    [[4], 'its list for customer 0 has product 4; training has 4 products, from 0'],
    [[1, 2, 3, 0], 'its list for customer 0 has 4 products; 3 were asked for'],
  ])('when a list breaks the rules: %j', async (list, problem) => {
    await expect(run({ systems: [byIndex, fixed(list)] })).rejects.toThrow(
      `System odd failed on trial spring: ${problem}`,
    )
  })

  test('when cases get no list', async () => {
    const mute: System = {
      ...silent,
      name: 'mute',
      fit: async () => ({ recommend: async () => [], close() {} }),
    }
    await expect(run({ systems: [byIndex, mute] })).rejects.toThrow('it gave 0 lists for 2 cases')
  })

  const nothing: Trial = { ...spring, name: 'winter', cases: [] }
  test.each<[Partial<EvaluationOptions>, string]>([
    [{ trials: [] }, 'there is no trial'],
    [{ trials: [spring, nothing] }, 'trial winter has no case'],
    [{ systems: [byIndex, byIndex] }, 'two systems are named by index'],
    [{ systems: [] }, 'by index, which systems are compared with, is not among them: there are none'],
    [
      { defaultName: 'best' },
      'best, which systems are compared with, is not among them: by index, oracle, silent',
    ],
    [{ first: [] }, 'there is no K'],
    [{ first: [5, 0] }, 'a list cannot have 0 products'],
    [{ seeds: [] }, 'there is no seed'],
    [{ seeds: [1, 1, 2] }, 'the seeds 1, 1, 2 are not all different'],
    [{ resamples: 10 }, '10 resamples are no basis for an interval'],
  ])('when it cannot be made: %o', async (changes, problem) => {
    await expect(run(changes)).rejects.toThrow(`Cannot evaluate: ${problem}`)
  })

  test('with the signal’s reason when it is cancelled, and the system is closed', async () => {
    const controller = new AbortController()
    let closed = 0
    const cancelling: System = {
      ...silent,
      fit: async () => {
        controller.abort(new Error('enough'))
        return { recommend: async (cases) => cases.map(() => new Uint32Array()), close: () => void closed++ }
      },
    }
    await expect(run({ systems: [byIndex, cancelling], signal: controller.signal })).rejects.toThrow(
      /^enough$/,
    )
    expect(closed).toBe(1)
  })
})

/** Gives every case the same list, whatever the task and the length asked for. */
function fixed(list: readonly number[]): System {
  return {
    name: 'odd',
    isRandom: false,
    fit: async () => ({ recommend: async (cases) => cases.map(() => Uint32Array.from(list)), close() {} }),
  }
}

/** Only the cases that go on to buy something new. */
function withoutRepeats(trial: Trial): Trial {
  return {
    ...trial,
    cases: trial.cases.filter(({ history, relevant }) => history[0].product !== relevant[0]),
  }
}

/** Fisher and Yates. */
function shuffled(length: number, seed: number): number[] {
  const random = xoroshiro128plus(seed)
  const order = [...Array(length).keys()]
  for (let i = length - 1; i > 0; i--) {
    const j = uniformInt(random, 0, i)
    ;[order[i], order[j]] = [order[j], order[i]]
  }
  return order
}
