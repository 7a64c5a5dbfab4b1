import { productSetOf } from './history.ts'
import type { Model } from '../model/model.ts'
import type { ProductSet } from './product-set.ts'
import { isIn } from './product-set.ts'
import type { ListQuery, Ranking } from './ranking.ts'
import { scored } from './ranking.ts'
import type { Sales } from './reason.ts'

/** Ranks for customers of whom no source knows anything. */
export type PopularityRanking = (
  query: Pick<ListQuery, 'excluded' | 'limit'>,
  eligible: ProductSet | null,
) => Ranking

/** What was sold. */
export interface Sold {
  /** Pieces by which products are ranked, per product. */
  readonly units: Float32Array | Float64Array
  /** What people are told of a product's sales. */
  sales(product: number): Sales
}

/** All that the model knows to be sold, whenever it was. @param latest  the moment of its latest purchase, or NaN */
export function soldEver({ popularity }: Pick<Model, 'popularity'>, latest: number): Sold {
  return { units: popularity, sales: (product) => salesEver(popularity[product], latest) }
}

/** Units as a count of all the time that a model knows. @param latest  as of `soldEver` */
export function salesEver(units: number, latest: number): Sales {
  return { units, days: null, since: null, until: Number.isNaN(latest) ? null : latest }
}

/**
 * The catalogue by the pieces sold, ties to the lower index.
 * @param soldOf  asked once
 * @param isListed  whether a product belongs to the list at all; left out: each does
 */
export function popularityRanking(
  soldOf: () => Sold,
  isListed: (sold: Sold, product: number) => boolean = () => true,
): PopularityRanking {
  let sold: Sold | undefined
  let order: Uint32Array | undefined
  return ({ excluded, limit }, eligible) => {
    const known = (sold ??= soldOf())
    const { units, sales } = known
    order ??= Uint32Array.from(units.keys()).sort((a, b) => units[b] - units[a] || a - b)
    const left = productSetOf(excluded)
    const products: number[] = []
    for (let place = 0; place < order.length && products.length < limit; place++) {
      const product = order[place]
      if (isIn(eligible, product) && !left.has(product) && isListed(known, product)) products.push(product)
    }
    return {
      products,
      isBlank: (product) => units[product] === 0,
      sources: (product) => [scored('popularity', units[product], 1)],
      causes: (product) => [{ kind: 'POPULAR', amount: units[product], sales: sales(product) }],
    }
  }
}

/**
 * Rankings by the sales of a moment: that of the shop's latest purchase, which most lists are for, is kept, and beside
 * it the one asked for last.
 */
export function salesRankings(
  latest: number,
  rankingAt: (at: number) => PopularityRanking,
): (at: number) => PopularityRanking {
  const ofLatest = rankingAt(latest)
  let other: { readonly at: number; readonly rank: PopularityRanking } | undefined
  return (at) => {
    if (Object.is(at, latest)) return ofLatest
    if (other === undefined || !Object.is(other.at, at)) other = { at, rank: rankingAt(at) }
    return other.rank
  }
}
