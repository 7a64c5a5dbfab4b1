/**
 * Causes: what a source adds to a product's score, divided among the purchases and facts that made it say so. The
 * causes of a product sum to its hybrid score; reasons.ts puts them into the terms of people.
 */
import type { HistoryEntry } from './recommendation.ts'
import type { Sales } from './reason.ts'

interface Amount {
  /** What it adds to the hybrid score. */
  readonly amount: number
}

/** A purchase, by the taste it speaks of or by what the product has in common with it. */
export interface PurchaseCause extends Amount {
  readonly source: 'collaborative' | 'content' | 'nearest'
  readonly purchase: HistoryEntry
}

/** A purchase whose customers bought the product too. */
export interface CoPurchaseCause extends Amount {
  readonly source: 'coPurchase'
  readonly purchase: HistoryEntry
  /** Who bought both. */
  readonly customers: number
}

/** A product that was bought in one order with this one. */
export interface SameOrderCause extends Amount {
  readonly source: 'sameOrder'
  readonly purchase: HistoryEntry
  /** Orders that hold both. */
  readonly orders: number
}

/** Sales: to anybody, or off a shelf that was bought from. */
export interface SalesCause extends Amount {
  readonly source: 'category' | 'seller' | 'popularity'
  readonly sales: Sales
}

/** That the product itself was bought before. */
export interface RepeatCause extends Amount {
  readonly source: 'repeat'
}

export type Cause = PurchaseCause | CoPurchaseCause | SameOrderCause | SalesCause | RepeatCause

/**
 * Terms made to sum to `total`: the difference is laid on them in proportion to their sizes. Where they are exact but
 * for the rounding of single precision that is next to nothing; where they are only proportions it is all there is.
 */
export function apportion(total: number, terms: readonly number[]): number[] {
  let sum = 0
  let size = 0
  for (const term of terms) {
    sum += term
    size += Math.abs(term)
  }
  return terms.map((term) => term + (total - sum) * (size > 0 ? Math.abs(term) / size : 1 / terms.length))
}

/** What a source adds, divided among the purchases of a history. @param terms  parallel to it */
export function purchaseCauses(
  source: PurchaseCause['source'],
  contribution: number,
  history: readonly HistoryEntry[],
  terms: readonly number[],
): PurchaseCause[] {
  return apportion(contribution, terms).map((amount, i) => ({ source, purchase: history[i], amount }))
}
