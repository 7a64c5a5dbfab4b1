import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { generateShop } from '../../../src/data/demo-shop.ts'
import { readDataset } from '../../../src/data/read.ts'
import { engine } from '../../../src/evaluation/baselines/engine.ts'
import { evaluate } from '../../../src/evaluation/evaluate.ts'
import { sessionTrials } from '../../../src/evaluation/protocols/session.ts'
import { type Task, TrialError } from '../../../src/evaluation/trial.ts'
import { openKernels } from '../../../src/kernels/open.ts'
import { folderOf } from '../../data/folders.ts'
import { type SmallEvent, smallBrowsing } from '../../data/small-browsing.ts'
import { smallShop } from '../../model/small-shop.ts'

const DAY = 86_400_000
const DAY_5 = '1970-01-06'

const SALES = [
  { customer: 'ann', product: 'a', day: 1 },
  { customer: 'bob', product: 'b', day: 2 },
  { customer: 'bob', product: 'c', day: 3 },
  { customer: 'cat', product: 'd', day: 9 },
]
const EVENTS: readonly SmallEvent[] = [
  { who: 'ann', product: 'b', day: 4, session: 'earlier' },
  { who: 'ann', product: 'c', day: 4.1, session: 'earlier' },
  // Asked for: c, which ann looked at before.
  { who: 'ann', product: 'b', day: 6, session: 'ann' },
  { who: 'ann', product: 'c', kind: 'CART', day: 6.1, session: 'ann' },
  // b, which bob bought.
  { who: 'bob', product: 'a', day: 7, session: 'bob' },
  { who: 'bob', product: 'b', day: 7.1, session: 'bob' },
  // c, new to the visitor.
  { who: 'visitor', product: 'a', day: 8, session: 'visitor' },
  { who: 'visitor', product: 'c', day: 8.1, session: 'visitor' },
  // d, which training does not know.
  { who: 'visitor 2', product: 'a', day: 9, session: 'visitor 2' },
  { who: 'visitor 2', product: 'd', day: 9.1, session: 'visitor 2' },
  { who: 'visitor 3', product: 'a', day: 9, session: 'alone' },
]

function trialOf(task: Task, cuts: readonly string[] = [DAY_5]) {
  const [trial] = sessionTrials({ ...smallShop(SALES), browsing: smallBrowsing(EVENTS) }, { task, cuts })
  const { customers, products } = trial.train
  const skuOf = (product: number) => products.at(product)
  const cases = trial.cases.map(({ customer, history, interest, at, relevant }) => ({
    customer: customer < 0 ? null : customers.at(customer),
    history: history.map(({ product }) => skuOf(product)),
    interest: interest!.map(({ product, kind, at: time }) => `${kind} ${skuOf(product)} ${time / DAY}`),
    day: at / DAY,
    find: Array.from(relevant, skuOf),
  }))
  return { ...trial, cases }
}

const ANN = { customer: 'ann', history: ['a'], interest: ['VIEW b 6', 'VIEW c 4.1'], day: 6.1, find: ['c'] }
const BOB = { customer: 'bob', history: ['b', 'c'], interest: ['VIEW a 7'], day: 7.1, find: ['b'] }
const VISITOR = { customer: null, history: [], interest: ['VIEW a 8'], day: 8.1, find: ['c'] }

describe('the session protocol', () => {
  test('asks for the next event of each session by what came before it (next order)', () => {
    const { cases, leftOut } = trialOf('next-order')
    expect(cases).toEqual([ANN, BOB, VISITOR])
    expect(leftOut).toEqual({ 'sessions of several events with none that could be asked for': 1 })
  })

  test('asks for products that are new to the person (discovery)', () => {
    const { cases, leftOut } = trialOf('discovery')
    expect(cases).toEqual([VISITOR])
    expect(leftOut).toEqual({ 'sessions of several events with none that could be asked for': 3 })
  })

  test('trains on what was bought and looked at before the cut', () => {
    const { train } = trialOf('next-order')
    expect(train.interactions.count).toBe(3)
    const { browsing, products } = train
    expect(browsing!.count).toBe(2)
    expect([...browsing!.timestamp]).toEqual([4 * DAY, 4.1 * DAY])
    expect([...browsing!.session!]).toEqual([0, 0])
    expect(products.indexOf('d')).toBe(-1)
  })

  test('asks of each session once, by the cut before it', () => {
    const trials = sessionTrials(
      { ...smallShop(SALES), browsing: smallBrowsing(EVENTS) },
      { task: 'next-order', cuts: [DAY_5, '1970-01-08T12:00:00Z'] },
    )
    expect(trials.map(({ cases }) => cases.map(({ at }) => at / DAY))).toEqual([[6.1, 7.1], [8.1]])
  })

  test('needs views, and something to ask for', () => {
    expect(() => sessionTrials(smallShop(SALES), { task: 'discovery', cuts: [DAY_5] })).toThrow(
      new TrialError(
        'the data holds no views or cart entries: put them into events.csv beside it, or choose another protocol',
      ),
    )
    expect(() => trialOf('discovery', ['1970-01-10'])).toThrow(
      'no session from 1970-01-10 on has a next event',
    )
  })
})

test('on a shop whose sessions tell how they go on, who knows the views does better', async () => {
  const directory = join(await folderOf(), 'shop')
  await generateShop({ directory, customers: 400, products: 100, seed: 3 })
  const trials = sessionTrials(await readDataset(directory), { task: 'discovery', cuts: ['0.8'] })
  const kernels = await openKernels({ threads: 1 })
  // What is set need not be searched for.
  const overrides = {
    factors: 8,
    iterations: 4,
    alpha: 2,
    regularization: 11,
    observation: 'binary',
    confidence: 'ials',
    easeRegularization: 101,
  } as const
  const preset = 'default'
  const { report } = await evaluate({
    protocol: 'session',
    task: 'discovery',
    trials,
    systems: [
      engine({ name: 'without views', preset, overrides, knowsInterest: false, isRandom: false }, kernels),
      engine({ name: 'with views', preset, overrides, isRandom: false }, kernels),
    ],
    defaultName: 'with views',
    seeds: [1],
    first: [10],
  })
  await kernels.close()
  const { versusDefault } = report.systems.find(({ name }) => name === 'without views')!
  const { high, verdict } = versusDefault!['ndcg@10']
  expect(verdict).toBe('worse')
  expect(high).toBeLessThan(0)
})
