import { describe, expect, test } from 'vitest'
import { idTableOf } from '../../src/data/ids.ts'
import { productSellers } from '../../src/model/fit.ts'
import { smallShop } from './small-shop.ts'

describe('the seller of a product', () => {
  const shop = smallShop(
    ['tea', 'tea', 'tea', 'pot', 'pot', 'cup'].map((product, i) => ({ customer: `customer ${i}`, product })),
    { products: ['tea', 'pot', 'cup', 'never sold'] },
  )
  const soldBy = (seller: number[]) =>
    productSellers({
      ...shop,
      sellers: idTableOf(['Ann', 'Ben', 'Cem']),
      interactions: { ...shop.interactions, seller: Int32Array.from(seller) },
    })

  test('is whom it was bought from most often, of several the one named first, −1 where none is known', () => {
    expect(soldBy([0, 2, 2, 2, 1, -1])).toEqual({
      name: 'seller',
      labels: ['Ann', 'Ben', 'Cem'],
      codes: Int32Array.of(2, 1, -1, -1),
    })
  })

  test('is not known where the shop names no sellers', () => {
    expect(productSellers(shop)).toEqual({ name: 'seller', labels: [], codes: new Int32Array(4).fill(-1) })
  })
})
