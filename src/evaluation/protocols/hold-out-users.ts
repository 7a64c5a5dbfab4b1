import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'
import type { Dataset } from '../../data/dataset.ts'
import { interactionsWhere, keepInteractions } from '../../data/subset.ts'
import type { PastPurchase, TestCase, Trial } from '../trial.ts'
import { withoutGivenSegments } from './hindsight.ts'
import { latest } from './interaction-times.ts'
import { LEFT_OUT, LeftOut, TrialError } from '../trial.ts'
import { purchasesOf, translation } from './held-out.ts'
import { randomOf, shuffled } from './seeded-order.ts'

interface HoldOutUsersOptions {
  /** The seed that chooses users and hidden purchases; a whole number, 0 … 2³² − 1. */
  readonly seed: number
  /** The share of the customers who bought that one trial holds out; above 0 and below 1, default 0.1. */
  readonly share?: number
  /** How many trials, each with users of its own; at least 1, default 1. With 1 / share, every user's turn comes. */
  readonly folds?: number
  /** The share of each one's purchases that a system may know; above 0 and below 1, default 0.8. */
  readonly foldIn?: number
}

/**
 * Holds a share of the users out of training altogether, and asks by a part of what each bought for the rest: strong
 * generalisation (Marlin 2004; Liang et al. 2018, arXiv:1802.05814; Rendle et al. 2021, arXiv:2110.14037). What part
 * is left to chance, not to time. As in Liang et al., products that training does not know are left out before that,
 * and of n products ⌊n (1 − foldIn)⌋ are to be found; but at least one, where they hide nothing of fewer than five.
 * The task makes no difference: nothing to be found is in the history.
 * @throws {RangeError} when a share is not above 0 and below 1, or there are not so many folds of it
 * @throws {TrialError} when nobody is left to train on or to test
 */
export function holdOutUsersTrials(
  dataset: Dataset,
  { seed, share = 0.1, folds = 1, foldIn = 0.8 }: HoldOutUsersOptions,
): Trial[] {
  for (const [name, value] of Object.entries({ share, foldIn })) {
    if (!(value > 0 && value < 1)) throw new RangeError(`${name} must be above 0 and below 1, not ${value}`)
  }
  if (!Number.isInteger(folds) || folds < 1 || folds * share > 1 + ROUNDING) {
    throw new RangeError(
      `folds must be a whole number from 1 to ${Math.floor(1 / share + ROUNDING)}, not ${folds}`,
    )
  }
  const random = randomOf(seed)
  const buyers = [...new Set(dataset.interactions.customer)].sort((a, b) => a - b)
  const dealt = shuffled(buyers, random)
  const known = withoutGivenSegments(dataset)
  const trials = Array.from({ length: folds }, (_, fold) => {
    const [from, to] = [fold, fold + 1].map((end) => Math.round(end * share * buyers.length))
    if (from === to || to - from === buyers.length) {
      throw new TrialError(
        `of ${buyers.length} customers, ${to - from} would be held out: choose another share, or another protocol`,
      )
    }
    const name = folds === 1 ? 'held-out users' : `held-out users, fold ${fold + 1} of ${folds}`
    return trialOfUsers(name, known, new Set(dealt.slice(from, to)), foldIn, random)
  })
  if (trials.some(({ cases }) => cases.length > 0)) return trials
  throw new TrialError(
    'nobody held out bought two products that others bought, too: hold out a larger share, or choose another protocol',
  )
}

/** What rounding adds to a product that should be whole: 0.55 · 100 is 55.00000000000001. */
const ROUNDING = 1e-9

function trialOfUsers(
  name: string,
  dataset: Dataset,
  users: ReadonlySet<number>,
  foldIn: number,
  random: RandomGenerator,
): Trial {
  const { customer, product } = dataset.interactions
  const train = keepInteractions(dataset, (item) => !users.has(customer[item]))
  const productOf = translation(dataset.products, train.products)
  const theirs = interactionsWhere(dataset, (item) => users.has(customer[item]))
  const leftOut = new LeftOut()
  const cases: TestCase[] = []
  for (const items of Map.groupBy(theirs, (item) => customer[item]).values()) {
    const bought = purchasesOf(dataset, items, productOf)
    leftOut.add(LEFT_OUT.unknownProducts, new Set(items.map((item) => product[item])).size - bought.length)
    if (bought.length < 2) leftOut.add(LEFT_OUT.oneProduct)
    else cases.push(divide(bought, foldIn, random))
  }
  return { name, train, cases, leftOut: leftOut.record() }
}

/** A case with purchases divided at random into known and hidden ones. */
function divide(bought: readonly PastPurchase[], foldIn: number, random: RandomGenerator): TestCase {
  const given = Math.min(bought.length - 1, Math.ceil(foldIn * bought.length - ROUNDING))
  const order = shuffled(bought, random)
  return {
    customer: -1,
    history: order.slice(0, given).sort((a, b) => a.product - b.product),
    at: latest(bought.map(({ purchasedAt }) => purchasedAt)),
    relevant: Uint32Array.from(order.slice(given), ({ product }) => product).sort(),
  }
}
