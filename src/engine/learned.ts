/**
 * The default blend: eight sources, weighed by what foresaw the last orders of repeat customers best
 * (fit-weights.ts).
 *
 *   hybrid(u, j) = Σₛ wₛ cₛ(vₛ(u, j)),   wₛ ≥ 0, cₛ a calibration (learned-sources.ts)
 *
 * The ranking is exact over the whole catalogue without scoring all of it by every source. The dense sources are one
 * inner product, D(j); the others add P(j) ≥ 0, next to nothing for all but the products they propose. So the N best are
 * among the products proposed and the best of D alone. D comes from the search in single precision, whereas scores are
 * settled in double: the search widens until its error bound proves that nothing unseen can belong among the N.
 */
import type { Kernels } from '../kernels/kernels.ts'
import type { SourceWeights } from '../model/blend-weights.ts'
import { PRIOR_WEIGHTS } from '../model/blend-weights.ts'
import type { Model } from '../model/model.ts'
import type { Blend, BlendQuery, Ranking } from './blend.ts'
import type { Coverage } from './coverage.ts'
import { bestOf, valueAt } from './heard.ts'
import { rowsOf } from './history.ts'
import { innerProduct } from './inner-product.ts'
import { learnedCauses } from './learned-causes.ts'
import type { Hearing, LearnedSources } from './learned-sources.ts'
import { learnedSources } from './learned-sources.ts'
import type { ProductSet } from './product-set.ts'
import { countOf, isIn } from './product-set.ts'

/** So many more than asked for are looked at first: as a rule enough to prove the ranking. */
const SPARE = 64

/** A query in the terms of the sources. */
interface Asked extends BlendQuery {
  readonly hearing: Hearing
  readonly weights: SourceWeights
  /** For D. */
  readonly vector: Float64Array
}

/** The best of D for one query. */
interface Found {
  readonly products: Uint32Array
  /** What the score of no product exceeds by more than what the sources add that propose it. */
  readonly greatest: number
  /** What the score of no other product exceeds, unless a source proposes it; −∞ where there is no other. */
  readonly unseen: number
}

/** @param coverage  of the same model */
export function learned(model: Model, kernels: Kernels, coverage: Coverage): Blend {
  const { discovery, nextOrder } = model.summary.blendWeights ?? PRIOR_WEIGHTS
  const sources = learnedSources(model, kernels, coverage)
  const { rows, columns, data } = sources.vectors
  const index = kernels.openVectors(sources.vectors)
  const longest = longestRow(data, columns)

  function ask(query: BlendQuery): Asked {
    const weights = query.includePurchased ? nextOrder : discovery
    const hearing = sources.hear(query)
    return { ...query, hearing, weights, vector: sources.query(hearing, weights) }
  }

  async function search(asked: readonly Asked[], k: number, eligible: ProductSet | null): Promise<Found[]> {
    const queries = new Float32Array(asked.length * columns)
    asked.forEach(({ vector }, q) => queries.set(vector, q * columns))
    const excluded = rowsOf(
      asked.map((one) => one.excluded),
      rows,
    )
    const found = await index.topK({ queries, k, excluded, ...(eligible && { eligible: eligible.bits }) })
    return asked.map(({ vector, hearing, weights }, q) => {
      const count = found.counts[q]
      // Of rounding the query and the d products, and of summing these: d + 2 roundings, and as many for safety.
      const error = 2 * (columns + 2) * 2 ** -24 * Math.sqrt(innerProduct(vector, vector, 0)) * longest
      // What D leaves open, and what the other sources may add to a product that they do not propose.
      const slack = error + sources.rest(hearing, weights)
      return {
        products: found.indices.subarray(q * k, q * k + count),
        greatest: count === 0 ? -Infinity : found.scores[q * k] + slack,
        unseen: count < k ? -Infinity : found.scores[q * k + k - 1] + slack,
      }
    })
  }

  return {
    async rank(queries, eligible) {
      const asked = queries.map(ask)
      const rankings = new Map<Asked, Ranking>()
      const available = countOf(eligible, rows)
      for (const one of asked)
        if (one.limit >= available) rankings.set(one, rankWhole(sources, one, rows, eligible))
      let open = asked.filter((one) => !rankings.has(one))
      for (let k = SPARE + Math.max(...queries.map(({ limit }) => limit)); open.length > 0; k *= 4) {
        const found = await search(open, Math.min(k, rows + 1), eligible)
        open.forEach((one, q) => {
          const ranking = settle(sources, one, found[q], eligible)
          if (ranking) rankings.set(one, ranking)
        })
        open = open.filter((one) => !rankings.has(one))
      }
      return asked.map((one) => rankings.get(one)!)
    },
    close: () => index.close(),
  }
}

