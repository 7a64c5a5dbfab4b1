import type { Dataset } from '../../../src/data/dataset.ts'
import type { FittedSystem, System } from '../../../src/evaluation/system.ts'
import type { Task, TestCase } from '../../../src/evaluation/trial.ts'
import { smallShop } from '../../model/small-shop.ts'

const DAY = 86_400_000

/**
 * Five customers and five products, from which every list in these tests can be worked out on paper:
 *
 * |     | a (tea) | b (mugs) | c (tea) | d (mugs) | e    | day |
 * |-----|---------|----------|---------|----------|------|-----|
 * | ana | 1 of S  | 1 of T   |         |          |      | 0   |
 * | bea | 1 of S  | 1 of T   | 1 of T  |          |      | 10  |
 * | cem | 1 of S  |          |         |          |      | 20  |
 * | dan |         |          | 1 of S  | 1 of T   |      | 30  |
 * | eva |         |          |         | 3 of T   |      | 40  |
 *
 * Buyers: a 3, b 2, c 2, d 2; nobody ever bought e, which has no category.
 */
export function cornerShop(): Dataset {
  return smallShop(
    [
      { customer: 'ana', product: 'a', day: 0, seller: 'S' },
      { customer: 'ana', product: 'b', day: 0, seller: 'T' },
      { customer: 'bea', product: 'a', day: 10, seller: 'S' },
      { customer: 'bea', product: 'b', day: 10, seller: 'T' },
      { customer: 'bea', product: 'c', day: 10, seller: 'T' },
      { customer: 'cem', product: 'a', day: 20, seller: 'S' },
      { customer: 'dan', product: 'c', day: 30, seller: 'S' },
      { customer: 'dan', product: 'd', day: 30, seller: 'T' },
      { customer: 'eva', product: 'd', day: 40, seller: 'T', quantity: 3 },
    ],
    {
      products: ['a', 'b', 'c', 'd', 'e'],
      categories: { a: 'tea', b: 'mugs', c: 'tea', d: 'mugs' },
    },
  )
}

/** One thing bought: the product, how many (default 1), and on which day (default unknown). */
export type Bought = readonly [product: string, quantity?: number, day?: number]

/** A case that training does not know, of the products a, b, c … as 0, 1, 2 … */
export function caseOf(history: readonly Bought[], customer = -1): TestCase {
  return {
    customer,
    history: history.map(([product, quantity = 1, day = NaN]) => ({
      product: indexOf(product),
      quantity,
      orders: 1,
      firstPurchasedAt: day * DAY,
      purchasedAt: day * DAY,
    })),
    at: NaN,
    relevant: Uint32Array.of(0),
  }
}

/** The list of one case, as a word: 'dca' is d, then c, then a. */
export async function listOf(
  system: System | FittedSystem,
  history: readonly Bought[],
  task: Task,
  first = 5,
): Promise<string> {
  const fitted = 'fit' in system ? await system.fit(cornerShop(), 1) : system
  const [list] = await fitted.recommend([caseOf(history)], task, first)
  return Array.from(list, nameOf).join('')
}

function indexOf(product: string): number {
  return product.charCodeAt(0) - 'a'.charCodeAt(0)
}

function nameOf(product: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + product)
}
