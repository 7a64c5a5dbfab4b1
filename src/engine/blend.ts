/**
 * The default blend: the sources' scores (scoring.ts), weighed by what predicted held-out purchases best
 * (fit-weights.ts).
 *
 * The ranking is exact over the whole catalogue. The dense sources are one inner product, D(j) = x·y_j; the others add
 * P(j), a number a product. The search ranks by S(j) ≈ D(j) + P(j) in single precision, whereas
 * scores are settled in double: it widens until the bound on what lies between the two (`slackOf`) proves that nothing
 * unseen can belong among the N best.
 *
 * What has evidence, of whichever sign, stands above what has none: a product of which no source says anything has a
 * score of 0, and comes after those below 0. A search that reaches down to 0 is settled by ranking everything.
 */
import { lengthOf } from '../kernels/euclidean.ts'
import type { RowSource } from '../kernels/kernels.ts'
import type { Pieces } from '../kernels/pieces.ts'
import { eachPiece } from '../kernels/rows.ts'
import type { Work } from '../kernels/work.ts'
import { DAY } from '../data/ranges.ts'
import type { BlendWeights, SourceWeights } from '../model/blend-weights.ts'
import { PRIOR_WEIGHTS } from '../model/blend-weights.ts'
import { ANYBODY } from './buyers.ts'
import { productsOf, productSetOf } from './history.ts'
import type { HistoryEntry } from './history-entry.ts'
import type { ModelIndexes } from './model-indexes.ts'
import type { ProductSet } from './product-set.ts'
import { countOf, isIn } from './product-set.ts'
import type { Blend, BlendQuery, Ranking } from './ranking.ts'
import type { SourceScore } from './recommendation.ts'
import type { AllScores, Scoring } from './scoring.ts'
import { openScoring } from './scoring.ts'
import { bestOf, inOrderInPieces } from './top-products.ts'

/** So many more than asked for are looked at first: as a rule enough to prove the ranking. */
const SPARE = 8

/** Products that are scored in one piece, where all are. */
const PIECE = 1024

/** What P may take in memory at once, of the queries that are searched together: 256 MiB. */
const MOST_ADDITIONS = 2 ** 26

/** A query in the terms of the sources. */
interface Asked extends BlendQuery {
  readonly scores: AllScores
  readonly weights: SourceWeights
  /** For D. */
  readonly vector: Float64Array
  /** P is at least −depth. */
  readonly depth: number
}

/** The best of S for one query. */
interface Found {
  readonly products: Uint32Array
  /** What the score of no other product exceeds; −∞ where there is no other. */
  readonly unseen: number
  /** Whether it reaches down to 0, where what has no evidence at all would stand by its score. */
  readonly isUpToZero: boolean
}

