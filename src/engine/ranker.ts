/** What ranks the lists of a model, each kind by its own ranking, with the arrangements that they ask for. */
import type { IndexWhenAsked } from './index-when-asked.ts'
import type { Pieces } from '../kernels/pieces.ts'
import type { Work } from '../kernels/work.ts'
import type { ArrangedRanking, Query } from './arranged-list.ts'
import { arranging } from './arranged-list.ts'
import { learnedBlend } from './blend.ts'
import type { Eligibility } from './eligibility.ts'
import type { ReadyMade } from './lists.ts'
import { readyMadeLists } from './lists.ts'
import type { ModelIndexes } from './model-indexes.ts'
import { notebookBlend } from './notebook-blend.ts'
import { listsBySales, popularityRanking, salesRankings, soldEver } from './popularity.ts'
import type { ProductSet } from './product-set.ts'
import type { Blend, Place, Ranking } from './ranking.ts'
import type { Strategy } from './recommendation.ts'
import { strategyOf } from './taste.ts'

const STRATEGIES: Readonly<Record<ReadyMade, Strategy>> = {
  RELATED: 'CONTENT',
  COMPLEMENTARY: 'SAME_ORDER',
  ALSO_BOUGHT: 'CO_PURCHASE',
  BUY_AGAIN: 'REPEAT',
  TRENDING: 'TRENDING',
  POPULAR: 'POPULARITY',
}

type RankQueries = (queries: readonly Query[], eligible: ProductSet | null, work: Work) => Promise<Ranking[]>

export interface Ranker {
  /** A ranking for each query; one search for all of a kind that may hold the same products. */
  rank(queries: readonly Query[], work: Work): Promise<ArrangedRanking[]>
  /**
   * Where a product stands in the whole list of a query, and its score, without a list of everything; undefined where
   * that takes the list.
   */
  placeOf(query: Query, product: number, work: Work): Promise<Place | null> | undefined
  /** How a query's list is made. */
  strategyOf(query: Query): Strategy
  close(): void
}

/** @param cosine,comparable  of the model's content features, and the products that have any; the caller's to close */
export function* openRanker(
  indexes: ModelIndexes,
  cosine: IndexWhenAsked,
  comparable: ProductSet,
  eligibility: Eligibility,
): Pieces<Ranker> {
  const { model, latest, salesAt } = indexes
  const blend = yield* openBlend(indexes, cosine)
  const readyMade = readyMadeLists(indexes, cosine, comparable)
  const popularEver = popularityRanking(() => soldEver(model, latest))
  const popularAt =
    model.summary.configuration.blend === 'learned'
      ? salesRankings(latest, model.products.size, (at) => popularityRanking(() => salesAt(at)))
      : () => popularEver
  const byBlend: RankQueries = (queries, eligible, work) => blend.rank(queries, eligible, work)
  const byPopularity = listsBySales(popularAt)
  const arrange = arranging(model, eligibility, rankByScore)

  /** Of the lists for a customer: by the blend where any source speaks, else by popularity. */
  function rankerOf({ list, taste, interest }: Query): RankQueries {
    if (list !== 'FOR_YOU') return readyMade[list]
    return strategyOf(model, taste, interest) === 'POPULARITY' ? byPopularity : byBlend
  }

  async function rankByScore(queries: readonly Query[], work: Work): Promise<Ranking[]> {
    const rankings = new Map<Query, Ranking>()
    for (const [rank, ofKind] of Map.groupBy(queries, rankerOf)) {
      for (const [eligible, group] of Map.groupBy(ofKind, (query) => query.eligible)) {
        const ranked = await rank(group, eligible, work)
        group.forEach((query, i) => rankings.set(query, ranked[i]))
      }
    }
    return queries.map((query) => rankings.get(query)!)
  }

  return {
    async rank(queries, work) {
      const plain = queries.filter(({ arrangement }) => arrangement === undefined)
      const byScore = await rankByScore(plain, work)
      const rankings = new Map<Query, ArrangedRanking>(plain.map((query, i) => [query, byScore[i]]))
      const others = queries.filter((query) => !rankings.has(query))
      const arranged = await arrange(others, work)
      others.forEach((query, i) => rankings.set(query, arranged[i]))
      return queries.map((query) => rankings.get(query)!)
    },
    placeOf: (query, product, work) =>
      query.arrangement === undefined && rankerOf(query) === byBlend
        ? blend.placeOf?.(query, query.eligible, product, work)
        : undefined,
    strategyOf: ({ list, taste, interest }) =>
      list === 'FOR_YOU' ? strategyOf(model, taste, interest) : STRATEGIES[list],
    close: () => blend.close(),
  }
}

function openBlend(indexes: ModelIndexes, cosine: IndexWhenAsked): Pieces<Blend> {
  const { blend } = indexes.model.summary.configuration
  return blend === 'notebook' ? notebookBlend(indexes, cosine) : learnedBlend(indexes)
}
