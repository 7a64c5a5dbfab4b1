import { describe, expect, test } from 'vitest'
import { random } from '../../../src/evaluation/baselines/random.ts'
import type { TestCase } from '../../../src/evaluation/trial.ts'
import { smallShop } from '../../model/small-shop.ts'
import { onceBought } from '../small-trial.ts'

const PRODUCTS = 40
const CASES = 4000

const shop = smallShop(
  Array.from({ length: PRODUCTS }, (_, i) => ({ customer: `customer ${i}`, product: `product ${i}` })),
)

/** Everybody bought products 0 and 1, and goes on to buy 1 and 2. */
const cases = Array.from({ length: CASES }, (_, customer) => ({
  customer,
  history: [0, 1].map((product) => onceBought(product)),
  at: NaN,
  relevant: Uint32Array.of(1, 2),
})) satisfies TestCase[]

async function draw(seed: number, task: 'discovery' | 'next-order', first: number, asked = cases) {
  return (await random().fit(shop, seed)).recommend(asked, task, first)
}

/** Four standard errors of a share: chance goes further in one of 16,000 such tests, and the seed is fixed. */
const tolerance = (share: number, tries: number) => 4 * Math.sqrt((share * (1 - share)) / tries)

describe('The random baseline', () => {
  test.each([
    // Ten of 38, of which one is sought; ten of 40, of which one or both of two: 1 − (30 · 29)/(40 · 39).
    ['discovery', [2], 10 / 38],
    ['next-order', [2], 10 / 40],
    ['next-order', [1, 2], 1 - (30 * 29) / (40 * 39)],
  ] as const)(
    'finds, under %s, one of %j in ten of forty as often as arithmetic says',
    async (task, sought, share) => {
      const lists = await draw(7, task, 10)
      const hits = lists.filter((list) => sought.some((product) => list.includes(product))).length
      expect(Math.abs(hits / CASES - share)).toBeLessThan(tolerance(share, CASES))
    },
  )

  test('puts every product in first place equally often', async () => {
    const lists = await draw(3, 'next-order', 1)
    const counts = new Uint32Array(PRODUCTS)
    for (const [product] of lists) counts[product]++
    // Pearson’s χ² with 39 degrees of freedom: the upper 0.1 % lie above 72.1.
    const expected = CASES / PRODUCTS
    expect(counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)).toBeLessThan(72.1)
  })

  test('lists each product once, and under discovery none of the history', async () => {
    for (const list of await draw(1, 'discovery', PRODUCTS, cases.slice(0, 50))) {
      expect([...list].sort((a, b) => a - b)).toEqual(Array.from({ length: 38 }, (_, i) => i + 2))
    }
  })

  test('depends on the seed and the case, and on nothing else that is asked', async () => {
    const [all, again, alone, other] = await Promise.all([
      draw(1, 'discovery', 10),
      draw(1, 'discovery', 10),
      draw(1, 'discovery', 10, cases.slice(17, 18)),
      draw(2, 'discovery', 10),
    ])
    expect(again).toEqual(all)
    expect(alone[0]).toEqual(all[17])
    expect(other).not.toEqual(all)
    expect(all[18]).not.toEqual(all[17])
  })

  test('is run with several seeds', () => {
    expect(random().isRandom).toBe(true)
  })
})
