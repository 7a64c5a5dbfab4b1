import type { Dataset } from '../data/dataset.ts'
import type { Interest } from '../engine/interest.ts'

/**
 * What a list is for. `discovery`: products already bought cannot be recommended and do not count as found;
 * `next-order`: they can, and do, whenever they are bought; `next-basket`: likewise, of the next order alone and as a
 * whole, in which what training does not know counts as missed.
 */
export type Task = (typeof TASKS)[number]
export const TASKS = ['discovery', 'next-order', 'next-basket'] as const

/** One thing a customer had bought by then. */
export interface PastPurchase {
  /** Index into `Trial.train.products`. */
  readonly product: number
  /** How many in all. */
  readonly quantity: number
  /** In how many orders, at least 1. */
  readonly orders: number
  /** The earliest and the latest time, in ms since 1970 UTC; NaN unknown. */
  readonly firstPurchasedAt: number
  readonly purchasedAt: number
}

/** One customer at one moment: what was known of them, and what they went on to buy. */
export interface TestCase {
  /** Index into `Trial.train.customers`; −1 where training does not know them (a held-out user, a basket). */
  readonly customer: number
  /** What a system may know of them, each product once; the same as training has where it has any. */
  readonly history: readonly PastPurchase[]
  /** What they looked at or put into the cart lately, by places in `Trial.train.products`. Absent: nothing is known. */
  readonly interest?: readonly Interest[]
  /** When the lists are asked for, in ms since 1970 UTC; NaN unknown. */
  readonly at: number
  /** The products to find: indices into `Trial.train.products`, distinct, ascending, never none. */
  readonly relevant: Uint32Array
  /** How many more products there were, which no list can hold since training does not know them; default 0. */
  readonly missing?: number
}

/** |T|: how many products there were to find. */
export function wantedOf({ relevant, missing = 0 }: TestCase): number {
  return relevant.length + missing
}

/** One split of the data: training data, and test cases. */
export interface Trial {
  /** Its name in the report, such as a cut. */
  readonly name: string
  /** Holds nothing that comes after the split, ids included. */
  readonly train: Dataset
  readonly cases: readonly TestCase[]
  /** Customers and purchases that were left out of the test, and why, in words; none where all are in. */
  readonly leftOut: Readonly<Record<string, number>>
}

/** What a trial leaves out of its test, in words: the keys of `Trial.leftOut`. */
export const LEFT_OUT = {
  unknownTime: 'interactions of unknown time',
  noKnownTime: 'customers with several orders, none of known time',
  noHistory: 'customers with no purchase in training',
  oneProduct: 'customers of fewer than two products known to training',
  emptyBasket: 'baskets of which nothing else is known to training',
  nothingToFind: 'customers with nothing left to find',
  unknownProducts: 'held-out purchases of products that training does not know',
  boughtBefore: 'held-out purchases of products bought before',
  nothingNext: 'sessions of several events with none that could be asked for',
} as const

type Reason = (typeof LEFT_OUT)[keyof typeof LEFT_OUT]

/** Counts what is left out. Reasons that never came up are not listed. */
export class LeftOut {
  readonly #counts = new Map<Reason, number>()

  add(reason: Reason, count = 1): void {
    if (count > 0) this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + count)
  }

  /** By reason, in the order of `LEFT_OUT`. */
  record(): Record<string, number> {
    const reasons = Object.values(LEFT_OUT).filter((reason) => this.#counts.has(reason))
    return Object.fromEntries(reasons.map((reason) => [reason, this.#counts.get(reason) ?? 0]))
  }
}

/** A split that the data does not allow, or that leaves nobody to test. The message says what to do. */
export class TrialError extends Error {
  override readonly name = 'TrialError'
}
