import { uniformInt } from 'pure-rand/distribution/uniformInt'
import type { Dataset } from '../../data/dataset.ts'
import { keepInteractions } from '../../data/subset.ts'
import type { TestCase, Trial } from '../trial.ts'
import { withoutGivenSegments } from './hindsight.ts'
import { LEFT_OUT, LeftOut, TrialError } from '../trial.ts'
import { purchasesOf, translation, UNKNOWN } from './held-out.ts'
import { randomOf, shuffled } from './seeded-order.ts'

interface BasketOptions {
  /** The seed that chooses folds and hidden products; a whole number, 0 … 2³² − 1. */
  readonly seed: number
  /**
   * How many trials the baskets are dealt to; a whole number of at least 1, default 5. A basket with something hidden
   * teaches nothing of what goes with it: were something hidden in all of them at once (1), then no two products that
   * were bought together in a pair would be left to learn from.
   */
  readonly folds?: number
}

/** An order, and the product to be found in it. */
interface Basket {
  readonly order: number
  /** Its interactions. */
  readonly items: readonly number[]
  readonly hidden: number
}

/**
 * Hides one product of each order that holds two or more, to be found by the others ("all but one": Breese,
 * Heckerman & Kadie 1998, arXiv:1301.7363). The basket is anonymous: customer −1, its other products the history.
 * These stay in training; the hidden product does not, and neither does any other purchase of it by that customer,
 * since someone who buys the same pair again would give it away. The task makes no difference to what is hidden.
 * @throws {RangeError} when `folds` is not a whole number of at least 1
 * @throws {TrialError} when there are fewer orders of two products than folds, or nothing in them can be found
 */
export function basketTrials(dataset: Dataset, { seed, folds = 5 }: BasketOptions): Trial[] {
  if (!Number.isInteger(folds) || folds < 1) {
    throw new RangeError(`folds must be a whole number of at least 1, not ${folds}`)
  }
  const random = randomOf(seed)
  const { order, product } = dataset.interactions
  const baskets: Basket[] = []
  for (const [number, items] of Map.groupBy(order.keys(), (item) => order[item])) {
    const products = [...new Set(items.map((item) => product[item]))]
    if (products.length < 2) continue
    baskets.push({ order: number, items, hidden: products[uniformInt(random, 0, products.length - 1)] })
  }
  if (baskets.length < folds) {
    throw new TrialError(
      `${baskets.length} orders hold two products or more, too few for ${folds} folds: choose another protocol`,
    )
  }
  const dealt = shuffled(baskets, random)
  const known = withoutGivenSegments(dataset)
  const trials = Array.from({ length: folds }, (_, fold) => {
    const name = folds === 1 ? 'baskets' : `baskets, fold ${fold + 1} of ${folds}`
    return trialOfBaskets(
      name,
      known,
      dealt.filter((_, i) => i % folds === fold),
    )
  })
  if (trials.some(({ cases }) => cases.length > 0)) return trials
  throw new TrialError(
    'no product that is hidden in a basket is sold to anyone else: there is nothing to find',
  )
}

function trialOfBaskets(name: string, dataset: Dataset, baskets: readonly Basket[]): Trial {
  const { interactions, orders, products } = dataset
  const pair = (customer: number, product: number) => customer * products.size + product
  const hiddenPairs = new Set(baskets.map(({ order, hidden }) => pair(orders.customer[order], hidden)))
  const train = keepInteractions(
    dataset,
    (item) => !hiddenPairs.has(pair(interactions.customer[item], interactions.product[item])),
  )
  const productOf = translation(products, train.products)
  const leftOut = new LeftOut()
  const cases: TestCase[] = []
  for (const { order, items, hidden } of baskets.toSorted((a, b) => a.order - b.order)) {
    const others = items.filter((item) => interactions.product[item] !== hidden)
    const history = purchasesOf(dataset, others, productOf)
    const relevant = productOf[hidden]
    if (relevant === UNKNOWN) leftOut.add(LEFT_OUT.unknownProducts)
    else if (history.length === 0) leftOut.add(LEFT_OUT.emptyBasket)
    else
      cases.push({ customer: -1, history, at: orders.timestamp[order], relevant: Uint32Array.of(relevant) })
  }
  return { name, train, cases, leftOut: leftOut.record() }
}
