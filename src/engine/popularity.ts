import type { Ranking } from './blend.ts'
import { spoken } from './blend.ts'
import type { HistoryEntry } from './recommendation.ts'

/** Ranks for customers of whom no source knows anything. */
export type PopularityRanking = (excluded: readonly HistoryEntry[], limit: number) => Ranking

/** Everything in the catalogue by the pieces sold, ties to the lower index. @param popularityOf  pieces, per product; asked once */
export function popularityRanking(popularityOf: () => Float32Array | Float64Array): PopularityRanking {
  let popularity: Float32Array | Float64Array | undefined
  let order: Uint32Array | undefined
  return (excluded, limit) => {
    const pieces = (popularity ??= popularityOf())
    order ??= Uint32Array.from(pieces.keys()).sort((a, b) => pieces[b] - pieces[a] || a - b)
    const left = new Set(excluded.map(({ product }) => product))
    // As many more as are left out are enough to be sure of `limit`.
    const best = order.subarray(0, limit + left.size).filter((product) => !left.has(product))
    return {
      products: Array.from(best.subarray(0, limit)),
      sources: (product) => [spoken('popularity', pieces[product], 1)],
    }
  }
}