export function* learnedBlend(indexes: ModelIndexes): Pieces<Blend> {
  const { model, kernels, buyers } = indexes
  const blendWeights = model.summary.blendWeights ?? PRIOR_WEIGHTS
  const scoring = yield* openScoring(indexes)
  const { vectors } = scoring
  const { rows, columns } = vectors
  const index = yield* indexes.parts.open('index of vectors', [vectors], () =>
    kernels.openVectorsInPieces(vectors, scoring.parts),
  )
  const longest = yield* indexes.parts.open('longest vector', [vectors], () => longestRow(vectors))

  async function ask(query: BlendQuery, work: Work): Promise<Asked> {
    const weights = weightsFor(query, blendWeights)
    const scores = await scoring.ask(query, work)
    return {
      ...query,
      scores,
      weights,
      vector: scoring.query(scores, weights),
      depth: scoring.depth(scores, weights),
    }
  }

  async function search(
    asked: readonly Asked[],
    k: number,
    eligible: ProductSet | null,
    work: Work,
  ): Promise<Found[]> {
    const queries = new Float32Array(asked.length * columns)
    asked.forEach(({ vector }, q) => queries.set(vector, q * columns))
    const { indices, scores, counts } = await work.searched(() =>
      index.topK({
        queries,
        k,
        excluded: productsOf(asked.map(({ excluded }) => excluded)),
        additions: (q, sums) => scoring.writeAdditions(asked[q].scores, asked[q].weights, sums),
        ...(eligible && { eligible: eligible.bits }),
      }),
    )
    return asked.map(({ vector, depth }, q) => {
      const last = scores[q * k + k - 1]
      const length = lengthOf(vector) * longest
      return {
        products: indices.subarray(q * k, q * k + counts[q]),
        unseen: counts[q] < k ? -Infinity : last + slackOf(last, length, depth, columns, scoring.roundings),
        isUpToZero: counts[q] === k && last <= 0,
      }
    })
  }

  /**
   * As `search`. Of what fewer customers bought than a query asks for, the collaborative source says nothing to it: these
   * products are searched for by themselves, and both together are the best of all.
   */
  async function find(
    asked: readonly Asked[],
    k: number,
    eligible: ProductSet | null,
    work: Work,
  ): Promise<Found[]> {
    const found = new Map<Asked, Found>()
    for (const [least, group] of Map.groupBy(asked, ({ leastCustomers }) => leastCustomers)) {
      const rare = least > ANYBODY ? buyers.boughtByFewer(least, eligible) : null
      if (!rare || rare.count === 0) {
        const all = await search(group, k, eligible, work)
        group.forEach((one, i) => found.set(one, all[i]))
        continue
      }
      const many = await search(group, k, buyers.boughtBy(least, eligible), work)
      const few = await search(group.map(askRare), k, rare, work)
      group.forEach((one, i) =>
        found.set(one, {
          products: Uint32Array.from([...many[i].products, ...few[i].products]),
          unseen: Math.max(many[i].unseen, few[i].unseen),
          isUpToZero: many[i].isUpToZero || few[i].isUpToZero,
        }),
      )
    }
    return asked.map((one) => found.get(one)!)
  }

  function askRare(asked: Asked): Asked {
    const scores = scoring.withoutFew(asked.scores)
    return { ...asked, scores, vector: scoring.query(scores, asked.weights) }
  }

  async function rankTogether(
    asked: readonly Asked[],
    eligible: ProductSet | null,
    work: Work,
  ): Promise<Ranking[]> {
    const rankings = new Map<Asked, Ranking>()
    const available = countOf(eligible, rows)
    for (const one of asked)
      if (one.limit >= available) rankings.set(one, await rankWhole(scoring, one, rows, eligible, work))
    let open = asked.filter((one) => !rankings.has(one))
    for (let k = SPARE + Math.max(...open.map(({ limit }) => limit)); open.length > 0; k *= 4) {
      const turn = work.pause()
      if (turn) await turn
      const found = await find(open, Math.min(k, rows + 1), eligible, work)
      for (const [q, one] of open.entries()) {
        const ranking = await settle(scoring, one, found[q], work)
        if (ranking) rankings.set(one, ranking)
        else if (found[q].isUpToZero) rankings.set(one, await rankWhole(scoring, one, rows, eligible, work))
      }
      open = open.filter((one) => !rankings.has(one))
    }
    return asked.map((one) => rankings.get(one)!)
  }

  return {
    async rank(queries, eligible, work) {
      const most = Math.min(work.together, Math.max(1, Math.floor(MOST_ADDITIONS / rows)))
      const rankings: Ranking[] = []
      for (let from = 0; from < queries.length; from += most) {
        const asked: Asked[] = []
        for (const query of queries.slice(from, from + most)) asked.push(await ask(query, work))
        rankings.push(...(await rankTogether(asked, eligible, work)))
      }
      return rankings
    },
    async placeOf(query, eligible, product, work) {
      const excluded = new Uint8Array(rows)
      for (const entry of query.excluded) excluded[entry.product] = 1
      if (excluded[product] === 1 || !isIn(eligible, product)) return null
      const asked = await ask(query, work)
      const { scores, weights, vector, depth } = asked
      const score = scoring.score(scores, weights, product)
      const added = new Float32Array(rows)
      work.time(() => scoring.writeAdditions(scores, weights, added))
      const length = lengthOf(vector) * longest
      const { vector: ofRare } = askRare(asked)
      const isBlank = (other: number, its: number) =>
        its === 0 && !scoring.hasEvidence(scores, weights, other)
      const isLast = isBlank(product, score)
      const piece = new Float32Array(PIECE * columns)
      const isAhead = (other: number, begin: number) => {
        const isRare = query.leastCustomers > ANYBODY && buyers.counts[other] < query.leastCustomers
        const near = scoreOf(isRare ? ofRare : vector, piece, other - begin) + added[other]
        const slack = slackOf(Math.max(near, score), length, depth, columns, scoring.roundings)
        // What has evidence stands above what has none; near 0 it has to be known which it is.
        if (Math.abs(near) > slack && Math.abs(near - score) > slack) return isLast || near > score
        const exact = scoring.score(scores, weights, other)
        const isOtherLast = isBlank(other, exact)
        if (isLast !== isOtherLast) return isLast
        return exact > score || (exact === score && other < product)
      }
      let ahead = 0
      for (let begin = 0; begin < rows; begin += PIECE) {
        const turn = work.pause()
        if (turn) await turn
        work.time(() => {
          const end = Math.min(rows, begin + PIECE)
          vectors.read(begin, end - begin, piece)
          for (let other = begin; other < end; other++)
            if (excluded[other] === 0 && other !== product && isIn(eligible, other) && isAhead(other, begin))
              ahead++
        })
      }
      return { rank: ahead + 1, score }
    },
    close: () => index.close(),
  }
}

