import type { Work } from '../kernels/work.ts'
import type { ProductSet } from './product-set.ts'
import type { Cause } from './reason.ts'
import type { HistoryEntry } from './history-entry.ts'
import type { FadedInterest } from './interest.ts'
import type { SourceName, SourceScore } from './recommendation.ts'
import type { Taste, TasteParts } from './taste.ts'

/** One list to rank products for. */
export interface ListQuery {
  readonly history: readonly HistoryEntry[]
  /** The moment it is for, in ms since 1970 UTC; NaN where the model knows no time. */
  readonly at: number
  /** Products that must not be returned: the history's, or none. */
  readonly excluded: readonly HistoryEntry[]
  /** How many of the best are wanted. */
  readonly limit: number
  /** How many customers must have made the purchases of others that a list rests on (buyers.ts); 1 for a known customer. */
  readonly leastCustomers: number
}

/** One customer to rank products for. */
export interface BlendQuery extends ListQuery {
  readonly taste: Taste
  /** The taste in its parts, for causes. */
  readonly parts: () => TasteParts
  /** Whether the history's products may be returned. */
  readonly includePurchased: boolean
  /** What the customer is interested in without having bought it. Left out: nothing is known. */
  readonly interest?: readonly FadedInterest[]
}

/** The best products for one customer. */
export interface Ranking {
  /** Best first, at most `limit`. */
  readonly products: readonly number[]
  /** Whether no source says anything of a product, so that it comes last. Left out: it goes by its score alone. */
  isBlank?(product: number): boolean
  /** The parts of a product's hybrid score, one for each source of the blend; they sum to it. */
  sources(product: number): SourceScore[]
  /** A product's hybrid score, to the last bit the sum of its parts. Absent: they are summed. */
  score?(product: number): number
  /** What a product's contributions come from; their amounts sum to the hybrid score. */
  causes(product: number): Cause[]
}

/** Ranks for a whole batch at once. @param eligible  the products that may be returned; null: all */
export type RankLists = (
  queries: readonly ListQuery[],
  eligible: ProductSet | null,
  work: Work,
) => Promise<Ranking[]>

/** Where a product stands in a ranking. */
export interface Place {
  /** 1 for the best of all. */
  readonly rank: number
  /** The hybrid score. */
  readonly score: number
}

/** A way to make one ranking out of several sources' scores. */
export interface Blend {
  /**
   * Ranks for a whole batch at once. Every taste has at least one source that speaks.
   * @param eligible  the products that may be returned; null: all
   */
  rank(queries: readonly BlendQuery[], eligible: ProductSet | null, work: Work): Promise<Ranking[]>
  /** Where a product stands in the whole ranking; null where that does not hold it. Absent: it takes the ranking. */
  placeOf?(query: BlendQuery, eligible: ProductSet | null, product: number, work: Work): Promise<Place | null>
  close(): void
}

/** Makes answers for so many at a time as are searched together, with pauses between. */
export async function inGroups<One, Answer>(
  all: readonly One[],
  work: Work,
  answer: (group: readonly One[]) => Promise<readonly Answer[]>,
): Promise<Answer[]> {
  if (all.length <= work.together) return [...(await answer(all))]
  const answers: Answer[] = []
  for (let begin = 0; begin < all.length; begin += work.together) {
    const turn = work.pause()
    if (turn) await turn
    answers.push(...(await answer(all.slice(begin, begin + work.together))))
  }
  return answers
}

/** What a source said of a product, and what that adds to the hybrid score. */
export function scored(source: SourceName, value: number, weight: number, calibrated = value): SourceScore {
  return { source, value, weight, contribution: weight * calibrated }
}

/** A source that was not asked of a product, or had no answer. */
export function unscored(source: SourceName): SourceScore {
  return { source, value: null, weight: 0, contribution: null }
}

/** The score that a product is ranked by. */
export function hybridOf(sources: readonly SourceScore[]): number {
  return sources.reduce((sum, { contribution }) => sum + (contribution ?? 0), 0)
}
