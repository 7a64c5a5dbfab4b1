/**
 * What resembles the products of a history H in content:
 *
 *   v(u, j) = max {cos(f_i, f_j): i ∈ H}
 *
 * f content features; of a long history the 10 latest products are asked. Nothing is said of products in H, nor of those
 * of whose content nothing is known; what is not alike is not listed (likeness.ts).
 */
import type { CosineIndex } from '../kernels/kernels.ts'
import { contentCosine } from '../model/content.ts'
import type { Model } from '../model/model.ts'
import type { ListQuery, Ranking, RankLists } from './blend.ts'
import { silent, spoken } from './blend.ts'
import { bestOf } from './heard.ts'
import { LEAST_LIKENESS } from './likeness.ts'
import type { ProductSet } from './product-set.ts'
import { intersection, isIn } from './product-set.ts'
import type { HistoryEntry } from './recommendation.ts'

/** So many of a history, the latest: each takes a search of its own. */
const ASKED = 10

/** The most similar of a history's products. */
interface Nearest {
  readonly purchase: HistoryEntry
  readonly similarity: number
}

/** @param cosine,comparable  of the model's content features, and the products that have any */
export function relatedRanking(model: Model, cosine: CosineIndex, comparable: ProductSet): RankLists {
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
    const left = new Set(excluded.map(({ product }) => product))
    return {
      products: bestOf(
        [...found].filter(([product]) => !left.has(product)),
        limit,
      ),
      sources: (product) => {
        const best = nearest(asked, product)
        return [best ? spoken('content', best.similarity, 1) : silent('content')]
      },
      causes: (product) => {
        const best = nearest(asked, product)
        return best ? [{ source: 'content', purchase: best.purchase, amount: best.similarity }] : []
      },
    }
  }

  return async (queries, eligible) => {
    const asked = queries.map(({ history }) =>
      history.filter(({ product }) => isIn(comparable, product)).slice(0, ASKED),
    )
    const items = [...new Set(asked.flatMap((purchases) => purchases.map(({ product }) => product)))]
    // A list leaves out the products of its history, each of which may be among the nearest of another.
    const k = Math.max(0, ...queries.map(({ limit, excluded }) => limit + excluded.length))
    const { bits } = intersection(comparable, eligible)
    const { indices, similarities, counts } = await cosine.topK({
      items: Uint32Array.from(items),
      k,
      eligible: bits,
      above: LEAST_LIKENESS,
    })
    const places = new Map(items.map((item, place) => [item, place]))
    return queries.map((query, q) => {
      const found = new Map<number, number>()
      for (const { product } of asked[q]) {
        const place = places.get(product)!
        for (let at = place * k; at < place * k + counts[place]; at++)
          found.set(indices[at], Math.max(found.get(indices[at]) ?? -1, similarities[at]))
      }
      return ranking(query, asked[q], found)
    })
  }
}
