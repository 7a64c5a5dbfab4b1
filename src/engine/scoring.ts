/**
 * All sources of a model together. A product's score for a customer is
 *
 *   hybrid(u, j) = Σₛ wₛ cₛ(vₛ(u, j)),   wₛ ≥ 0, vₛ and cₛ the value and the calibration of source s (sources/)
 *
 * A source that can say nothing of a product adds 0. The dense sources are one inner product of longer vectors, side by
 * side; the others add up to one number a product.
 */
import type { Kernels, RowSource } from '../kernels/kernels.ts'
import type { Pieces } from '../kernels/pieces.ts'
import type { Work } from '../kernels/work.ts'
import type { LearnedSource, SourceWeights } from '../model/blend-weights.ts'
import type { ModelIndexes } from './model-indexes.ts'
import { scored, unscored } from './ranking.ts'
import type { Cause } from './reason.ts'
import type { SourceScore } from './recommendation.ts'
import { openSources } from './sources/registry.ts'
import type { ContributedScore, Customer, CustomerScores, Source } from './sources/source.ts'

/** What each source says to one customer, in the order of the sources. */
export type AllScores = readonly CustomerScores[]

export interface Scoring {
  /** In the order in which a score's parts are listed. */
  readonly names: readonly LearnedSource[]
  /** The dense sources' vectors side by side, and the columns of each. */
  readonly vectors: RowSource
  readonly parts: readonly number[]
  /** So often `writeAdditions` rounds a sum to single precision, at most. */
  readonly roundings: number
  /** Asks every source, one after the other: of a long history each takes some ms. */
  ask(customer: Omit<Customer, 'ascending'>, work: Work): Promise<AllScores>
  /** The same, for the search among products that too few bought for some sources to speak of them. */
  withoutFew(scores: AllScores): AllScores
  /** The customer's vector for `vectors`. */
  query(scores: AllScores, weights: SourceWeights): Float64Array
  /** By how much what `writeAdditions` adds may lie below 0, at most; 0 or more. */
  depth(scores: AllScores, weights: SourceWeights): number
  /** Writes per product what is added to the inner product, in single precision. */
  writeAdditions(scores: AllScores, weights: SourceWeights, sums: Float32Array): void
  /** A product's score: to the last bit what its parts sum to. */
  score(scores: AllScores, weights: SourceWeights, product: number): number
  /** Every source's part of a product's score. */
  partsOf(scores: AllScores, weights: SourceWeights, product: number): SourceScore[]
  /** Whether anything speaks for or against a product. Nothing does where its score is 0 without any part of it. */
  hasEvidence(scores: AllScores, weights: SourceWeights, product: number): boolean
  /** What the parts come from. */
  causesOf(scores: AllScores, parts: readonly SourceScore[], product: number): Cause[]
  /** The calibrated value of each, 0 where it can say nothing. */
  calibrated(scores: AllScores, product: number): number[]
  /** What each source alone would put first. */
  openProposals(): Proposals
}

/** What each source alone would put first. */
export interface Proposals {
  /** Per customer, by source; at most `limit` products, best first. */
  of(
    customers: readonly AllScores[],
    limit: number,
  ): Promise<Readonly<Record<LearnedSource, readonly number[]>>[]>
  close(): void
}

