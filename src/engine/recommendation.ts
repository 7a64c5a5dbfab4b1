import type { LearnedSource } from '../model/blend-weights.ts'
import type { Arrangement, Placement } from './arrangement.ts'
import type { CustomerKey } from './customer-key.ts'
import type { HistoryEntry } from './history-entry.ts'
import type { Interest } from './interest.ts'
import type { ProductFilter } from './product-filter.ts'
import type { Reason } from './reason.ts'

/** What the engine answers with. Customers and products are dense indices into the model's id tables. */

/**
 * The lists that a shop shows:
 *
 *   FOR_YOU        by everything that is known of the customer; the default
 *   RELATED        like the products of the history in content
 *   COMPLEMENTARY  bought in one order with them
 *   ALSO_BOUGHT    bought by the customers who bought them
 *   BUY_AGAIN      the history's own products, as they may be due
 *   TRENDING       what sells lately
 *   POPULAR        what has sold
 *
 * Each is one ranking by one score, so that filters, arrangements, reasons and what-ifs hold for all.
 */
export type ListKind =
  | 'FOR_YOU'
  | 'RELATED'
  | 'COMPLEMENTARY'
  | 'ALSO_BOUGHT'
  | 'BUY_AGAIN'
  | 'TRENDING'
  | 'POPULAR'

/**
 * How a list was made: HYBRID where the sources were blended, else the one source that was asked, or could be
 * computed. The blend `learned` has several for anybody with a history of which anything is known.
 */
export type Strategy =
  | 'HYBRID'
  | 'COLLABORATIVE'
  | 'CONTENT'
  | 'POPULARITY'
  | 'SAME_ORDER'
  | 'CO_PURCHASE'
  | 'REPEAT'
  | 'TRENDING'

/** A source of evidence a score is blended from, or a list is ranked by. */
export type SourceName = LearnedSource | 'sameOrder'

/** Which list, for whom, and how much of it. */
export interface RecommendationRequest {
  /** Default: FOR_YOU. */
  readonly list?: ListKind
  /** An index of the model, or the shop's own id of a customer who is only in the store; their history is used. */
  readonly customer?: CustomerKey
  /** A visitor instead of a customer: the list uses the visitor's events in the store. */
  readonly visitor?: string
  /**
   * An anonymous basket, a what-if, or the products that a list is related to, in place of a customer. Repeated
   * products are summed. TRENDING and POPULAR need neither.
   */
  readonly history?: readonly HistoryEntry[]
  /** What is in the basket now, beside the history that is stored: the latest of all. Repeated products are summed. */
  readonly basket?: readonly HistoryEntry[]
  /**
   * What the customer looked at or put into the cart, in place of what the store knows of it: by FOR_YOU alone. Default:
   * that of the customer; without one none.
   */
  readonly interest?: readonly Interest[]
  /**
   * The product whose page is open: it counts as viewed at this moment, by FOR_YOU alone, unless it is hidden from the
   * customer. No list holds it. Default: none.
   */
  readonly viewing?: number
  /** Products of which the history is taken not to hold any: a what-if. Default: none. */
  readonly without?: readonly number[]
  /**
   * Whether what the history holds without a date is being looked at, as on a product's page, and was not chosen:
   * explanations speak of it so, and nothing else depends on it. Default: false.
   */
  readonly lookedAt?: boolean
  /**
   * The moment the list is for, in ms since 1970 UTC: recent sales and the age of purchases are counted
   * from it. Default: the latest purchase that the model knows; for a customer who has bought since, now, by the hour.
   */
  readonly at?: number
  /** How many, at least 0. */
  readonly first: number
  /** How many of the best to leave out before the first (paging). Default 0. */
  readonly offset?: number
  /** Default false: what the history holds is not recommended again. Of FOR_YOU alone. */
  readonly includePurchased?: boolean
  /** Which products may be recommended; default: all that are shown. */
  readonly filter?: ProductFilter
  /** Default: by score alone. */
  readonly arrangement?: Arrangement
}

/** What one source says of a product. */
export interface SourceScore {
  readonly source: SourceName
  /**
   * The source's own score; null, never 0, where it cannot be computed (cold product, empty history), or where the
   * notebook's blend did not ask for it.
   */
  readonly value: number | null
  /** The blend weight given to it for this product; 0 when `value` is null. */
  readonly weight: number
  /** What it adds to the hybrid score: weight × calibrated value; null when `value` is null. */
  readonly contribution: number | null
}

/** How a list's arrangement treated a product. */
export interface Arranged {
  readonly placement: Placement
  /** The product of the boosts that apply; 1 where none does. */
  readonly boost: number
  /** The hybrid score times the boost; below 0, divided by it. */
  readonly final: number
  /** The greatest cosine to a product above it, −1 to 1; null where no diversity was asked for, and for the first. */
  readonly similarityAbove: number | null
}

/** A product recommended, with all that led to it. */
export interface Recommendation {
  /** 1 for the best of all, whatever page it stands on. */
  readonly rank: number
  readonly product: number
  /** The sum of the sources' contributions: the score it is ranked by, unless the list is arranged. */
  readonly hybrid: number
  readonly sources: readonly SourceScore[]
  /** What the list's arrangement made of it. */
  readonly arranged: Arranged
  /** Their amounts sum to the hybrid score; the greatest |amount| first. Worked out when they are first asked for, and kept. */
  reasons(): readonly Reason[]
}

/** A page of a list. */
export interface RecommendationList {
  readonly strategy: Strategy
  readonly items: readonly Recommendation[]
  /** Whether more would follow after these. */
  readonly hasMore: boolean
}

/** What products are compared by: content features, the customers who bought them, or their factors. */
export type Likeness = 'CONTENT' | 'CO_PURCHASE' | 'FACTORS'

/** Whose neighbours, and how many of them. */
export interface SimilarRequest {
  readonly product: number
  /** Default: CONTENT. */
  readonly by?: Likeness
  readonly first: number
  readonly offset?: number
  readonly filter?: ProductFilter
}

/** A neighbour of a product. */
export interface SimilarProduct {
  readonly rank: number
  readonly product: number
  /** Cosine of what they are compared by, −1 to 1. */
  readonly similarity: number
}

/** A page of neighbours. */
export interface SimilarList {
  readonly items: readonly SimilarProduct[]
  readonly hasMore: boolean
}
