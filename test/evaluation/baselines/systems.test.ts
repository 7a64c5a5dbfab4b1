import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Contender } from '../../../src/evaluation/baselines/systems.ts'
import { contenders, DEFAULT_SYSTEM, SETTINGS_EACH } from '../../../src/evaluation/baselines/systems.ts'
import type { System } from '../../../src/evaluation/system.ts'
import type { TestCase } from '../../../src/evaluation/trial.ts'
import { referenceKernels } from '../../../src/kernels/reference.ts'
import type { Sale } from '../../model/small-shop.ts'
import { smallShop } from '../../model/small-shop.ts'

const all = contenders(referenceKernels(), 'next-order')
const PRODUCTS = 'abcdefgh'

describe('The contenders', () => {
  test('have a name each, the default among them', () => {
    const names = all.map(({ system }) => system.name)
    expect(new Set(names).size).toBe(names.length)
    expect(names).toContain(DEFAULT_SYSTEM)
    expect(names).toHaveLength(14)
  })

  test('offer what was bought again only where it may be', () => {
    const names = contenders(referenceKernels(), 'discovery').map(({ system }) => system.name)
    expect(names).toEqual(all.map(({ system }) => system.name).filter((name) => name !== 'buy again'))
  })

  test('buy again by frequency and by recency, too, where the next basket is asked for', () => {
    const names = contenders(referenceKernels(), 'next-basket').map(({ system }) => system.name)
    const own = ['buy again by frequency', 'buy again by recency']
    expect(names.filter((name) => !own.includes(name))).toEqual(all.map(({ system }) => system.name))
    expect(names).toEqual(expect.arrayContaining(own))
  })

  test('have names that --systems can separate by commas', () => {
    for (const { system } of contenders(referenceKernels(), 'next-basket')) {
      expect(system.name).toMatch(/^[\w -]+$/)
    }
  })

  test('are tried in as many settings each, or have nothing to tune', () => {
    const sizes = new Set(all.map(({ grid }) => grid.length))
    expect(sizes).toEqual(new Set([0, SETTINGS_EACH]))
  })

  test('have grids of distinct settings under one name, the usual ones among them', () => {
    for (const { grid, parameters, system } of all.filter((one) => one.grid.length > 0)) {
      const settings = grid.map((setting) => JSON.stringify(setting.parameters))
      expect(new Set(settings).size).toBe(SETTINGS_EACH)
      expect(settings).toContain(JSON.stringify(parameters))
      expect(new Set(grid.map((setting) => setting.system.name))).toEqual(new Set([system.name]))
    }
  })
})

const sale = fc.record({
  customer: fc.constantFrom('ana', 'bea', 'cem', 'dan', 'eva', 'fay'),
  product: fc.constantFrom(...PRODUCTS),
  quantity: fc.integer({ min: 1, max: 4 }),
  day: fc.integer({ min: 0, max: 400 }),
  seller: fc.constantFrom('S', 'T'),
}) satisfies fc.Arbitrary<Sale>

const history = fc
  .uniqueArray(
    fc.record({
      product: fc.nat(7),
      quantity: fc.integer({ min: 1, max: 9 }),
      orders: fc.constant(1),
      firstPurchasedAt: fc.constant(NaN),
      purchasedAt: fc.constant(NaN),
    }),
    {
      selector: ({ product }) => product,
      maxLength: 7,
    },
  )
  .map((purchases): TestCase => ({ customer: -1, history: purchases, at: NaN, relevant: Uint32Array.of(0) }))

const shop = fc.array(sale, { minLength: 1, maxLength: 25 }).map((sales) =>
  smallShop(sales, {
    products: [...PRODUCTS],
    categories: { a: 'tea', b: 'tea', c: 'mugs', d: 'mugs', e: 'mugs', f: 'cups' },
  }),
)

/** The baselines that go on with popularity where they have nothing more to say: all but the engine's. */
const ours = new Set(['ALS', 'content', 'notebook', DEFAULT_SYSTEM])
const baselines = all.filter(({ system }) => !ours.has(system.name))

describe.each(baselines.map((one): [string, Contender] => [one.system.name, one]))(
  'On any shop %s',
  (name, { system, grid }) => {
    const settings: System[] = [system, ...grid.map((setting) => setting.system)]

    test('lists each product once, none of the history under discovery, and as many as are left', async () => {
      const setting = fc.constantFrom(...settings)
      const cases = fc.array(history, { maxLength: 4 })
      await fc.assert(
        fc.asyncProperty(setting, shop, cases, fc.nat(9), async (one, train, asked, first) => {
          const fitted = await one.fit(train, 1)
          for (const task of ['discovery', 'next-order'] as const) {
            const lists = await fitted.recommend(asked, task, first)
            expect(lists).toHaveLength(asked.length)
            lists.forEach((list, i) => {
              const bought = new Set(asked[i].history.map(({ product }) => product))
              const left = task === 'discovery' ? PRODUCTS.length - bought.size : PRODUCTS.length
              const isSilent = name === 'buy again' && task === 'discovery'
              expect(list).toHaveLength(isSilent ? 0 : Math.min(first, left))
              expect(new Set(list).size).toBe(list.length)
              expect(Math.max(0, ...list)).toBeLessThan(PRODUCTS.length)
              if (task === 'discovery') expect([...list].some((product) => bought.has(product))).toBe(false)
            })
          }
          fitted.close()
        }),
        { numRuns: 40 },
      )
    })

    test('gives the same list again, whatever else it is asked, and begins a longer list with a shorter', async () => {
      await fc.assert(
        fc.asyncProperty(shop, fc.array(history, { minLength: 2, maxLength: 4 }), async (train, asked) => {
          const fitted = await system.fit(train, 5)
          const together = await fitted.recommend(asked, 'next-order', 5)
          expect(await (await system.fit(train, 5)).recommend(asked, 'next-order', 5)).toEqual(together)
          for (const [i, one] of asked.entries()) {
            expect((await fitted.recommend([one], 'next-order', 5))[0]).toEqual(together[i])
            expect((await fitted.recommend([one], 'next-order', 2))[0]).toEqual(together[i].slice(0, 2))
          }
        }),
        { numRuns: 25 },
      )
    })
  },
)
