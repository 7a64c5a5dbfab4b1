import { describe, expect, test } from 'vitest'
import { buyAgain } from '../../../src/evaluation/baselines/buy-again.ts'
import { categoryPopularity, sellerPopularity } from '../../../src/evaluation/baselines/group-popularity.ts'
import { popularity, recentPopularity } from '../../../src/evaluation/baselines/popularity.ts'
import { decayedBuyersOf, purchasesOf } from '../../../src/evaluation/baselines/purchases.ts'
import { UnsuitableDataError } from '../../../src/evaluation/system.ts'
import { smallShop } from '../../model/small-shop.ts'
import { caseOf, cornerShop, listOf } from './corner-shop.ts'

const AGELESS = { halfLifeDays: Infinity }

describe('Popularity', () => {
  test('lists what most customers bought, however many pieces, ties to the lower index', async () => {
    expect(await listOf(popularity(), [], 'discovery')).toBe('abcde')
  })

  test('leaves out the history under discovery, and only there', async () => {
    expect(await listOf(popularity(), [['a'], ['c']], 'discovery')).toBe('bde')
    expect(await listOf(popularity(), [['a'], ['c']], 'next-order')).toBe('abcde')
  })

  test('lists no more than is asked for', async () => {
    expect(await listOf(popularity(), [['a']], 'discovery', 2)).toBe('bc')
    expect(await listOf(popularity(), [['a']], 'discovery', 0)).toBe('')
  })
})

describe('Recent popularity', () => {
  test('counts a purchase half after each half-life before the latest of all', async () => {
    // a 1/16 + 1/8 + 1/4, b 1/16 + 1/8, c 1/8 + 1/2, d 1/2 + 1
    const shop = cornerShop()
    const buyers = decayedBuyersOf(shop, purchasesOf(shop), 10)
    expect([...buyers]).toEqual([0.4375, 0.1875, 0.625, 1.5, 0])
    expect(await listOf(recentPopularity({ halfLifeDays: 10 }), [['c']], 'discovery')).toBe('dabe')
  })

  test('is popularity where purchases do not age', async () => {
    expect(await listOf(recentPopularity(AGELESS), [], 'discovery')).toBe('abcde')
  })

  test('counts a customer once for a product, by their latest purchase of it', () => {
    const shop = smallShop([
      { customer: 'u', product: 'a', day: 0 },
      { customer: 'u', product: 'a', day: 8 },
      { customer: 'u', product: 'a', day: 4 },
      { customer: 'v', product: 'b', day: 10 },
    ])
    expect([...decayedBuyersOf(shop, purchasesOf(shop), 2)]).toEqual([0.5, 1])
  })

  test('takes a purchase of unknown time to be as old as the oldest', () => {
    const shop = smallShop([
      { customer: 'u', product: 'a' },
      { customer: 'v', product: 'b', day: 0 },
      { customer: 'w', product: 'c', day: 1 },
    ])
    expect([...decayedBuyersOf(shop, purchasesOf(shop), 1)]).toEqual([0.5, 0.5, 1])
  })

  test('does not run where no purchase has a time, and says what is missing', async () => {
    const timeless = smallShop([{ customer: 'u', product: 'a' }])
    const fit = recentPopularity({ halfLifeDays: 1 }).fit(timeless, 1)
    await expect(fit).rejects.toThrow(UnsuitableDataError)
    await expect(fit).rejects.toThrow('no purchase has a time')
  })
})

describe('Popularity in the customer’s categories', () => {
  test('lists what is popular there, then what is popular', async () => {
    expect(await listOf(categoryPopularity(AGELESS), [['d']], 'discovery')).toBe('bace')
    expect(await listOf(categoryPopularity(AGELESS), [['d']], 'next-order')).toBe('bdace')
  })

  test('weighs a category by the pieces bought in it', async () => {
    // tea, once: a 3, c 2; mugs, three times: b 6, d 6
    expect(await listOf(categoryPopularity(AGELESS), [['c'], ['d', 3]], 'next-order')).toBe('bdace')
    // and twice: a 6, c 4; b 2, d 2
    expect(await listOf(categoryPopularity(AGELESS), [['c', 2], ['d']], 'next-order')).toBe('acbde')
  })

  test('may count what was bought lately for more', async () => {
    // tea: a 0.4375, c 0.625
    expect(await listOf(categoryPopularity({ halfLifeDays: 10 }), [['a']], 'next-order')).toBe('cabde')
  })

  test('is popularity for who bought nothing of a known category', async () => {
    expect(await listOf(categoryPopularity(AGELESS), [['e']], 'discovery')).toBe('abcd')
    expect(await listOf(categoryPopularity(AGELESS), [], 'discovery')).toBe('abcde')
  })

  test('does not run where no product has a category', async () => {
    const fit = categoryPopularity(AGELESS).fit(smallShop([{ customer: 'u', product: 'a' }]), 1)
    await expect(fit).rejects.toThrow(UnsuitableDataError)
    await expect(fit).rejects.toThrow('no product has a category')
  })
})

