import { describe, expect, test } from 'vitest'
import { validationTrial, withFewerCases } from '../../../src/evaluation/protocols/validation.ts'
import { smallShop } from '../../model/small-shop.ts'

/** Ten customers who buy six different products of twenty, one a day. */
const shop = smallShop(
  Array.from({ length: 60 }, (_, i) => ({
    customer: `customer ${i % 10}`,
    product: `product ${(7 * (i % 10) + Math.floor(i / 10)) % 20}`,
    order: `order ${i}`,
    day: Math.floor(i / 10),
  })),
)

describe('the split that systems are tuned on', () => {
  test.each(['temporal', 'last-order', 'notebook', 'hold-out-users', 'split'] as const)(
    'is carved out of training: nothing to be found under %s is left to learn from',
    (protocol) => {
      const { train, cases } = validationTrial(shop, protocol, 'discovery', 1)
      expect(train.interactions.count).toBeLessThan(shop.interactions.count)
      expect(cases.length).toBeGreaterThan(0)
      const { customer, product } = train.interactions
      const learnt = new Set(Array.from(customer, (who, i) => `${who} ${product[i]}`))
      for (const { customer: who, relevant } of cases) {
        for (const found of relevant) expect(learnt).not.toContain(`${who} ${found}`)
      }
    },
  )

  test('holds out a fifth of each customer of a given split, drawn by the seed', () => {
    const [one, again, other] = [1, 1, 2].map((seed) => validationTrial(shop, 'split', 'discovery', seed))
    expect(one.train.interactions.count).toBe(50)
    expect(again.train.fingerprint).toBe(one.train.fingerprint)
    expect(other.train.fingerprint).not.toBe(one.train.fingerprint)
  })

  test('says so where there is too little to be split once more', () => {
    const tiny = smallShop([{ customer: 'ann', product: 'cup' }])
    expect(() => validationTrial(tiny, 'split', 'discovery', 1)).toThrow(/five interactions/)
  })

  test('of many cases takes some, drawn by the seed, in their order', () => {
    const trial = validationTrial(shop, 'split', 'discovery', 1)
    expect(withFewerCases(trial, 1)).toBe(trial)
    const few = withFewerCases(trial, 1, 4)
    expect(few.cases).toHaveLength(4)
    const places = few.cases.map((one) => trial.cases.indexOf(one))
    expect(places.every((place, i) => place > (places[i - 1] ?? -1))).toBe(true)
    expect(withFewerCases(trial, 1, 4)).toEqual(few)
    expect([2, 3, 4, 5].some((seed) => withFewerCases(trial, seed, 4).cases[0] !== few.cases[0])).toBe(true)
  })
})
