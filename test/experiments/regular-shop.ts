import type { Dataset } from '../../src/data/dataset.ts'
import type { DesignRequest } from '../../src/experiments/request.ts'
import { type Sale, smallShop } from '../model/small-shop.ts'

/** 5 January 1970, a Monday, in days since 1970. */
export const MONDAY = 4

export const DAY = 86_400_000

/**
 * Thirty weeks of ten new customers each, who buy one item at 10. Two of the ten come back a week later for three items
 * at 20. The first and the last of the 31 weeks do not count as whole, so 29 are.
 */
export function regularShop(changes: (sale: Sale) => Sale = (sale) => sale): Dataset {
  const sales: Sale[] = []
  for (let week = 0; week < 30; week++) {
    for (let i = 0; i < 10; i++) {
      const customer = `customer ${week}-${i}`
      const day = MONDAY + 7 * week + (i % 7)
      sales.push({ customer, product: `product ${i % 3}`, price: 10, day })
      if (i < 2) sales.push({ customer, product: 'product 3', price: 20, quantity: 3, day: day + 7 })
    }
  }
  return smallShop(sales.map(changes))
}

/** A request with the usual settings. */
export const USUAL_REQUEST: DesignRequest = {
  primary: 'repeat-purchase-rate',
  minimumEffect: 0.05,
  power: 0.8,
  alpha: 0.05,
  split: [0.5, 0.5],
  window: 4,
  salt: 'spring',
  control: 'popular-products',
  treatments: ['default'],
  notes: [],
}

/** For a shop without prices. */
export function withoutPrice(sale: Sale): Sale {
  const { price: _, ...rest } = sale
  return rest
}
