/** The ready-made lists: each ranks by what one source alone says, and holds the products that it speaks for. */
import { productSetOf } from './history.ts'
import type { IndexWhenAsked } from './index-when-asked.ts'
import { sameOrders } from './same-order.ts'
import type { ModelIndexes } from './model-indexes.ts'
import type { Sold } from './popularity.ts'
import { listsBySales, popularityRanking, salesRankings, soldEver } from './popularity.ts'
import type { ProductSet } from './product-set.ts'
import { isIn } from './product-set.ts'
import type { ListQuery, Ranking, RankLists } from './ranking.ts'
import { scored, unscored } from './ranking.ts'
import type { Cause } from './reason.ts'
import type { ListKind, SourceName } from './recommendation.ts'
import { valuesIn } from './product-sums.ts'
import { relatedRanking } from './related.ts'
import { repeatValues } from './sources/repeat.ts'
import type { SparseValues } from './sources/source.ts'
import { sparseValues } from './sources/source.ts'

export type ReadyMade = Exclude<ListKind, 'FOR_YOU'>

export type ReadyMadeLists = Readonly<Record<ReadyMade, RankLists>>

/** These lists rank by v as it is. */
const itself = (v: number) => v

/** @param cosine,comparable  of the model's content features, and the products that have any */
export function readyMadeLists(
  { model, salesAt, latest, coPurchases }: ModelIndexes,
  cosine: IndexWhenAsked,
  comparable: ProductSet,
): ReadyMadeLists {
  const togetherIn = sameOrders(model)
  const popular = popularityRanking(() => soldEver(model, latest))
  const trendingAt = salesRankings(latest, model.products.size, (at) =>
    popularityRanking(() => salesAt(at), isSelling),
  )

  return {
    RELATED: relatedRanking(model, cosine, comparable),
    COMPLEMENTARY: each((query, eligible) => {
      const { values, knows, cosine: second, together } = togetherIn(query.history, query.leastCustomers)
      const causes = (product: number) =>
        together(product).map(
          ({ purchase, orders }): Cause => ({ kind: 'SAME_ORDER', amount: orders, purchase, orders }),
        )
      return ranked(
        'sameOrder',
        sparseValues(valuesIn(values), knows, itself),
        query,
        eligible,
        causes,
        second,
      )
    }),
    ALSO_BOUGHT: each((query, eligible) => {
      const ascending = query.history.toSorted((a, b) => a.product - b.product)
      const { values, knows, together } = coPurchases(ascending, query.leastCustomers)
      return ranked('coPurchase', sparseValues(values, knows, itself), query, eligible, (product) =>
        together(product).map(({ purchase, customers, cosine: amount }) => ({
          kind: 'BOUGHT_TOGETHER',
          amount,
          purchase,
          customers,
        })),
      )
    }),
    BUY_AGAIN: each((query, eligible) => {
      const scores = repeatValues(query.history, query.at, model.summary.repeatHalfLife)
      return ranked('repeat', scores, query, eligible, (product) => [
        {
          kind: 'BOUGHT_BEFORE',
          amount: scores.value(product) ?? 0,
          purchase: query.history.find((purchase) => purchase.product === product)!,
        },
      ])
    }),
    TRENDING: listsBySales(trendingAt),
    POPULAR: listsBySales(() => popular),
  }
}

/** Lists that share nothing, one after the other. */
export const each =
  (rank: (query: ListQuery, eligible: ProductSet | null) => Ranking): RankLists =>
  async (queries, eligible, work) => {
    const rankings: Ranking[] = []
    for (const query of queries) {
      const turn = work.pause()
      if (turn) await turn
      rankings.push(work.time(() => rank(query, eligible)))
    }
    return rankings
  }

/** The products that a source speaks for, by what it says, ties by `second` and then to the lower index. */
function ranked(
  source: SourceName,
  scores: SparseValues,
  { excluded, limit }: ListQuery,
  eligible: ProductSet | null,
  causes: (product: number) => Cause[],
  second: (product: number) => number = () => 0,
): Ranking {
  const left = productSetOf(excluded)
  const value = (product: number) => scores.value(product) ?? 0
  const products = Array.from(scores.products).filter(
    (product) => value(product) > 0 && isIn(eligible, product) && !left.has(product),
  )
  products.sort((a, b) => value(b) - value(a) || second(b) - second(a) || a - b)
  return {
    products: products.slice(0, limit),
    sources: (product) => {
      const v = scores.value(product)
      return [v === null ? unscored(source) : scored(source, v, 1)]
    },
    causes,
  }
}

/** What reasons would state as unsold lately is no trend, whatever it sold long ago. */
function isSelling({ sales }: Sold, product: number): boolean {
  return sales(product).units > 0
}
