import type { Model } from '../model/model.ts'
import type { Ranking } from './blend.ts'
import { spoken } from './blend.ts'
import type { Sales } from './reason.ts'
import type { HistoryEntry } from './recommendation.ts'

/** Ranks for customers of whom no source knows anything. */
export type PopularityRanking = (excluded: readonly HistoryEntry[], limit: number) => Ranking

/** What was sold. */
export interface Sold {
  /** Pieces by which products are ranked, per product. */
  readonly units: Float32Array | Float64Array
  /** What people are told of a product's sales. */
  sales(product: number): Sales
}

/** All that the model knows to be sold, whenever it was. */
export function soldEver({ popularity }: Model): Sold {
  return { units: popularity, sales: (product) => ({ units: popularity[product], days: null }) }
}

/** Everything in the catalogue by the pieces sold, ties to the lower index. @param soldOf  asked once */
export function popularityRanking(soldOf: () => Sold): PopularityRanking {
  let sold: Sold | undefined
  let order: Uint32Array | undefined
  return (excluded, limit) => {
    const { units, sales } = (sold ??= soldOf())
    order ??= Uint32Array.from(units.keys()).sort((a, b) => units[b] - units[a] || a - b)
    const left = new Set(excluded.map(({ product }) => product))
    // As many more as are left out are enough to be sure of `limit`.
    const best = order.subarray(0, limit + left.size).filter((product) => !left.has(product))
    return {
      products: Array.from(best.subarray(0, limit)),
      sources: (product) => [spoken('popularity', units[product], 1)],
      causes: (product) => [{ source: 'popularity', sales: sales(product), amount: units[product] }],
    }
  }
}
