import type { System } from '../system.ts'
import { UnsuitableDataError } from '../system.ts'
import { checkPositive } from './parameter.ts'
import { decayedBuyersOf, descending, hasTimes, popularityOrder, purchasesOf } from './purchases.ts'
import { scoredLists } from './scored-lists.ts'

/** The products that the most customers bought, ties to the lower index; the same for all but for what is excluded. */
export function popularity(): System {
  return {
    name: 'popularity',
    isRandom: false,
    async fit(train) {
      return scoredLists(train.products.size, popularityOrder(purchasesOf(train)), () => {})
    },
  }
}

/**
 * Popularity in which a purchase counts half after each half-life, as seen from the latest purchase of the training
 * data: `decayedBuyersOf`.
 * @param halfLifeDays  > 0
 * @throws {RangeError} for any other
 * @throws {UnsuitableDataError} by `fit`, where no purchase has a time
 */
export function recentPopularity({ halfLifeDays }: { readonly halfLifeDays: number }): System {
  checkPositive('halfLifeDays', halfLifeDays)
  return {
    name: 'recent popularity',
    isRandom: false,
    async fit(train) {
      if (!hasTimes(train)) {
        throw new UnsuitableDataError(
          'no purchase has a time, so none is more recent than another: add a timestamp column',
        )
      }
      const buyers = decayedBuyersOf(train, purchasesOf(train), halfLifeDays)
      return scoredLists(train.products.size, descending(buyers), () => {})
    },
  }
}
