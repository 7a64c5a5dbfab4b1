/**
 * The notebook's blend, kept for comparison: each source brings its own best candidates, raw scores are added by
 * weight, and a source that did not bring a product adds nothing to it, as if it had scored it 0. (The notebook also
 * printed that 0; here the source's value is null, since it was never asked.) A product's content score is its
 * greatest similarity to anything bought.
 *
 * The notebook took as many candidates of each source as it was asked for in all: no other number explains the scores
 * it printed. Asked for more, it therefore changed its first results too. Here the number is fixed, so that the pages
 * of a list agree; the list ends where its candidates do.
 */
import type { Pieces } from '../kernels/pieces.ts'
import type { Work } from '../kernels/work.ts'
import { apportion } from './apportion.ts'
import { ANYBODY } from './buyers.ts'
import { rowsOf } from './history.ts'
import { innerProduct } from './inner-product.ts'
import type { ModelIndexes } from './model-indexes.ts'
import type { ProductSet } from './product-set.ts'
import { intersection, productsWhere } from './product-set.ts'
import type { Blend, BlendQuery, Ranking } from './ranking.ts'
import { hybridOf, inGroups, scored, unscored } from './ranking.ts'
import type { Cause } from './reason.ts'
import type { IndexWhenAsked } from './index-when-asked.ts'
import type { HistoryEntry } from './history-entry.ts'
import type { SourceName, SourceScore } from './recommendation.ts'
import { resemblance } from './resemblance.ts'

/** Per customer of the collaborative source, and per product bought of the content source. */
const CANDIDATES = 100

/** One source's candidates for one customer, with their scores. */
type Candidates = ReadonlyMap<number, number>

/** The content source's: each with the purchase it resembles most, of several the latest. */
type Resembling = ReadonlyMap<number, { readonly similarity: number; readonly purchase: HistoryEntry }>

/** @param cosine  of the model's content features */
export function* notebookBlend(
  { model, kernels, coverage, buyers }: ModelIndexes,
  cosine: IndexWhenAsked,
): Pieces<Blend> {
  const { weights } = model.summary.configuration
  const { rows, columns } = model.itemFactors
  const index = yield* kernels.openVectorsInPieces(model.itemFactors)
  const covered = {
    collaborative: productsWhere(rows, (product) => coverage.collaborative[product] === 1),
    content: productsWhere(rows, (product) => coverage.content[product] === 1),
  }

  async function collaborative(
    queries: readonly BlendQuery[],
    eligible: ProductSet | null,
    work: Work,
  ): Promise<Candidates[]> {
    const factors = new Float32Array(queries.length * columns)
    queries.forEach(({ taste }, q) => taste.factors && factors.set(taste.factors, q * columns))
    const excluded = rowsOf(
      queries.map((query) => query.excluded),
      rows,
    )
    const found = await work.searched(() =>
      index.topK({
        queries: factors,
        k: CANDIDATES,
        excluded,
        eligible: intersection(covered.collaborative, eligible).bits,
      }),
    )
    return queries.map(({ taste }, q) =>
      taste.factors ? candidates(found.indices, found.scores, found.counts, q) : new Map(),
    )
  }

  /** As `collaborative`, of products that at least so many customers bought as each query asks for. */
  async function collaborativeByLeast(
    queries: readonly BlendQuery[],
    eligible: ProductSet | null,
    work: Work,
  ): Promise<Candidates[]> {
    const found = new Map<BlendQuery, Candidates>()
    for (const [least, group] of Map.groupBy(queries, ({ leastCustomers }) => leastCustomers)) {
      const among = least > ANYBODY ? buyers.boughtBy(least, eligible) : eligible
      const liked = await collaborative(group, among, work)
      group.forEach((query, i) => found.set(query, liked[i]))
    }
    return queries.map((query) => found.get(query)!)
  }

  async function content(
    queries: readonly BlendQuery[],
    eligible: ProductSet | null,
    work: Work,
  ): Promise<Resembling[]> {
    const bought = queries.map(({ taste, history }) => (taste.profile ? history : []))
    const products = new Set(bought.flat().map(({ product }) => product))
    const items = [...products].filter((product) => coverage.content[product])
    const { bits } = intersection(covered.content, eligible)
    // Each of a history's products takes a search of its own.
    const found = await inGroups(items, work, async (group) => {
      await cosine.open()
      const { indices, similarities, counts } = await work.searched(() =>
        cosine.topK({
          items: Uint32Array.from(group),
          k: CANDIDATES,
          eligible: bits,
          pause: () => work.pause(),
        }),
      )
      return group.map((_, i) => candidates(indices, similarities, counts, i))
    })
    const neighbours = new Map(items.map((item, i) => [item, found[i]]))
    return bought.map((purchases, q) => {
      const best = new Map<number, { similarity: number; purchase: HistoryEntry }>()
      for (const purchase of purchases) {
        for (const [neighbour, similarity] of neighbours.get(purchase.product) ?? []) {
          const former = best.get(neighbour)
          if (!former || similarity > former.similarity) best.set(neighbour, { similarity, purchase })
        }
      }
      for (const { product } of queries[q].excluded) best.delete(product)
      return best
    })
  }

  function causes(
    { history, parts }: BlendQuery,
    alike: Resembling,
    { source, weight, contribution }: SourceScore,
    product: number,
  ): Cause[] {
    if (!contribution) return []
    if (source === 'content') return [resemblance(model, product, alike.get(product)!.purchase, contribution)]
    const terms = parts().collaborative.map(
      (part) => weight * innerProduct(part, model.itemFactors.data, product),
    )
    return apportion(contribution, terms).map((amount, i) => ({
      kind: 'TASTE',
      amount,
      purchase: history[i],
    }))
  }

  function unite(query: BlendQuery, liked: Candidates, alike: Resembling): Ranking {
    const sources = (product: number) => [
      score('collaborative', liked.get(product), weights.collaborative),
      score('content', alike.get(product)?.similarity, weights.content),
    ]
    const united = [...new Set([...liked.keys(), ...alike.keys()])].map((product) => ({
      product,
      hybrid: hybridOf(sources(product)),
    }))
    united.sort((a, b) => b.hybrid - a.hybrid || a.product - b.product)
    return {
      products: united.slice(0, query.limit).map(({ product }) => product),
      sources,
      causes: (product) => sources(product).flatMap((part) => causes(query, alike, part, product)),
    }
  }

  return {
    rank: (all, eligible, work) =>
      inGroups(all, work, async (queries) => {
        const liked = await collaborativeByLeast(queries, eligible, work)
        const alike = await content(queries, eligible, work)
        return queries.map((query, q) => work.time(() => unite(query, liked[q], alike[q])))
      }),
    close: () => index.close(),
  }
}

function score(source: SourceName, value: number | undefined, weight: number): SourceScore {
  return value === undefined ? unscored(source) : scored(source, value, weight)
}

/** Row `row` of a top-K result. */
function candidates(
  indices: Uint32Array,
  scores: ArrayLike<number>,
  counts: Uint32Array,
  row: number,
): Candidates {
  const begin = row * CANDIDATES
  return new Map(
    Array.from({ length: counts[row] }, (_, place) => [indices[begin + place], scores[begin + place]]),
  )
}
