import type { Model } from '../model/model.ts'
import type { Ranking } from './blend.ts'
import { hybridOf } from './blend.ts'
import type { Reason } from './reason.ts'
import { reasonsOf } from './reasons.ts'
import type { HistoryEntry, Recommendation, Strategy } from './recommendation.ts'

/** The products of a list, best first. */
export interface RankedList {
  readonly strategy: Strategy
  readonly ranking: Ranking
}

/** A ranked product with all that led to it. @param history  of whom the ranking is for */
export function listed(
  model: Model,
  history: readonly HistoryEntry[],
  ranking: Ranking,
  product: number,
  rank: number,
): Recommendation {
  const sources = ranking.sources(product)
  let reasons: readonly Reason[] | undefined
  return {
    rank,
    product,
    hybrid: hybridOf(sources),
    sources,
    get reasons() {
      return (reasons ??= reasonsOf(model, history, product, ranking.causes(product)))
    },
  }
}