/** The weights for a query's kind of list. It depends on the history and the moment alone, whoever's they are. */
function weightsFor(
  { history, at, includePurchased }: BlendQuery,
  { discovery, basket, nextOrder }: BlendWeights,
): SourceWeights {
  if (includePurchased) return nextOrder
  return history.some((entry) => isOfTheDay(entry, at)) ? basket : discovery
}

/** Whether something was bought within a day of a moment, or may have been. */
function isOfTheDay({ purchasedAt }: HistoryEntry, at: number): boolean {
  return purchasedAt === null || !(at - purchasedAt >= DAY)
}

/** D of a product. */
function scoreOf(query: Float64Array, vectors: Float32Array, product: number): number {
  let sum = 0
  for (let d = 0, at = product * query.length; d < query.length; d++) sum += query[d] * vectors[at + d]
  return sum
}

/**
 * By how much the score of a product may exceed S, where S is at most `last`. With u = 2⁻²⁴, d columns and L = ‖x‖·‖y‖:
 *
 *   D, the query rounded and d products and their sum: (d + 1)·u·L
 *   P, rounded once by each that adds to it: additions·u·(P⁺ + P⁻), its parts above and below 0
 *   their sum: u·|S|
 *
 * to first order (Higham 2002, section 3.1). P⁻ is at most the depth, and P = P⁺ − P⁻ is S − D, at most last + L: so
 * P⁺ + P⁻ is at most last + L + 2·depth, and |S| at most L more, but for these roundings themselves. Doubled for what is
 * beyond first order and for the score's own rounding in double precision.
 * @param last  the least of S that was found
 * @param length  ‖x‖·‖y‖ of the longest y
 * @param depth  P⁻, at most
 * @param additions  how often a P is rounded at most
 */
function slackOf(last: number, length: number, depth: number, columns: number, additions: number): number {
  const added = Math.max(0, last + length + depth) + depth
  return 2 * 2 ** -24 * ((columns + 1) * length + additions * added + (added + length))
}

/** Found products that are scored in one piece: those of a long history take some µs each. */
const FOUND_PIECE = 256

