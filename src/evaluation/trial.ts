import type { Dataset } from '../data/dataset.ts'

/**
 * What a list is for. `discovery`: products already bought cannot be recommended and do not count as found;
 * `next-order`: they can, and do.
 */
export type Task = 'discovery' | 'next-order'

/** One thing a customer had bought by then. */
export interface PastPurchase {
  /** Index into `Trial.train.products`. */
  readonly product: number
  /** r, how many in all. */
  readonly quantity: number
  /** The latest time, in ms since 1970 UTC; NaN unknown. */
  readonly purchasedAt: number
}

/** One customer at one moment: what was known of them, and what they went on to buy. */
export interface TestCase {
  /** Index into `Trial.train.customers`; −1 where training does not know them (a held-out user, a basket). */
  readonly customer: number
  /** What a system may know of them, each product once; the same as training has where it has any. */
  readonly history: readonly PastPurchase[]
  /** When the lists are asked for, in ms since 1970 UTC; NaN unknown. */
  readonly at: number
  /** The products to find: indices into `Trial.train.products`, distinct, ascending, never none. */
  readonly relevant: Uint32Array
}

/** One split of the data: what may be learnt from, and who is asked about. */
export interface Trial {
  /** As the report names it: a cut, say. */
  readonly name: string
  /** Holds nothing that comes after the split, ids included. */
  readonly train: Dataset
  readonly cases: readonly TestCase[]
  /** Customers and purchases that were left out of the test, and why, in words; none where all are in. */
  readonly leftOut: Readonly<Record<string, number>>
}
