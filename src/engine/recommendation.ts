import type { LearnedSource } from '../model/blend-weights.ts'
import type { Reason } from './reason.ts'

/** What the engine answers with. Customers and products are dense indices into the model's id tables. */

/**
 * How a list was made: HYBRID where the sources were blended, else the one source that could be computed. The blend
 * `learned` has several for anybody with a history of which anything is known.
 */
export type Strategy = 'HYBRID' | 'COLLABORATIVE' | 'CONTENT' | 'POPULARITY'

/** A source of evidence a score is blended from. */
export type Source = LearnedSource

export interface HistoryEntry {
  readonly product: number
  /** How often it was bought, r > 0. */
  readonly quantity: number
  /** Milliseconds since 1970, UTC, of the latest purchase; null when unknown. */
  readonly purchasedAt: number | null
}

export interface RecommendationRequest {
  /** A known customer; their stored history is used. */
  readonly customer?: number
  /** An anonymous basket or a what-if, in place of a customer. Repeated products are summed. */
  readonly history?: readonly HistoryEntry[]
  /**
   * The moment the list is for, in ms since 1970 UTC: what sells lately and how long ago things were bought is told
   * from it. Default: the latest purchase that the model knows.
   */
  readonly at?: number
  /** How many, at least 0. */
  readonly first: number
  /** How many of the best to leave out before the first (paging). Default 0. */
  readonly offset?: number
  /** Default false: what the history holds is not recommended again. */
  readonly includePurchased?: boolean
}

export interface SourceScore {
  readonly source: Source
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

export interface Recommendation {
  /** 1 for the best of all, whatever page it stands on. */
  readonly rank: number
  readonly product: number
  /** The score it is ranked by; the sum of the sources' contributions. */
  readonly hybrid: number
  readonly sources: readonly SourceScore[]
  /** Their amounts sum to the hybrid score; the greatest |amount| first. Worked out when they are first read. */
  readonly reasons: readonly Reason[]
}

export interface RecommendationList {
  readonly strategy: Strategy
  readonly items: readonly Recommendation[]
  /** Whether more would follow after these. */
  readonly hasMore: boolean
}

export interface SimilarRequest {
  readonly product: number
  readonly first: number
  readonly offset?: number
}

export interface SimilarProduct {
  readonly rank: number
  readonly product: number
  /** Cosine of the content features, −1 to 1. */
  readonly similarity: number
}

export interface SimilarList {
  readonly items: readonly SimilarProduct[]
  readonly hasMore: boolean
}
