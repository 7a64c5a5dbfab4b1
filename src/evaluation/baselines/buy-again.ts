import type { System } from '../system.ts'
import { checkPositive } from './parameter.ts'
import { popularityOrder, purchasesOf } from './purchases.ts'
import { scoredLists } from './scored-lists.ts'

const DAY = 86_400_000

/**
 * The customer's own products by how many they bought and how long ago: r · 2^(−age / half-life), which a short
 * half-life makes the order of recency and a long one that of the count. A purchase of unknown time is as old as the
 * oldest known of the history. After them what is popular.
 *
 * Under `discovery`, where none of them may be listed, its lists are empty: it has nothing to say there.
 * @param halfLifeDays  > 0
 * @throws {RangeError} for any other
 */
export function buyAgain({ halfLifeDays }: { readonly halfLifeDays: number }): System {
  checkPositive('halfLifeDays', halfLifeDays)
  return {
    name: 'buy again',
    isRandom: false,
    async fit(train) {
      const order = popularityOrder(purchasesOf(train))
      const lists = scoredLists(train.products.size, order, ({ history }, scores) => {
        const known = history.map(({ purchasedAt }) => purchasedAt).filter((time) => !Number.isNaN(time))
        const oldest = known.length > 0 ? Math.min(...known) : 0
        for (const { product, quantity, purchasedAt } of history) {
          const time = Number.isNaN(purchasedAt) ? oldest : purchasedAt
          // The logarithm of the above, up to a constant: that itself would be 0 of old purchases.
          scores.add(product, Math.log2(quantity) + time / (halfLifeDays * DAY))
        }
      })
      return {
        ...lists,
        recommend: async (cases, task, first, work) =>
          task === 'discovery'
            ? cases.map(() => new Uint32Array(0))
            : lists.recommend(cases, task, first, work),
      }
    },
  }
}
