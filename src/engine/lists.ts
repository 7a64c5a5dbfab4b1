/** The ready-made lists: each ranks by what one source alone says, and holds the products that it speaks for. */
import type { CosineIndex } from '../kernels/kernels.ts'
import type { Work } from '../kernels/work.ts'
import type { Model } from '../model/model.ts'
import type { ListQuery, Ranking, RankLists } from './blend.ts'
import { silent, spoken } from './blend.ts'
import type { Cause } from './causes.ts'
import type { CoPurchaseSource } from './co-purchase.ts'
import type { Heard } from './heard.ts'
import type { Sold } from './popularity.ts'
import { popularityRanking, salesRankings, soldEver } from './popularity.ts'
import type { ProductSet } from './product-set.ts'
import { isIn } from './product-set.ts'
import type { SalesAt } from './recent-sales.ts'
import type { ListKind, Source } from './recommendation.ts'
import { relatedRanking } from './related.ts'
import { repeatSource } from './repeat.ts'
import { sameOrderSource } from './same-order.ts'

export type ReadyMade = Exclude<ListKind, 'FOR_YOU'>

export type ReadyMadeLists = Readonly<Record<ReadyMade, RankLists>>

/**
 * @param cosine,comparable  of the model's content features, and the products that have any
 * @param salesAt  of the model
 * @param latest  the moment of its latest purchase
 * @param coPurchase  of the model
 */
export function readyMadeLists(
  model: Model,
  cosine: CosineIndex,
  comparable: ProductSet,
  salesAt: (at: number) => SalesAt,
  latest: number,
  coPurchase: CoPurchaseSource,
): ReadyMadeLists {
  const sameOrder = sameOrderSource(model)
  const popular = popularityRanking(() => soldEver(model, latest))
  const trendingAt = salesRankings(latest, (at) => popularityRanking(() => salesAt(at), isSelling))

  return {
    RELATED: relatedRanking(model, cosine, comparable),
    COMPLEMENTARY: each((query, eligible) => {
      const heard = sameOrder(query.history, query.leastCustomers)
      return ranked('sameOrder', heard, query, eligible, heard.causes, heard.cosine)
    }),
    ALSO_BOUGHT: each((query, eligible) => {
      const ascending = query.history.toSorted((a, b) => a.product - b.product)
      const heard = coPurchase(ascending, query.leastCustomers)
      return ranked('coPurchase', heard, query, eligible, (product) =>
        heard.together(product).map(({ purchase, customers, cosine: amount }) => ({
          source: 'coPurchase',
          purchase,
          customers,
          amount,
        })),
      )
    }, coPurchase.prepare),
    BUY_AGAIN: each((query, eligible) => {
      const heard = repeatSource(query.history, query.at)
      return ranked('repeat', heard, query, eligible, (product) => [
        { source: 'repeat', amount: heard.value(product) ?? 0 },
      ])
    }),
    TRENDING: each((query, eligible) => trendingAt(query.at)(query, eligible)),
    POPULAR: each(popular),
  }
}

/** Lists that share nothing, one after the other. */
export const each =
  (
    rank: (query: ListQuery, eligible: ProductSet | null) => Ranking,
    prepare?: (query: ListQuery, work: Work) => Promise<void> | undefined,
  ): RankLists =>
  async (queries, eligible, work) => {
    const rankings: Ranking[] = []
    for (const query of queries) {
      const turn = work.pause()
      if (turn) await turn
      const prepared = prepare?.(query, work)
      if (prepared) await prepared
      rankings.push(work.time(() => rank(query, eligible)))
    }
    return rankings
  }

/** The products that a source speaks for, by what it says, ties by `second` and then to the lower index. */
function ranked(
  source: Source,
  heard: Heard,
  { excluded, limit }: ListQuery,
  eligible: ProductSet | null,
  causes: (product: number) => Cause[],
  second: (product: number) => number = () => 0,
): Ranking {
  const left = new Set(excluded.map(({ product }) => product))
  const value = (product: number) => heard.value(product) ?? 0
  const products = Array.from(heard.products()).filter(
    (product) => value(product) > 0 && isIn(eligible, product) && !left.has(product),
  )
  products.sort((a, b) => value(b) - value(a) || second(b) - second(a) || a - b)
  return {
    products: products.slice(0, limit),
    sources: (product) => {
      const said = heard.value(product)
      return [said === null ? silent(source) : spoken(source, said, 1)]
    },
    causes,
  }
}

/** What people would be told to have sold nothing lately is no trend, whatever it sold long ago. */
function isSelling({ sales }: Sold, product: number): boolean {
  return sales(product).units > 0
}
