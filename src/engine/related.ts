/**
 * What resembles the products of a history H in content:
 *
 *   v(u, j) = max {cos(f_i, f_j): i ∈ H}
 *
 * f content features; of a long history the 10 latest products are asked. Nothing is said of products in H, nor of those
 * of whose content nothing is known; what is not alike is not listed (LEAST_LIKENESS).
 */
import { productSetOf } from './history.ts'
import type { IndexWhenAsked } from './index-when-asked.ts'
import { contentCosine } from '../model/content.ts'
import type { ItemSide } from '../model/model.ts'
import type { ProductSet } from './product-set.ts'
import { intersection, isIn } from './product-set.ts'
import type { ListQuery, Ranking, RankLists } from './ranking.ts'
import { inGroups, scored, unscored } from './ranking.ts'
import type { HistoryEntry } from './history-entry.ts'
import { resemblance } from './resemblance.ts'
import { bestOf } from './top-products.ts'

/**
 * The least cosine that makes a product like another: what has nothing in common has one of 0, or of what the rounding of
 * a sum leaves, and belongs in no list of what is alike.
 */
export const LEAST_LIKENESS = 1e-4

/** So many of a history, the latest: each takes a search of its own. */
const ASKED = 10

/** The most similar of a history's products. */
interface Nearest {
  readonly purchase: HistoryEntry
  readonly similarity: number
}

/** @param cosine,comparable  of the model's content features, and the products that have any */
export function relatedRanking(model: ItemSide, cosine: IndexWhenAsked, comparable: ProductSet): RankLists {
  /** Of several as similar the first of the history, which is the latest. */
  function nearest(asked: readonly HistoryEntry[], product: number): Nearest | null {
    if (!isIn(comparable, product)) return null
    let best: Nearest | null = null
    for (const purchase of asked) {
      const similarity = contentCosine(model.content, product, purchase.product)
      if (best === null || similarity > best.similarity) best = { purchase, similarity }
    }
    return best
  }

  /** @param found  the greatest similarity of each product found */
  function ranking(
    { excluded, limit }: ListQuery,
    asked: readonly HistoryEntry[],
    found: ReadonlyMap<number, number>,
  ): Ranking {
    const left = productSetOf(excluded)
    return {
      products: bestOf(
        [...found].filter(([product]) => !left.has(product)),
        limit,
      ),
      sources: (product) => {
        const best = nearest(asked, product)
        return [best ? scored('content', best.similarity, 1) : unscored('content')]
      },
      causes: (product) => {
        const best = nearest(asked, product)
        return best ? [resemblance(model, product, best.purchase, best.similarity)] : []
      },
    }
  }

  return async (queries, eligible, work) => {
    const asked = queries.map(({ history }) =>
      history.filter(({ product }) => isIn(comparable, product)).slice(0, ASKED),
    )
    const items = [...new Set(asked.flatMap((purchases) => purchases.map(({ product }) => product)))]
    // A list leaves out the products of its history, each of which may be among the nearest of another.
    const k = Math.max(0, ...queries.map(({ limit, excluded }) => limit + excluded.length))
    const { bits } = intersection(comparable, eligible)
    await cosine.open()
    const neighbours = await inGroups(items, work, async (group) => {
      const { indices, similarities, counts } = await work.searched(() =>
        cosine.topK({
          items: Uint32Array.from(group),
          k,
          eligible: bits,
          above: LEAST_LIKENESS,
          pause: () => work.pause(),
        }),
      )
      return group.map((_, i) => {
        const row = { begin: i * k, end: i * k + counts[i] }
        return {
          products: indices.subarray(row.begin, row.end),
          similarities: similarities.subarray(row.begin, row.end),
        }
      })
    })
    const places = new Map(items.map((item, place) => [item, place]))
    return inGroups(
      queries.map((query, q) => ({ query, q })),
      work,
      async (group) =>
        group.map(({ query, q }) =>
          work.time(() => {
            const found = new Map<number, number>()
            for (const { product } of asked[q]) {
              const { products, similarities } = neighbours[places.get(product)!]
              products.forEach((other, i) =>
                found.set(other, Math.max(found.get(other) ?? -1, similarities[i])),
              )
            }
            return ranking(query, asked[q], found)
          }),
        ),
    )
  }
}
