import type { System } from '../system.ts'
import type { PastPurchase } from '../trial.ts'
import { checkPositive } from './parameter.ts'
import { popularityOrder, purchasesOf } from './purchases.ts'
import { scoredLists } from './scored-lists.ts'
import { DAY } from '../../data/ranges.ts'

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

/**
 * The customer's own products, those of the most orders first and of as many the latest (`frequency`), or the latest
 * first and of the same time those of the most orders (`recency`); after them what is popular: the simple baselines
 * that next-basket recommenders have to beat (Li et al. 2023, doi:10.1145/3587153). An unknown time comes before all
 * known ones.
 *
 * Under `discovery` its lists are empty, as those of `buyAgain`.
 */
export function buyAgainBy(order: 'frequency' | 'recency'): System {
  return {
    name: `buy again by ${order}`,
    isRandom: false,
    async fit(train) {
      const popular = popularityOrder(purchasesOf(train))
      const lists = scoredLists(train.products.size, popular, ({ history }, scores) => {
        const times = [...new Set(history.map(timeOf))].sort((a, b) => a - b)
        const recency = new Map(times.map((time, place) => [time, place]))
        const most = Math.max(...history.map(({ orders }) => orders))
        history.forEach((purchase) => {
          const { orders } = purchase
          const place = recency.get(timeOf(purchase))!
          // The second criterion adds less than one step of the first.
          const score = order === 'frequency' ? orders + place / times.length : place + orders / (most + 1)
          scores.add(purchase.product, score)
        })
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

function timeOf({ purchasedAt }: PastPurchase): number {
  return Number.isNaN(purchasedAt) ? -Infinity : purchasedAt
}