/** The ranking of what was found; undefined where something unseen might belong to it. */
async function settle(
  scoring: Scoring,
  asked: Asked,
  { products, unseen }: Found,
  work: Work,
): Promise<Ranking | undefined> {
  const { scores, weights, limit } = asked
  const settled = new Map<number, number>()
  for (let begin = 0; begin < products.length; begin += FOUND_PIECE) {
    const turn = work.pause()
    if (turn) await turn
    work.time(() => {
      for (const product of products.subarray(begin, begin + FOUND_PIECE))
        settled.set(product, scoring.score(scores, weights, product))
    })
  }
  const turn = work.pause()
  if (turn) await turn
  if (unseen === -Infinity) {
    const ordered = work.time(() => bestOf([...settled], settled.size))
    const pause = work.pause()
    if (pause) await pause
    const all = work.time(() => evidentFirst(scoring, asked, ordered, (product) => settled.get(product)!))
    return rankingOf(scoring, asked, all.slice(0, limit), (product) => settled.get(product))
  }
  const best = work.time(() => bestOf([...settled], limit))
  const last = best.at(-1)
  const isProved = best.length === limit && (last === undefined || settled.get(last)! > Math.max(0, unseen))
  return isProved ? rankingOf(scoring, asked, best, (product) => settled.get(product)) : undefined
}

/** Products by score, best first; products without evidence come last. */
function evidentFirst(
  scoring: Scoring,
  { scores, weights }: Asked,
  ordered: readonly number[],
  score: (product: number) => number,
): number[] {
  const blank: number[] = []
  const evident = ordered.filter((product) => {
    if (score(product) !== 0 || scoring.hasEvidence(scores, weights, product)) return true
    blank.push(product)
    return false
  })
  return [...evident, ...blank]
}

/** Of a list of everything that is eligible, or that ends among what has no evidence, nothing need be found first. */
async function rankWhole(
  scoring: Scoring,
  asked: Asked,
  rows: number,
  eligible: ProductSet | null,
  work: Work,
): Promise<Ranking> {
  const { scores, weights } = asked
  const excluded = productSetOf(asked.excluded)
  const products: number[] = []
  const settled: number[] = []
  /** NaN where it was not asked for. */
  const scoreOfProduct = new Float64Array(rows).fill(NaN)
  for (let begin = 0; begin < rows; begin += PIECE) {
    const turn = work.pause()
    if (turn) await turn
    work.time(() => {
      const end = Math.min(rows, begin + PIECE)
      for (let product = begin; product < end; product++) {
        if (excluded.has(product) || !isIn(eligible, product)) continue
        products.push(product)
        scoreOfProduct[product] = scoring.score(scores, weights, product)
        settled.push(scoreOfProduct[product])
      }
    })
  }
  const ordered = await inOrderInPieces(products, settled, work)
  const pause = work.pause()
  if (pause) await pause
  const all = work.time(() => evidentFirst(scoring, asked, ordered, (product) => scoreOfProduct[product]))
  return rankingOf(scoring, asked, all.slice(0, asked.limit), (product) => scoreOfProduct[product])
}

/** @param known  scores that are at hand; NaN or undefined for others */
function rankingOf(
  scoring: Scoring,
  asked: Asked,
  products: readonly number[],
  known: (product: number) => number | undefined,
): Ranking {
  const { scores, weights } = asked
  const kept = new Map<number, SourceScore[]>()
  function parts(product: number): SourceScore[] {
    const former = kept.get(product)
    if (former) return former
    const found = scoring.partsOf(scores, weights, product)
    kept.set(product, found)
    return found
  }
  function score(product: number): number {
    const its = known(product)
    return its === undefined || Number.isNaN(its) ? scoring.score(scores, weights, product) : its
  }
  return {
    products,
    // Without evidence nothing is added up; evidence may add up to 0.
    isBlank: (product) => score(product) === 0 && !scoring.hasEvidence(scores, weights, product),
    sources: parts,
    score,
    causes: (product) => scoring.causesOf(scores, parts(product), product),
  }
}

/** The greatest Euclidean length of a row. */
function* longestRow(vectors: RowSource): Pieces<number> {
  const { columns } = vectors
  let longest = 0
  for (const { piece } of eachPiece(vectors)) {
    for (let at = 0; at < piece.length; at += columns)
      longest = Math.max(longest, lengthOf(piece, at, at + columns))
    yield
  }
  return longest
}
