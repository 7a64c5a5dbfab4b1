import type { ArrangedRanking } from './arranged-list.ts'
import { hybridOf } from './ranking.ts'
import type { Reason } from './reason.ts'
import { reasonsOf } from './reasons.ts'
import type { Arranged, Recommendation, Strategy } from './recommendation.ts'

/** The products of a list, best first. */
export interface RankedList {
  readonly strategy: Strategy
  readonly ranking: ArrangedRanking
}

const BY_SCORE: Omit<Arranged, 'final'> = { placement: 'RANKED', boost: 1, similarityAbove: null }

/** A ranked product with all that led to it. */
export function listed(ranking: ArrangedRanking, product: number, rank: number): Recommendation {
  const sources = ranking.sources(product)
  const hybrid = hybridOf(sources)
  let reasons: readonly Reason[] | undefined
  return {
    rank,
    product,
    hybrid,
    sources,
    arranged: ranking.arranged?.(product) ?? { ...BY_SCORE, final: hybrid },
    reasons: () => (reasons ??= reasonsOf(ranking.causes(product))),
  }
}
