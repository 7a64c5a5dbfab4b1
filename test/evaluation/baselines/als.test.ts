import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AlsSettings, als } from '../../../src/evaluation/baselines/als.ts'
import type { Kernels } from '../../../src/kernels/kernels.ts'
import { openKernels } from '../../../src/kernels/open.ts'
import { referenceKernels } from '../../../src/kernels/reference.ts'
import { smallShop } from '../../model/small-shop.ts'
import { caseOf, cornerShop, listOf } from './corner-shop.ts'

let kernels: Kernels

beforeAll(async () => {
  kernels = await openKernels()
})
afterAll(() => kernels?.close())

const small: AlsSettings = {
  confidence: 'hu-koren-volinsky',
  counts: 'pieces',
  alpha: 40,
  regularization: 0.1,
  frequencyExponent: 0,
  factors: 2,
  iterations: 10,
}

/** Six customers of one taste (a, b, c), six of another (d, e, f); each has two of its three products. */
const twoTastes = () =>
  smallShop(
    Array.from({ length: 12 }, (_, customer) =>
      [0, 1].map((n) => ({
        customer: `u${customer}`,
        product: 'abcdef'[3 * (customer % 2) + ((customer + n) % 3)],
      })),
    ).flat(),
    { products: [...'abcdefg'] },
  )

const sold = (quantity: number) =>
  smallShop([
    { customer: 'ann', product: 'a', quantity },
    { customer: 'ann', product: 'b' },
    { customer: 'bob', product: 'b' },
    { customer: 'bob', product: 'c' },
    { customer: 'cat', product: 'c', quantity },
  ])

/** The counts that the fit is given. */
const countsOf = async (counts: AlsSettings['counts'], quantity: number) => {
  const recorded: number[] = []
  const reference = referenceKernels()
  const recording: Kernels = {
    ...reference,
    fitAls: async (problem) => {
      recorded.push(...problem.interactions.values)
      return reference.fitAls(problem)
    },
  }
  await (await als({ ...small, counts }, recording).fit(sold(quantity), 1)).close()
  return recorded
}

describe('ALS alone', () => {
  test.each([
    small,
    { ...small, confidence: 'ials', alpha: 0.1, regularization: 0.01, frequencyExponent: 1 } as const,
  ])(
    'of $confidence recommends the rest of a taste first, and never what nobody bought',
    async (settings) => {
      const fitted = await als(settings, kernels).fit(twoTastes(), 1)
      const asked = [caseOf([['a'], ['b']]), caseOf([['d']])]
      const [first, second] = await fitted.recommend(asked, 'discovery', 7)
      expect(first[0]).toBe(2)
      expect([...second.subarray(0, 2)].sort()).toEqual([4, 5])
      expect([...first].sort()).toEqual([2, 3, 4, 5])
      fitted.close()
    },
  )

  test('lists what was bought where it may be bought again', async () => {
    const fitted = await als(small, kernels).fit(twoTastes(), 1)
    const [list] = await fitted.recommend([caseOf([['a'], ['b']])], 'next-order', 3)
    expect([...list].sort()).toEqual([0, 1, 2])
    fitted.close()
  })

  test('counts the logarithm of the pieces: three are two, one is one', async () => {
    expect(await countsOf('logarithm', 3)).toEqual([2, 1, 1, 1, 2])
    expect(await countsOf('pieces', 3)).toEqual([3, 1, 1, 1, 3])
  })

  test('gives what is popular to a history of which nothing is known', async () => {
    // Nobody bought e.
    expect(await listOf(als(small, kernels), [['e']], 'discovery', 2)).toBe('ab')
    const fitted = await als(small, kernels).fit(cornerShop(), 1)
    expect(await fitted.recommend([], 'discovery', 3)).toEqual([])
    fitted.close()
  })

  test.each([
    [{ factors: 0 }, 'factors must be a whole number of at least 1, not 0'],
    [{ alpha: 0 }, 'alpha must be a finite number above 0, not 0'],
    [{ regularization: -1 }, 'regularization must be a finite number of at least 0, not -1'],
  ])('refuses %o', (changed, message) => {
    expect(() => als({ ...small, ...changed }, kernels)).toThrow(message)
  })
})
