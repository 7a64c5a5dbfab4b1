/**
 * What resembles the products of a history H in content:
 *
 *   v(u, j) = max {cos(f_i, f_j): i ∈ H}
 *
 * f content features. Nothing is said of products in H, nor of those of whose content nothing is known.
 */
import type { CosineIndex } from '../kernels/kernels.ts'
import type { Model } from '../model/model.ts'
import type { ListQuery, Ranking, RankLists } from './blend.ts'
import { silent, spoken } from './blend.ts'
import { bestOf } from './heard.ts'
import { innerProduct } from './inner-product.ts'
import type { ProductSet } from './product-set.ts'
import { intersection, isIn } from './product-set.ts'
import type { HistoryEntry } from './recommendation.ts'

/** The most similar of a history's products. */
interface Nearest {
  readonly purchase: HistoryEntry
  readonly similarity: number
}

/** @param cosine,comparable  of the model's content features, and the products that have any */
export function relatedRanking(model: Model, cosine: CosineIndex, comparable: ProductSet): RankLists {
  const { columns, data } = model.content

  /** Of several as similar the first of the history, which is the latest. */
  function nearest(history: readonly HistoryEntry[], product: number): Nearest | null {
    if (!isIn(comparable, product)) return null
    const row = data.subarray(product * columns, (product + 1) * columns)
    let best: Nearest | null = null
    for (const purchase of history) {
      const similarity = innerProduct(row, data, purchase.product)
      if (isIn(comparable, purchase.product) && (best === null || similarity > best.similarity))
        best = { purchase, similarity }
    }
    return best
  }

  function ranking({ history, excluded, limit }: ListQuery, found: Iterable<number>): Ranking {
    const left = new Set(excluded.map(({ product }) => product))
    const valued = Array.from(new Set(found))
      .filter((product) => !left.has(product))
      .map((product) => [product, nearest(history, product)!.similarity] as const)
    return {
      products: bestOf(valued, limit),
      sources: (product) => {
        const best = nearest(history, product)
        return [best ? spoken('content', best.similarity, 1) : silent('content')]
      },
      causes: (product) => {
        const best = nearest(history, product)
        return best ? [{ source: 'content', purchase: best.purchase, amount: best.similarity }] : []
      },
    }
  }

  return async (queries, eligible) => {
    const bought = queries.map(({ history }) =>
      history.map(({ product }) => product).filter((product) => isIn(comparable, product)),
    )
    const items = [...new Set(bought.flat())]
    // A list leaves out the products of its history, each of which may be among the nearest of another.
    const k = Math.max(0, ...queries.map(({ limit, excluded }) => limit + excluded.length))
    const { bits } = intersection(comparable, eligible, model.products.size)
    const { indices, counts } = await cosine.topK({ items: Uint32Array.from(items), k, eligible: bits })
    const places = new Map(items.map((item, place) => [item, place]))
    const neighbours = (item: number) => {
      const place = places.get(item)!
      return indices.subarray(place * k, place * k + counts[place])
    }
    return queries.map((query, q) =>
      ranking(
        query,
        bought[q].flatMap((item) => Array.from(neighbours(item))),
      ),
    )
  }
}
