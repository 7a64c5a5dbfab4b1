/** The task `next-basket`, by hand arithmetic: what is asked for, and what lists are worth. */
import { expect, test } from 'vitest'
import { buyAgainBy } from '../../src/evaluation/baselines/buy-again.ts'
import { popularity } from '../../src/evaluation/baselines/popularity.ts'
import { evaluate } from '../../src/evaluation/evaluate.ts'
import { lastOrderTrial } from '../../src/evaluation/protocols/last-order.ts'
import { splitTrial } from '../../src/evaluation/protocols/split.ts'
import { temporalTrials } from '../../src/evaluation/protocols/temporal.ts'
import { checkTask } from '../../src/evaluation/protocols/trials.ts'
import type { Trial } from '../../src/evaluation/trial.ts'
import { type Sale, smallShop } from '../model/small-shop.ts'
import { named } from './protocols/named.ts'

/**
 * Until day 5 ann bought milk in three orders (twice in one of them), bread in two and ten eggs at once, last; bob
 * eggs, then milk. After it ann's next basket is milk, eggs and salt, which nobody had bought, and bread comes later;
 * bob's is bread and milk, of two orders at the same time the one that is named first.
 */
const SALES: readonly Sale[] = [
  { customer: 'ann', product: 'milk', day: 1, order: 'a1' },
  { customer: 'ann', product: 'bread', day: 1, order: 'a1' },
  { customer: 'ann', product: 'milk', day: 2, order: 'a2' },
  { customer: 'ann', product: 'milk', day: 2, order: 'a2' },
  { customer: 'ann', product: 'bread', day: 2, order: 'a2' },
  { customer: 'ann', product: 'milk', day: 3, order: 'a3' },
  { customer: 'ann', product: 'eggs', day: 4, order: 'a4', quantity: 10 },
  { customer: 'bob', product: 'eggs', day: 1, order: 'b1' },
  { customer: 'bob', product: 'milk', day: 3, order: 'b2' },
  { customer: 'ann', product: 'bread', day: 8, order: 'a6' },
  { customer: 'ann', product: 'salt', day: 6, order: 'a5' },
  { customer: 'bob', product: 'bread', day: 7, order: 'b3' },
  { customer: 'bob', product: 'eggs', day: 7, order: 'b4' },
  { customer: 'bob', product: 'milk', day: 7, order: 'b3' },
  { customer: 'ann', product: 'milk', day: 6, order: 'a5' },
  { customer: 'ann', product: 'eggs', day: 6, order: 'a5' },
]
const shop = smallShop(SALES)
const temporal = (task: 'next-basket' | 'next-order') =>
  temporalTrials(shop, { task, cuts: ['1970-01-06'] })[0]

test('The next basket is the whole of the first order after the cut, what training does not know counted apart', () => {
  const trial = temporal('next-basket')
  expect(named(trial)).toEqual([
    { customer: 'ann', history: ['bread', 'eggs', 'milk'], day: 5, find: ['eggs', 'milk'] },
    { customer: 'bob', history: ['eggs', 'milk'], day: 5, find: ['bread', 'milk'] },
  ])
  expect(trial.cases.map(({ missing = 0 }) => missing)).toEqual([1, 0])
  expect(trial.leftOut).toEqual({})
  // Under next-order all that comes after the cut is to be found.
  expect(named(temporal('next-order')).map(({ find }) => find)).toEqual([
    ['bread', 'eggs', 'milk'],
    ['bread', 'eggs', 'milk'],
  ])
})

test('A basket of which training knows nothing is left out and counted', () => {
  const sales: readonly Sale[] = [
    { customer: 'ann', product: 'milk', day: 1 },
    { customer: 'bob', product: 'milk', day: 1 },
    { customer: 'ann', product: 'salt', day: 6 },
    { customer: 'ann', product: 'milk', day: 7 },
    { customer: 'bob', product: 'milk', day: 7 },
  ]
  const [trial] = temporalTrials(smallShop(sales), { task: 'next-basket', cuts: ['1970-01-06'] })
  expect(named(trial).map(({ customer }) => customer)).toEqual(['bob'])
  expect(trial.leftOut).toEqual({
    'held-out purchases of products that training does not know': 1,
    'customers with nothing left to find': 1,
  })
})

test('The next basket of the last-order protocol is the whole of the last order', () => {
  const trial = lastOrderTrial(shop, { task: 'next-basket', keepCatalogue: true })
  expect(named(trial).map(({ customer, find }) => [customer, find])).toEqual([
    ['ann', ['bread']],
    ['bob', ['eggs']],
  ])
})

