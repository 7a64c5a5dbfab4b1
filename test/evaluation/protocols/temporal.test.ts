import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { temporalTrials } from '../../../src/evaluation/protocols/temporal.ts'
import { TrialError } from '../../../src/evaluation/trial.ts'
import type { Task } from '../../../src/evaluation/trial.ts'
import { type Sale, smallShop } from '../../model/small-shop.ts'
import { named, purchases } from './named.ts'

const DAY_5 = '1970-01-06'
const DAY_7 = '1970-01-08'

/** Before the fifth day: ann a, bob a and b, cat c, eve a. */
const SALES: readonly Sale[] = [
  { customer: 'ann', product: 'a', day: 3, quantity: 2 },
  { customer: 'dan', product: 'd', day: 6 },
  { customer: 'bob', product: 'b', day: 2 },
  { customer: 'ann', product: 'b', day: 5 },
  { customer: 'ann', product: 'a', day: 6 },
  { customer: 'ann', product: 'a', day: 1 },
  { customer: 'bob', product: 'a', day: 4 },
  { customer: 'bob', product: 'b', day: 7 },
  { customer: 'cat', product: 'c', day: 4 },
  { customer: 'cat', product: 'd', day: 8 },
  { customer: 'eve', product: 'a', day: 4 },
  { customer: 'eve', product: 'd', day: 8 },
  { customer: 'eve', product: 'c', day: 9 },
  { customer: 'ann', product: 'c' },
]

function trials(task: Task, cuts: readonly string[], horizon?: 'next-cut' | 'end') {
  return temporalTrials(smallShop(SALES), { task, cuts, ...(horizon && { horizon }) })
}

describe('The temporal protocol', () => {
  test('trains on what was bought before the cut', () => {
    const [{ name, train }] = trials('discovery', [DAY_5])
    expect(name).toBe(DAY_5)
    expect(purchases(train)).toEqual(['ann a', 'bob b', 'ann a', 'bob a', 'cat c', 'eve a'])
    expect([train.products.indexOf('d'), train.customers.indexOf('dan')]).toEqual([-1, -1])
  })

  test('asks for what is new to customers who had bought before (discovery)', () => {
    const [trial] = trials('discovery', [DAY_5])
    expect(named(trial)).toEqual([
      { customer: 'ann', history: ['a'], day: 5, find: ['b'] },
      { customer: 'eve', history: ['a'], day: 5, find: ['c'] },
    ])
  })

  test('asks for whatever they bought again (next order)', () => {
    const [trial] = trials('next-order', [DAY_5])
    expect(named(trial)).toEqual([
      { customer: 'ann', history: ['a'], day: 5, find: ['a', 'b'] },
      { customer: 'bob', history: ['a', 'b'], day: 5, find: ['b'] },
      { customer: 'eve', history: ['a'], day: 5, find: ['c'] },
    ])
  })

  test('counts who and what is left out, and why', () => {
    expect(trials('discovery', [DAY_5])[0].leftOut).toEqual({
      'interactions of unknown time': 1,
      'customers with no purchase in training': 1, // dan
      'customers with nothing left to find': 2, // bob bought b again, cat the unknown d
      'held-out purchases of products that training does not know': 2, // d, by cat and by eve
      'held-out purchases of products bought before': 2, // a by ann, b by bob
    })
    expect(trials('next-order', [DAY_5])[0].leftOut).toEqual({
      'interactions of unknown time': 1,
      'customers with no purchase in training': 1,
      'customers with nothing left to find': 1,
      'held-out purchases of products that training does not know': 2,
    })
  })

  test('states a history with the quantities, orders and times that training has', () => {
    const [{ cases }] = trials('discovery', [DAY_5])
    expect(cases[0].history).toEqual([
      { product: 0, quantity: 3, orders: 2, firstPurchasedAt: 86_400_000, purchasedAt: 3 * 86_400_000 },
    ])
  })

  test('makes a trial of each cut, to be judged by what is bought until the next', () => {
    const found = trials('next-order', [DAY_7, DAY_5])
    expect(found.map(({ name }) => name)).toEqual([DAY_5, DAY_7])
    expect(named(found[0])).toEqual([{ customer: 'ann', history: ['a'], day: 5, find: ['a', 'b'] }])
    expect(named(found[1])).toEqual([
      { customer: 'bob', history: ['a', 'b'], day: 7, find: ['b'] },
      { customer: 'cat', history: ['c'], day: 7, find: ['d'] },
      { customer: 'eve', history: ['a'], day: 7, find: ['c', 'd'] },
    ])
  })

  test('may judge each cut by all that follows it', () => {
    const [first] = trials('next-order', [DAY_7, DAY_5], 'end')
    expect(named(first)).toEqual(named(trials('next-order', [DAY_5])[0]))
  })

  test('says so when nobody is left to test', () => {
    const sales = [
      { customer: 'ann', product: 'a', day: 1 },
      { customer: 'bob', product: 'a', day: 2 },
    ]
    const run = () => temporalTrials(smallShop(sales), { task: 'discovery', cuts: ['1970-01-03'] })
    expect(run).toThrow(TrialError)
    expect(run).toThrow(
      'nobody who bought before 1970-01-03 bought anything that could be found from then on; 1 customers with no purchase in training: choose another cut',
    )
  })
})

describe('What the temporal protocol promises', () => {
  const sale = fc.record({
    customer: fc.constantFrom('ann', 'bob', 'cat', 'dan'),
    product: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    day: fc.integer({ min: 1, max: 9 }),
  })

  test('every purchase is in training, to be found, or left out and counted', () => {
    fc.assert(
      fc.property(fc.array(sale, { minLength: 2, maxLength: 30 }), (sales) => {
        // Two who can be tested for certain, so that there is a trial whatever else there is.
        const all = [
          ...sales,
          { customer: 'zoe', product: 'a', day: 1 },
          { customer: 'yan', product: 'b', day: 1 },
          { customer: 'zoe', product: 'b', day: 9 },
        ]
        const [{ train, cases, leftOut }] = temporalTrials(smallShop(all), {
          task: 'discovery',
          cuts: [DAY_5],
        })
        expect(purchases(train)).toEqual(
          all.filter(({ day }) => day < 5).map(({ customer, product }) => `${customer} ${product}`),
        )
        const buyers = new Set(all.filter(({ day }) => day < 5).map(({ customer }) => customer))
        const later = new Set(
          all
            .filter(({ customer, day }) => day >= 5 && buyers.has(customer))
            .map(({ customer, product }) => `${customer} ${product}`),
        )
        const found = cases.reduce((sum, { relevant }) => sum + relevant.length, 0)
        const unknown = leftOut['held-out purchases of products that training does not know'] ?? 0
        const before = leftOut['held-out purchases of products bought before'] ?? 0
        expect(found + unknown + before).toBe(later.size)
        for (const { history, relevant, customer } of cases) {
          const bought = new Set(history.map(({ product }) => product))
          expect([...relevant].some((product) => bought.has(product))).toBe(false)
          expect([...relevant]).toEqual([...new Set(relevant)].sort((a, b) => a - b))
          expect(later.has(`${train.customers.at(customer)} ${train.products.at(relevant[0])}`)).toBe(true)
        }
      }),
    )
  })
})