/** Opens all sources of a model. */
export function* openScoring(indexes: ModelIndexes): Pieces<Scoring> {
  const sources = yield* openSources(indexes)
  const names = sources.map(({ name }) => name)
  const rows = indexes.model.products.size
  const parts = sources.flatMap(({ vectors }) => vectors?.columns ?? [])
  const dense = sources.flatMap((source) => source.vectors ?? [])
  // The same object where the sources' vectors are: what is opened over it can be taken over.
  const vectors = yield* indexes.parts.open('vectors side by side', dense, function* () {
    yield
    return sideBySide(dense, rows)
  })
  const { columns } = vectors

  function query(scores: AllScores, weights: SourceWeights): Float64Array {
    const whole = new Float64Array(columns)
    let at = 0
    sources.forEach(({ name, vectors: own }, s) => {
      if (!own) return
      const { vector } = scores[s]
      if (vector) for (let d = 0; d < own.columns; d++) whole[at + d] = weights[name] * vector[d]
      at += own.columns
    })
    return whole
  }

  function writeAdditions(scores: AllScores, weights: SourceWeights, sums: Float32Array): void {
    const shared = scores.findIndex(({ sameForAll }) => sameForAll)
    if (shared < 0 || weights[names[shared]] === 0) sums.fill(0)
    else sums.set(scores[shared].sameForAll!(weights[names[shared]]))
    scores.forEach(({ addTo, sameForAll }, s) => {
      const weight = weights[names[s]]
      if (weight === 0 || s === shared) return
      if (sameForAll) sameForAll(weight).forEach((added, product) => (sums[product] += added))
      addTo?.(sums, weight)
    })
  }

  return {
    names,
    vectors,
    parts,
    roundings: sources.reduce((sum, { roundings }) => sum + roundings, 0),
    async ask(query_, work) {
      const customer: Customer = {
        ...query_,
        ascending: query_.history.toSorted((a, b) => a.product - b.product),
      }
      const scores: CustomerScores[] = []
      for (const source of sources) {
        const turn = work.pause()
        if (turn) await turn
        scores.push(work.time(() => source.scores(customer)))
      }
      return scores
    },
    withoutFew: (scores) => scores.map((own, s) => (sources[s].needsBuyers ? { ...own, vector: null } : own)),
    query,
    depth: (scores, weights) => scores.reduce((sum, { least = 0 }, s) => sum - weights[names[s]] * least, 0),
    writeAdditions,
    score(scores, weights, product) {
      let sum = 0
      for (let s = 0; s < names.length; s++) {
        const weight = weights[names[s]]
        if (weight > 0) sum += weight * scores[s].calibrated(product)
      }
      return sum
    },
    partsOf: (scores, weights, product) =>
      scores.map((own, s) => {
        const value = own.value(product)
        return value === null
          ? unscored(names[s])
          : scored(names[s], value, weights[names[s]], own.calibrated(product))
      }),
    hasEvidence: (scores, weights, product) =>
      scores.some((own, s) => weights[names[s]] > 0 && own.calibrated(product) !== 0),
    causesOf: (scores, ofProduct, product) =>
      ofProduct.flatMap((score, s) =>
        score.contribution ? scores[s].causes(product, score as ContributedScore) : [],
      ),
    calibrated: (scores, product) => scores.map((own) => own.calibrated(product)),
    openProposals: () => openProposals(indexes.kernels, sources, { vectors, names, query, writeAdditions }),
  }
}

/** The dense sources are searched, the others say so themselves. */
function openProposals(
  kernels: Kernels,
  sources: readonly Source[],
  { vectors, names, query, writeAdditions }: Pick<Scoring, 'vectors' | 'names' | 'query' | 'writeAdditions'>,
): Proposals {
  const dense = sources.filter(({ vectors: own }) => own).map(({ name }) => name)
  const nothing = Object.fromEntries(names.map((name) => [name, 0])) as Record<LearnedSource, number>
  const alone = dense.map((name): SourceWeights => ({ ...nothing, [name]: 1 }))
  const index = kernels.openVectors(vectors)
  return {
    async of(customers, limit) {
      const { columns } = vectors
      const queries = new Float32Array(customers.length * alone.length * columns)
      customers.forEach((scores, c) =>
        alone.forEach((weights, a) => queries.set(query(scores, weights), (c * alone.length + a) * columns)),
      )
      const { indices, counts } = await index.topK({
        queries,
        k: limit,
        additions: (q, sums) =>
          writeAdditions(customers[Math.floor(q / alone.length)], alone[q % alone.length], sums),
      })
      return customers.map((scores, c) => {
        const found = (name: LearnedSource) => {
          const row = c * alone.length + dense.indexOf(name)
          return Array.from(indices.subarray(row * limit, row * limit + counts[row]))
        }
        const proposed: [LearnedSource, readonly number[]][] = names.map((name, s) => [
          name,
          scores[s].best?.(limit) ?? found(name),
        ])
        return Object.fromEntries(proposed) as Record<LearnedSource, readonly number[]>
      })
    },
    close: () => index.close(),
  }
}

/** Each product's vectors, one after the other. */
function sideBySide(all: readonly RowSource[], rows: number): RowSource {
  const columns = all.reduce((sum, own) => sum + own.columns, 0)
  return {
    rows,
    columns,
    read(first, count, into) {
      let begin = 0
      for (const own of all) {
        const part = new Float32Array(count * own.columns)
        own.read(first, count, part)
        for (let row = 0, from = 0, to = begin; row < count; row++, to += columns - own.columns)
          for (let d = 0; d < own.columns; d++) into[to++] = part[from++]
        begin += own.columns
      }
    },
  }
}
