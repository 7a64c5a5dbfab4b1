import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Recommender } from '../../../src/engine/recommender.ts'
import { trainModel } from '../../../src/engine/train.ts'
import { engine } from '../../../src/evaluation/baselines/engine.ts'
import type { TestCase } from '../../../src/evaluation/trial.ts'
import type { Kernels } from '../../../src/kernels/kernels.ts'
import { openKernels } from '../../../src/kernels/open.ts'
import { configure } from '../../../src/model/configuration.ts'
import { caseOf, cornerShop, listOf } from './corner-shop.ts'

let kernels: Kernels

beforeAll(async () => {
  kernels = await openKernels()
})
afterAll(() => kernels?.close())

const small = { factors: 2, iterations: 3 }
const DAN = 3

describe('The engine as a system', () => {
  test.each(['default', 'notebook'] as const)(
    'gives the lists of a Recommender, preset %s',
    async (preset) => {
      const fitted = await engine({ name: 'ours', preset, overrides: small }, kernels).fit(cornerShop(), 7)
      const model = await trainModel(cornerShop(), configure(preset, { ...small, seed: 7 }), kernels)
      const recommender = new Recommender(model, kernels)
      for (const task of ['discovery', 'next-order'] as const) {
        const includePurchased = task === 'next-order'
        const [direct] = await recommender.recommend([{ customer: DAN, first: 4, includePurchased }])
        const [list] = await fitted.recommend([caseOf([['c'], ['d']], DAN)], task, 4)
        expect([...list]).toEqual(direct.items.map(({ product }) => product))
      }
      recommender.close()
      fitted.close()
    },
  )

  test('asks about a customer that training does not know by their history', async () => {
    const fitted = await engine({ name: 'ours', preset: 'default', overrides: small }, kernels).fit(
      cornerShop(),
      1,
    )
    const dan = caseOf([
      ['c', 1, 30],
      ['d', 1, 30],
    ])
    const [known, stranger, timeless] = await fitted.recommend(
      [{ ...dan, customer: DAN }, dan, caseOf([['c'], ['d']])],
      'next-order',
      5,
    )
    expect(stranger).toEqual(known)
    expect(new Set(timeless)).toEqual(new Set(known))
    fitted.close()
  })

  test('answers as many cases as it is asked, in their order', async () => {
    const fitted = await engine({ name: 'ours', preset: 'default', overrides: small }, kernels).fit(
      cornerShop(),
      1,
    )
    const cases: TestCase[] = Array.from({ length: 600 }, (_, i) => caseOf([[i % 2 ? 'a' : 'd']]))
    const lists = await fitted.recommend(cases, 'discovery', 3)
    expect(lists).toHaveLength(600)
    lists.forEach((list, i) => expect(list).toEqual(lists[i % 2]))
    expect(await fitted.recommend([], 'discovery', 3)).toEqual([])
    fitted.close()
  })

  test('by content alone lists the same category first', async () => {
    const content = engine({ name: 'content', preset: 'default', overrides: small, only: 'content' }, kernels)
    // a and c are tea; nothing is known of e, not even a price.
    expect(await listOf(content, [['a']], 'discovery', 1)).toBe('c')
    expect(await listOf(content, [['b']], 'discovery', 1)).toBe('d')
  })

  test('refuses settings that no configuration may have, before it learns anything', () => {
    expect(() => engine({ name: 'x', preset: 'default', overrides: { alpha: -1 } }, kernels)).toThrow(
      'alpha must be a number above 0, not -1',
    )
  })
})