/** What a system lists for ann and for bob. */
async function listsOf(trial: Trial, system = buyAgainBy('frequency')) {
  const fitted = await system.fit(trial.train, 1)
  const lists = await fitted.recommend(trial.cases, 'next-basket', 3)
  return lists.map((list) => Array.from(list, (product) => trial.train.products.at(product)))
}

test('Buying again by frequency counts orders and not units, then the latest; by recency the latest, then orders', async () => {
  const trial = temporal('next-basket')
  expect(await listsOf(trial, buyAgainBy('frequency'))).toEqual([
    ['milk', 'bread', 'eggs'],
    // One order each: milk is later. Bread, which bob never bought, follows as what is popular.
    ['milk', 'eggs', 'bread'],
  ])
  expect(await listsOf(trial, buyAgainBy('recency'))).toEqual([
    ['eggs', 'milk', 'bread'],
    ['milk', 'eggs', 'bread'],
  ])
})

const past = (product: number, orders: number, purchasedAt: number) => ({
  product,
  quantity: 9,
  orders,
  firstPurchasedAt: purchasedAt,
  purchasedAt,
})

test('Orders count, not quantities, also of a customer whom training does not know; times unknown come first, the lower index breaks ties', async () => {
  const fitted = await buyAgainBy('frequency').fit(temporal('next-basket').train, 1)
  const [milk, bread, eggs] = [0, 1, 2]
  const asked = (...history: ReturnType<typeof past>[]) => ({
    customer: -1,
    history,
    at: NaN,
    relevant: Uint32Array.of(0),
  })
  const lists = await fitted.recommend(
    [
      asked(past(milk, 1, 5), past(bread, 2, 1), past(eggs, 1, NaN)),
      asked(past(eggs, 1, 3), past(bread, 1, 3)),
      asked(),
    ],
    'next-basket',
    3,
  )
  expect(lists.map((list) => Array.from(list))).toEqual([
    [bread, milk, eggs],
    [bread, eggs, milk],
    // Two customers bought milk, two eggs, one bread.
    [milk, eggs, bread],
  ])
  const [none] = await fitted.recommend([asked(past(milk, 1, 5))], 'discovery', 3)
  expect([...none]).toEqual([])
})

test('Recall and nDCG are over the whole basket', async () => {
  const { report } = await evaluate({
    protocol: 'temporal',
    task: 'next-basket',
    trials: [temporal('next-basket')],
    systems: [buyAgainBy('frequency'), buyAgainBy('recency'), popularity()],
    defaultName: 'popularity',
    seeds: [1],
    first: [2, 3],
  })
  const [frequency, recency, popular] = report.systems
  // ann's basket: milk, eggs and the unknown salt; bob's: milk and bread.
  // By frequency the first two are milk, bread for ann (1 of 3), milk, eggs for bob (1 of 2).
  expect(frequency.recall['2'].value).toBeCloseTo((1 / 3 + 1 / 2) / 2, 12)
  expect(recency.recall['2'].value).toBeCloseTo((2 / 3 + 1 / 2) / 2, 12)
  // Popular are milk and eggs, which two customers bought, then bread.
  expect(popular.recall['2'].value).toBeCloseTo((2 / 3 + 1 / 2) / 2, 12)
  for (const { recall } of report.systems) expect(recall['3'].value).toBeCloseTo((2 / 3 + 1) / 2, 12)
  const [one, two, three] = [1, 1 / Math.log2(3), 1 / 2]
  // At 3 the best list of ann's would have three hits, of bob's two.
  const atThree = ((one + three) / (one + two + three) + (one + three) / (one + two)) / 2
  expect(frequency.ndcg['3'].value).toBeCloseTo(atThree, 12)
  expect(recency.ndcg['3'].value).toBeCloseTo(
    ((one + two) / (one + two + three) + (one + three) / (one + two)) / 2,
    12,
  )
})

test('Only protocols that know which order is the next ask for it', () => {
  for (const protocol of ['temporal', 'last-order'] as const) checkTask(protocol, 'next-basket')
  for (const protocol of ['basket', 'notebook', 'hold-out-users'] as const) {
    expect(() => checkTask(protocol, 'next-basket')).toThrow(/has only the task discovery/)
  }
  expect(() => checkTask('split', 'next-basket')).toThrow(/does not say which order comes next/)
  checkTask('split', 'next-order')
  expect(splitTrial(shop, shop, 'next-order').cases).toHaveLength(2)
})
