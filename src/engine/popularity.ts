import type { Model } from '../model/model.ts'
import type { Ranking } from './blend.ts'
import { spoken } from './blend.ts'
import type { HistoryEntry } from './recommendation.ts'

/** Ranks for customers of whom no source knows anything. */
export type PopularityRanking = (excluded: readonly HistoryEntry[], limit: number) => Ranking

/** Everything in the catalogue by the pieces sold, ties to the lower index. */
export function popularityRanking({ popularity }: Model): PopularityRanking {
  let order: Uint32Array | undefined
  return (excluded, limit) => {
    order ??= Uint32Array.from(popularity.keys()).sort((a, b) => popularity[b] - popularity[a] || a - b)
    const left = new Set(excluded.map(({ product }) => product))
    // As many more as are left out are enough to be sure of `limit`.
    const best = order.subarray(0, limit + left.size).filter((product) => !left.has(product))
    return {
      products: Array.from(best.subarray(0, limit)),
      sources: (product) => [spoken('popularity', popularity[product], 1)],
    }
  }
}