/** The ranking of what was found and proposed; undefined where something unseen might belong to it. */
function settle(
  sources: LearnedSources,
  asked: Asked,
  found: Found,
  eligible: ProductSet | null,
): Ranking | undefined {
  const { hearing, weights, limit } = asked
  const best = bestOf(scoresOf(sources, asked, found, eligible), limit)
  const last = best.at(-1)
  const isProved =
    best.length === limit && (last === undefined || sources.score(hearing, weights, last) > found.unseen)
  return isProved || found.unseen === -Infinity ? rankingOf(sources, asked, best) : undefined
}

/** Of a list of everything that is eligible nothing need be found first. */
function rankWhole(
  sources: LearnedSources,
  asked: Asked,
  rows: number,
  eligible: ProductSet | null,
): Ranking {
  const { hearing, weights } = asked
  const excluded = new Set(asked.excluded.map(({ product }) => product))
  const scored: [number, number][] = []
  for (let product = 0; product < rows; product++)
    if (!excluded.has(product) && isIn(eligible, product))
      scored.push([product, sources.score(hearing, weights, product)])
  return rankingOf(sources, asked, bestOf(scored, rows))
}

function rankingOf(sources: LearnedSources, asked: Asked, products: readonly number[]): Ranking {
  const { hearing, weights } = asked
  const parts = (product: number) => sources.parts(hearing, weights, product)
  return {
    products,
    sources: parts,
    causes: (product) =>
      parts(product).flatMap((score) => learnedCauses(sources.dense, hearing, asked, score, product)),
  }
}

/**
 * The scores of what was found and of whatever else, of what is proposed, can be among the best: D of the others is too
 * small even if it were the greatest there is.
 */
function scoresOf(
  sources: LearnedSources,
  asked: Asked,
  { products, greatest }: Found,
  eligible: ProductSet | null,
): [number, number][] {
  const { hearing, weights, limit } = asked
  const proposed = sources.proposed(hearing, weights)
  if (eligible) for (const product of proposed.keys()) if (!isIn(eligible, product)) proposed.delete(product)
  for (const product of products) proposed.delete(product)
  for (const { product } of asked.excluded) proposed.delete(product)
  const score = (product: number): [number, number] => [product, sources.score(hearing, weights, product)]
  const promising = valueAt(Float64Array.from(proposed.values()), 2 * limit) ?? -Infinity
  const scored = Array.from(products, score)
  for (const [product, added] of proposed) {
    if (added < promising) continue
    proposed.delete(product)
    scored.push(score(product))
  }
  const values = Float64Array.from(scored, ([, value]) => value)
  const least = valueAt(values, limit - 1) ?? -Infinity
  for (const [product, added] of proposed) if (added + greatest >= least) scored.push(score(product))
  return scored
}

/** The greatest Euclidean length of a row. */
function longestRow(data: Float32Array, columns: number): number {
  let longest = 0
  for (let at = 0; at < data.length; at += columns) {
    let square = 0
    for (let d = 0; d < columns; d++) square += data[at + d] ** 2
    longest = Math.max(longest, square)
  }
  return Math.sqrt(longest)
}
