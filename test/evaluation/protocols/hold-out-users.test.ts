import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { holdOutUsersTrials } from '../../../src/evaluation/protocols/hold-out-users.ts'
import { TrialError } from '../../../src/evaluation/trial.ts'
import { type Sale, smallShop } from '../../model/small-shop.ts'
import { named, purchases } from './named.ts'

/** Users who each bought the same `count` products, on days of their own. */
function alike(users: number, count: number): Sale[] {
  return Array.from({ length: users * count }, (_, i) => ({
    customer: `user ${Math.floor(i / count)}`,
    product: `p${String(i % count).padStart(2, '0')}`,
    day: Math.floor(i / count),
  }))
}

describe('Held-out users', () => {
  test('are not in training at all, and are asked for a part of what they bought by the rest', () => {
    const [trial] = holdOutUsersTrials(smallShop(alike(10, 10)), { seed: 1, share: 0.2 })
    expect(trial.cases).toHaveLength(2)
    expect(trial.train.customers.size).toBe(8)
    for (const { customer, history, find, day } of named(trial)) {
      expect(customer).toBeNull()
      expect(trial.train.customers.indexOf(`user ${day}`)).toBe(-1)
      expect([history.length, find.length]).toEqual([8, 2])
      expect(new Set([...history, ...find]).size).toBe(10)
    }
    expect(trial.leftOut).toEqual({})
  })

  // Liang et al. hide ⌊n / 5⌋; here at least one of two products or more.
  test.each([
    [2, 1],
    [4, 1],
    [5, 1],
    [9, 1],
    [10, 2],
    [15, 3],
    [35, 7],
  ])('of %d products have %d to be found', (products, hidden) => {
    const [{ cases }] = holdOutUsersTrials(smallShop(alike(3, products)), { seed: 1, share: 0.3 })
    expect(cases.map(({ relevant }) => relevant.length)).toEqual([hidden])
  })

  test('may be given another part of what they bought', () => {
    const [{ cases }] = holdOutUsersTrials(smallShop(alike(4, 8)), { seed: 1, share: 0.25, foldIn: 0.5 })
    expect(cases.map(({ history, relevant }) => [history.length, relevant.length])).toEqual([[4, 4]])
  })

  test('are divided right where a share of their products is no exact number', () => {
    // 0.55 of 100 products is 55.00000000000001 to a computer, which is not 56.
    const [{ cases }] = holdOutUsersTrials(smallShop(alike(2, 100)), { seed: 1, share: 0.5, foldIn: 0.55 })
    expect(cases.map(({ history, relevant }) => [history.length, relevant.length])).toEqual([[55, 45]])
  })

  test('have their turn in one fold each', () => {
    const trials = holdOutUsersTrials(smallShop(alike(10, 3)), { seed: 1, share: 0.2, folds: 5 })
    expect(trials.map(({ name }) => name)[4]).toBe('held-out users, fold 5 of 5')
    const days = trials.map((trial) => named(trial).map(({ day }) => day))
    expect(days.map(({ length }) => length)).toEqual([2, 2, 2, 2, 2])
    expect(days.flat().sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    for (const { train } of trials) expect(train.customers.size).toBe(8)
  })

  test('are the same for the same seed, and others for another', () => {
    const dataset = smallShop(alike(20, 5))
    const [first, again, other] = [1, 1, 2].map((seed) => holdOutUsersTrials(dataset, { seed }))
    expect(again).toEqual(first)
    expect(other).not.toEqual(first)
  })

  test('leave no training on segments that the shop made of whole histories', () => {
    const segments = { name: 'segment', labels: ['pairs'], codes: new Int32Array(10) }
    const { train } = holdOutUsersTrials(smallShop(alike(10, 2), { segments }), { seed: 1 })[0]
    expect(train).not.toHaveProperty('segments')
  })

  test('are left out where they bought one product that training knows', () => {
    const sales = [
      ...alike(3, 2),
      ...['x', 'y', 'p00'].map((product) => ({ customer: 'zoe', product, day: 9 })),
    ]
    const trials = Array.from({ length: 20 }, (_, seed) =>
      holdOutUsersTrials(smallShop(sales), { seed, share: 0.5 }),
    ).flat()
    // Two users are held out; it is one with zoe whenever training does not know x.
    const withZoe = trials.filter(({ train }) => train.products.indexOf('x') < 0)
    expect(withZoe.length).toBeGreaterThan(0)
    for (const { cases, leftOut } of withZoe) {
      expect(cases).toHaveLength(1)
      expect(leftOut).toEqual({
        'customers of fewer than two products known to training': 1,
        'held-out purchases of products that training does not know': 2,
      })
    }
  })

  test('need a share, and somebody to learn from', () => {
    const dataset = smallShop(alike(3, 2))
    expect(() => holdOutUsersTrials(dataset, { seed: 1, share: 1 })).toThrow(
      'share must be above 0 and below 1, not 1',
    )
    expect(() => holdOutUsersTrials(dataset, { seed: 1, foldIn: 0 })).toThrow(/foldIn must be above 0/)
    expect(() => holdOutUsersTrials(dataset, { seed: 1, share: 0.9 })).toThrow(TrialError)
    expect(() => holdOutUsersTrials(dataset, { seed: 1, share: 0.3, folds: 4 })).toThrow(
      'folds must be a whole number from 1 to 3, not 4',
    )
    const strangers = smallShop(['a', 'b', 'c'].map((name) => ({ customer: name, product: name })))
    expect(() => holdOutUsersTrials(strangers, { seed: 1, share: 0.4 })).toThrow(/hold out a larger share/)
  })

  test('share nothing with training but products, whatever the shop', () => {
    const sale = fc.record({
      customer: fc.constantFrom('ann', 'bob', 'cat', 'dan', 'eve'),
      product: fc.constantFrom('a', 'b', 'c', 'd'),
    })
    fc.assert(
      fc.property(fc.array(sale, { maxLength: 30 }), fc.nat(50), (sales, seed) => {
        const all = [
          ...sales,
          ...['fay', 'gus', 'hal', 'ida'].flatMap((customer) =>
            ['a', 'b'].map((product) => ({ customer, product })),
          ),
        ]
        const trial = tried(() => holdOutUsersTrials(smallShop(all), { seed, share: 0.4 })[0])
        if (trial === undefined) return
        const left = purchases(trial.train)
        const bought = new Map(Map.groupBy(all, ({ customer }) => customer))
        const unseen = [...bought.keys()].filter((name) => trial.train.customers.indexOf(name) < 0)
        expect(left).toEqual(
          all
            .filter(({ customer }) => !unseen.includes(customer))
            .map(({ customer, product }) => `${customer} ${product}`),
        )
        for (const { history, find } of named(trial)) {
          const known = [...history, ...find].sort()
          const theirs = unseen.map((name) =>
            [...new Set(bought.get(name)?.map(({ product }) => product))]
              .filter((id) => trial.train.products.indexOf(id) >= 0)
              .sort(),
          )
          expect(theirs).toContainEqual(known)
        }
      }),
    )
  })
})

/** What is made, or undefined where there is nobody to test. */
function tried<Result>(make: () => Result): Result | undefined {
  try {
    return make()
  } catch (error) {
    if (error instanceof TrialError) return undefined
    throw error
  }
}
