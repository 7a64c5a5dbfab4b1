import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { basketTrials } from '../../../src/evaluation/protocols/basket.ts'
import { TrialError } from '../../../src/evaluation/trial.ts'
import { basketsOf } from '../../../src/model/baskets.ts'
import { type Sale, smallShop } from '../../model/small-shop.ts'
import { named, purchases } from './named.ts'

const basketOf = (customer: string, order: string, products: string, day = 1): Sale[] =>
  [...products].map((product) => ({ customer, order, product, day }))

const SALES: readonly Sale[] = [
  ...basketOf('ann', 'one', 'ab', 3),
  ...basketOf('bob', 'two', 'aab', 4),
  ...basketOf('cat', 'three', 'a', 5),
  ...basketOf('cat', 'four', 'b', 5),
  ...basketOf('dan', 'five', 'cc', 6),
]

describe('The basket protocol', () => {
  test('hides one product of each order that holds two, to be found by the others', () => {
    const [trial] = basketTrials(smallShop(SALES), { seed: 1, folds: 1 })
    const cases = named(trial)
    expect(cases.map(({ day }) => day).sort()).toEqual([3, 4])
    for (const { customer, history, find } of cases) {
      expect(customer).toBeNull()
      expect([...history, ...find].sort()).toEqual(['a', 'b'])
      expect(find).toHaveLength(1)
    }
    expect(trial.leftOut).toEqual({})
  })

  test('trains without what is hidden, every line of it, but with the rest of the basket', () => {
    const [trial] = basketTrials(smallShop(SALES), { seed: 1, folds: 1 })
    const findOf = (day: number) => named(trial).find((each) => each.day === day)?.find[0]
    const left = [
      ...['ann a', 'ann b'].filter((purchase) => purchase !== `ann ${findOf(3)}`),
      ...['bob a', 'bob a', 'bob b'].filter((purchase) => purchase !== `bob ${findOf(4)}`),
      'cat a',
      'cat b',
      'dan c',
      'dan c',
    ]
    expect(purchases(trial.train)).toEqual(left)
  })

  test('leaves training no basket that tells what goes with a hidden product', () => {
    const [trial] = basketTrials(smallShop(SALES), { seed: 1, folds: 1 })
    expect(basketsOf(smallShop(SALES)).together.values).toEqual(Float32Array.of(2, 2))
    expect(basketsOf(trial.train).together.values).toEqual(Float32Array.of())
  })

  test('states quantities and time of the basket alone', () => {
    const sales = [
      ...basketOf('ann', 'one', 'aaab', 3),
      ...basketOf('ann', 'two', 'a', 9),
      ...basketOf('bob', 'three', 'ab'),
      ...basketOf('cat', 'four', 'ab'),
    ]
    const histories = Array.from({ length: 20 }, (_, seed) =>
      basketTrials(smallShop(sales), { seed, folds: 3 })
        .flatMap(({ cases }) => cases)
        .find(({ at, history }) => at === 3 * 86_400_000 && history[0]?.quantity > 1),
    )
    const withA = histories.find((each) => each !== undefined)
    expect(withA?.history).toEqual([
      { product: 0, quantity: 3, orders: 1, firstPurchasedAt: 3 * 86_400_000, purchasedAt: 3 * 86_400_000 },
    ])
  })

  test('deals the baskets to folds: each is asked about once, and teaches in all other folds', () => {
    const sales = Array.from({ length: 12 }, (_, i) =>
      basketOf(`customer ${i}`, `order ${i}`, 'abc', i),
    ).flat()
    const trials = basketTrials(smallShop(sales), { seed: 7, folds: 4 })
    expect(trials.map(({ name }) => name)).toEqual([1, 2, 3, 4].map((fold) => `baskets, fold ${fold} of 4`))
    expect(trials.map(({ cases }) => cases.length)).toEqual([3, 3, 3, 3])
    const days = trials.flatMap((trial) => named(trial).map(({ day }) => day))
    expect(days.sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i))
    for (const { train } of trials) expect(train.interactions.count).toBe(12 * 3 - 3)
  })

  test('leaves out what nobody else bought, and baskets of which nothing else is known', () => {
    const sales = [
      ...basketOf('ann', 'one', 'xy'),
      ...basketOf('bob', 'two', 'ab'),
      ...basketOf('cat', 'three', 'ab'),
    ]
    const trials = basketTrials(smallShop(sales), { seed: 3, folds: 3 })
    const all = trials.flatMap(({ leftOut }) => Object.entries(leftOut))
    expect(all).toEqual([['held-out purchases of products that training does not know', 1]])
  })

  test('is the same for the same seed, and another for another', () => {
    const sales = Array.from({ length: 12 }, (_, i) =>
      basketOf(`customer ${i}`, `order ${i}`, 'abcdef'),
    ).flat()
    const run = (seed: number) => basketTrials(smallShop(sales), { seed })
    expect(run(1)).toEqual(run(1))
    expect(run(1)).not.toEqual(run(2))
  })

  test('does not train on segments that the shop made of whole histories', () => {
    const segments = { name: 'segment', labels: ['pairs'], codes: Int32Array.of(0, 0, -1, -1) }
    const [{ train }] = basketTrials(smallShop(SALES, { segments }), { seed: 1, folds: 1 })
    expect(train).not.toHaveProperty('segments')
  })

  test('needs baskets, and a number of folds', () => {
    expect(() => basketTrials(smallShop(SALES), { seed: 1, folds: 3 })).toThrow(TrialError)
    expect(() => basketTrials(smallShop(SALES), { seed: 1, folds: 3 })).toThrow(
      '2 orders hold two products or more, too few for 3 folds: choose another protocol',
    )
    expect(() => basketTrials(smallShop(SALES), { seed: 1, folds: 0 })).toThrow(
      'folds must be a whole number of at least 1, not 0',
    )
    const alone = smallShop(basketOf('ann', 'one', 'ab'))
    expect(() => basketTrials(alone, { seed: 1, folds: 1 })).toThrow(/there is nothing to find/)
  })
})

test('No one who is asked about has the hidden product left in training', () => {
  const line = fc.record({
    customer: fc.constantFrom('ann', 'bob', 'cat'),
    visit: fc.integer({ min: 1, max: 4 }),
    product: fc.constantFrom('a', 'b', 'c', 'd'),
  })
  fc.assert(
    fc.property(fc.array(line, { minLength: 4, maxLength: 40 }), fc.nat(100), (lines, seed) => {
      const sales = lines.map(({ customer, visit, product }, i) => ({
        customer,
        product,
        order: `${customer} ${visit}`,
        day: ['ann', 'bob', 'cat'].indexOf(customer) * 10 + visit,
        price: i,
      }))
      const dataset = smallShop([
        ...sales,
        ...basketOf('eve', 'eve', 'ab', 50),
        ...basketOf('fay', 'fay', 'ab', 60),
        // Sold one by one, where nothing is hidden: there is always something to find.
        ...[...'abcd'].flatMap((product, i) => basketOf('gus', `gus ${i}`, product, 70 + i)),
      ])
      for (const trial of basketTrials(dataset, { seed, folds: 2 })) {
        const left = new Set(purchases(trial.train))
        for (const { day, history, find } of named(trial)) {
          const customer =
            day >= 50 ? (day === 50 ? 'eve' : 'fay') : ['ann', 'bob', 'cat'][Math.floor(day / 10)]
          expect(left.has(`${customer} ${find[0]}`)).toBe(false)
          expect(history).not.toContain(find[0])
          expect(history.length).toBeGreaterThan(0)
        }
      }
    }),
  )
})
