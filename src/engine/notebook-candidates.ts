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
import type { CosineIndex, Kernels } from '../kernels/kernels.ts'
import type { Model } from '../model/model.ts'
import type { Blend, BlendQuery, Ranking } from './blend.ts'
import { hybridOf, silent, spoken } from './blend.ts'
import type { Coverage } from './coverage.ts'
import { bitset } from './coverage.ts'
import { rowsOf } from './history.ts'
import type { Source, SourceScore } from './recommendation.ts'

/** Per customer of the collaborative source, and per product bought of the content source. */
const CANDIDATES = 100

/** One source's candidates for one customer, with their scores. */
type Candidates = ReadonlyMap<number, number>

/** @param cosine  of the model's content features */
export function notebookCandidates(
  model: Model,
  kernels: Kernels,
  coverage: Coverage,
  cosine: CosineIndex,
): Blend {
  const { weights } = model.summary.configuration
  const { rows, columns } = model.itemFactors
  const index = kernels.openVectors(model.itemFactors)
  const eligible = { collaborative: bitset(coverage.collaborative), content: bitset(coverage.content) }

  async function collaborative(queries: readonly BlendQuery[]): Promise<Candidates[]> {
    const factors = new Float32Array(queries.length * columns)
    queries.forEach(({ taste }, q) => taste.factors && factors.set(taste.factors, q * columns))
    const excluded = rowsOf(
      queries.map((query) => query.excluded),
      rows,
    )
    const found = await index.topK({
      queries: factors,
      k: CANDIDATES,
      excluded,
      eligible: eligible.collaborative,
    })
    return queries.map(({ taste }, q) =>
      taste.factors ? candidates(found.indices, found.scores, found.counts, q) : new Map(),
    )
  }

  async function content(queries: readonly BlendQuery[]): Promise<Candidates[]> {
    const bought = queries.map(({ taste, history }) =>
      taste.profile ? history.map(({ product }) => product) : [],
    )
    const items = [...new Set(bought.flat())].filter((product) => coverage.content[product])
    const found = await cosine.topK({
      items: Uint32Array.from(items),
      k: CANDIDATES,
      eligible: eligible.content,
    })
    const neighbours = new Map(
      items.map((item, i) => [item, candidates(found.indices, found.similarities, found.counts, i)]),
    )
    return bought.map((products, q) => {
      const best = new Map<number, number>()
      for (const product of products) {
        for (const [neighbour, similarity] of neighbours.get(product) ?? [])
          best.set(neighbour, Math.max(similarity, best.get(neighbour) ?? -1))
      }
      for (const { product } of queries[q].excluded) best.delete(product)
      return best
    })
  }

  function unite(liked: Candidates, alike: Candidates, limit: number): Ranking {
    const sources = (product: number) => [
      part('collaborative', liked.get(product), weights.collaborative),
      part('content', alike.get(product), weights.content),
    ]
    const scored = [...new Set([...liked.keys(), ...alike.keys()])].map((product) => ({
      product,
      hybrid: hybridOf(sources(product)),
    }))
    scored.sort((a, b) => b.hybrid - a.hybrid || a.product - b.product)
    return { products: scored.slice(0, limit).map(({ product }) => product), sources }
  }

  return {
    async rank(queries) {
      const liked = await collaborative(queries)
      const alike = await content(queries)
      return queries.map(({ limit }, q) => unite(liked[q], alike[q], limit))
    },
    close: () => index.close(),
  }
}

function part(source: Source, score: number | undefined, weight: number): SourceScore {
  return score === undefined ? silent(source) : spoken(source, score, weight)
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