describe('Popularity from the customer’s sellers', () => {
  test('lists what is popular from them, a product of two sellers for the part that is theirs', async () => {
    // S sells a, and half of c; T sells b and d, and half of c.
    expect(await listOf(sellerPopularity(AGELESS), [['a']], 'next-order')).toBe('acbde')
    expect(await listOf(sellerPopularity(AGELESS), [['d']], 'discovery')).toBe('bcae')
  })

  test('takes a purchase of a product of two sellers for one from each, in proportion', async () => {
    // S and T, half each: a 3/2, b 2/2, c 2/4 + 2/4, d 2/2
    expect(await listOf(sellerPopularity(AGELESS), [['c']], 'discovery')).toBe('abde')
    // T three pieces more: b 2·3½, c 1·½ + 1·3½, d 2·3½, a 3·½
    expect(await listOf(sellerPopularity(AGELESS), [['c'], ['d', 3]], 'next-order')).toBe('bdcae')
  })

  test('is popularity for who bought nothing of a known seller', async () => {
    expect(await listOf(sellerPopularity(AGELESS), [['e']], 'discovery')).toBe('abcd')
  })

  test('does not run where the shop names no seller', async () => {
    const fit = sellerPopularity(AGELESS).fit(smallShop([{ customer: 'u', product: 'a' }]), 1)
    await expect(fit).rejects.toThrow(UnsuitableDataError)
    await expect(fit).rejects.toThrow('names no seller: add a column named seller_id')
  })
})

describe('Buy again', () => {
  const history = [
    ['a', 1, 20],
    ['b', 4, 5],
    ['c', 1, 24],
  ] as const

  test('weighs how many were bought against how long ago, then lists what is popular', async () => {
    // Half-life 10: a 2^(20/10), b 4 · 2^(5/10), c 2^(24/10)
    expect(await listOf(buyAgain({ halfLifeDays: 10 }), history, 'next-order')).toBe('bcade')
  })

  test('goes by recency with a short half-life, by the count with a long one', async () => {
    expect(await listOf(buyAgain({ halfLifeDays: 1 }), history, 'next-order')).toBe('cabde')
    expect(await listOf(buyAgain({ halfLifeDays: 1e9 }), history, 'next-order')).toBe('bcade')
    expect(await listOf(buyAgain(AGELESS), history, 'next-order')).toBe('bacde')
  })

  test('takes a purchase of unknown time for one of the oldest', async () => {
    expect(await listOf(buyAgain({ halfLifeDays: 1 }), [['a'], ['c', 1, 9], ['b', 2, 7]], 'next-order')).toBe(
      'cbade',
    )
    expect(await listOf(buyAgain({ halfLifeDays: 1 }), [['a'], ['b', 2]], 'next-order')).toBe('bacde')
  })

  test('has nothing to say under discovery', async () => {
    expect(await listOf(buyAgain({ halfLifeDays: 10 }), history, 'discovery')).toBe('')
    const fitted = await buyAgain({ halfLifeDays: 10 }).fit(cornerShop(), 1)
    expect(await fitted.recommend([caseOf([]), caseOf([['a']])], 'discovery', 3)).toHaveLength(2)
  })
})

test.each([0, -1, NaN])('A half-life of %d days is refused', (halfLifeDays) => {
  for (const build of [recentPopularity, categoryPopularity, sellerPopularity, buyAgain]) {
    expect(() => build({ halfLifeDays })).toThrow(
      `halfLifeDays must be a number above 0, not ${halfLifeDays}`,
    )
  }
})
