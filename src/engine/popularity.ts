import { LRUCache } from 'lru-cache'
import type { Work } from '../kernels/work.ts'
import { productSetOf } from './history.ts'
import type { ItemSide } from '../model/model.ts'
import type { ProductSet } from './product-set.ts'
import { isIn } from './product-set.ts'
import type { ListQuery, Ranking, RankLists } from './ranking.ts'
import { scored } from './ranking.ts'
import type { Sales } from './reason.ts'
import { inOrder, inOrderInPieces } from './top-products.ts'

/** Ranks for customers of whom no source knows anything. */
export interface PopularityRanking {
  (query: Pick<ListQuery, 'excluded' | 'limit'>, eligible: ProductSet | null): Ranking
  /** Counts what was sold and puts the catalogue in order, in pieces, so that both are at hand when it ranks. */
  prepare(work: Work): Promise<void>
}

/** What was sold. */
export interface Sold {
  /** Per product, the orders that hold it: products are ranked by them. */
  readonly orders: Uint32Array | Float64Array
  /** A product's sales as reasons state them. */
  sales(product: number): Sales
}

/** All that the model knows to be sold, whenever it was. @param latest  the moment of its latest purchase, or NaN */
export function soldEver(
  { popularity, baskets }: Pick<ItemSide, 'popularity' | 'baskets'>,
  latest: number,
): Sold {
  return { orders: baskets.orders, sales: (product) => salesEver(popularity[product], latest) }
}

/** Units as a count of all the time that a model knows. @param latest  as of `soldEver` */
export function salesEver(units: number, latest: number): Sales {
  return { units, days: null, since: null, until: Number.isNaN(latest) ? null : latest }
}

/**
 * The catalogue by the orders that hold a product, ties to the lower index.
 * @param soldOf  asked once
 * @param isListed  whether a product belongs to the list at all; left out: each does
 */
export function popularityRanking(
  soldOf: () => Sold,
  isListed: (sold: Sold, product: number) => boolean = () => true,
): PopularityRanking {
  let sold: Sold | undefined
  let order: readonly number[] | undefined
  const known = () => (sold ??= soldOf())
  const ordered = () => (order ??= inOrder(Array.from(known().orders.keys()), known().orders))

  function rank({ excluded, limit }: Pick<ListQuery, 'excluded' | 'limit'>, eligible: ProductSet | null) {
    const { orders, sales } = known()
    const left = productSetOf(excluded)
    const products: number[] = []
    for (const product of ordered()) {
      if (products.length >= limit) break
      if (isIn(eligible, product) && !left.has(product) && isListed(known(), product)) products.push(product)
    }
    return {
      products,
      isBlank: (product: number) => orders[product] === 0,
      sources: (product: number) => [scored('popularity', orders[product], 1)],
      causes: (product: number) => [
        { kind: 'POPULAR' as const, amount: orders[product], sales: sales(product) },
      ],
    } satisfies Ranking
  }

  async function prepare(work: Work): Promise<void> {
    if (order !== undefined) return
    const turn = work.pause()
    if (turn) await turn
    const { orders } = work.time(known)
    order = await inOrderInPieces(Array.from(orders.keys()), orders, work)
    const pause = work.pause()
    if (pause) await pause
  }

  return Object.assign(rank, { prepare })
}

/** Lists of popularity, each by the sales of its query's moment. */
export function listsBySales(rankingAt: (at: number) => PopularityRanking): RankLists {
  return async (queries, eligible, work) => {
    const rankings: Ranking[] = []
    for (const query of queries) {
      // Held on to: another moment may be asked about while this one is prepared.
      const rank = rankingAt(query.at)
      await rank.prepare(work)
      rankings.push(work.time(() => rank(query, eligible)))
    }
    return rankings
  }
}

/** So many moments' rankings are kept at most, and of so many products in all: each takes some 16 bytes a product. */
const MOST_MOMENTS = 16
const MOST_PRODUCTS = 2 ** 20

/**
 * Rankings by the sales of a moment: that of the shop's latest purchase, which most lists are for, is kept, and beside
 * it those asked for last.
 * @param size  how many products there are
 */
export function salesRankings(
  latest: number,
  size: number,
  rankingAt: (at: number) => PopularityRanking,
): (at: number) => PopularityRanking {
  const ofLatest = rankingAt(latest)
  const others = new LRUCache<number, PopularityRanking>({
    max: Math.max(1, Math.min(MOST_MOMENTS, Math.floor(MOST_PRODUCTS / Math.max(1, size)))),
  })
  return (at) => {
    if (Object.is(at, latest)) return ofLatest
    const former = others.get(at)
    if (former) return former
    const ranking = rankingAt(at)
    others.set(at, ranking)
    return ranking
  }
}
