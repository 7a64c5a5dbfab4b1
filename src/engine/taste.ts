import { leastCounted, observed } from '../data/confidence.ts'
import { greatestSize, lengthOf } from '../kernels/euclidean.ts'
import type { FoldIn } from '../kernels/kernels.ts'
import type { RowLabels } from '../kernels/row-labels.ts'
import type { LearnedSource } from '../model/blend-weights.ts'
import { INTEREST_SOURCES, LEARNED_SOURCES, PRIOR_WEIGHTS } from '../model/blend-weights.ts'
import type { ItemSide } from '../model/model.ts'
import type { Coverage } from './coverage.ts'
import { rowsOf } from './history.ts'
import type { LabelWeights } from './label-weights.ts'
import { NO_WEIGHTS, scaledWeights } from './label-weights.ts'
import type { HistoryEntry } from './history-entry.ts'
import type { FadedInterest } from './interest.ts'
import type { Strategy } from './recommendation.ts'

/** What a history says of a customer, in the terms of each source. */
export interface Taste {
  /** xᵤ, f factors. Null: the source is not asked, or knows no product of the history. */
  readonly factors: Float32Array | null
  /** p = Σ rᵢfᵢ at unit length, the direction of what was bought. Null likewise. */
  readonly profile: Float64Array | null
  /** The profile's part in labels that are no features of their own. */
  readonly labels: LabelWeights
}

/** A taste in its parts: a vector a purchase, parallel to the history. They sum to the taste's own, but for rounding. */
export interface TasteParts {
  /** tᵢA⁻¹yᵢ of the factors. */
  readonly collaborative: readonly ArrayLike<number>[]
  /** rᵢfᵢ/‖Σ rᵢfᵢ‖ of the profile. */
  readonly content: readonly ArrayLike<number>[]
  /** Likewise, of its labels. */
  readonly labels: readonly LabelWeights[]
}

/** Sources that rank nothing by a history, but by these tastes or without one. */
const NOT_OF_HISTORIES: ReadonlySet<LearnedSource> = new Set([
  'collaborative',
  'content',
  ...INTEREST_SOURCES,
])

/** Of whom no source is asked. */
export const NO_TASTE: Taste = { factors: null, profile: null, labels: NO_WEIGHTS }

/**
 * The tastes of a batch of customers, by one fold-in.
 * @param shared  of each history the purchases that the factors are asked about (buyers.ts); left out: all
 */
export function tastesOf(
  model: ItemSide,
  foldIn: FoldIn,
  coverage: Coverage,
  histories: readonly (readonly HistoryEntry[])[],
  shared: readonly (readonly HistoryEntry[])[] = histories,
): Taste[] {
  const { factors } = model.summary.configuration
  const solved = foldIn.solve(countedRows(model, shared))
  return histories.map((history, i) => {
    const speaks = (source: keyof Coverage) =>
      isAsked(model, source) &&
      (source === 'collaborative' ? shared[i] : history).some(
        ({ product }) => coverage[source][product] === 1,
      )
    return {
      factors: speaks('collaborative') ? solved.subarray(i * factors, (i + 1) * factors) : null,
      ...(speaks('content') ? profileOf(model, history) : { profile: null, labels: NO_WEIGHTS }),
    }
  })
}

/** A history's taste in its parts, worked out when first asked for, and kept. @param shared  as of `tastesOf` */
export function tastePartsOf(
  model: ItemSide,
  foldIn: FoldIn,
  history: readonly HistoryEntry[],
  shared: readonly HistoryEntry[] = history,
): () => TasteParts {
  let parts: TasteParts | undefined
  return () =>
    (parts ??= {
      collaborative: factorParts(model, foldIn, history, shared),
      ...profileParts(model, history),
    })
}

/**
 * How a customer of this taste is recommended to under the model's blend.
 * @param interest  what the customer is interested in without having bought it
 */
export function strategyOf(
  { summary }: ItemSide,
  { factors, profile }: Taste,
  interest: readonly FadedInterest[] = [],
): Strategy {
  if (summary.configuration.blend === 'learned')
    return factors || profile || isHeeded(summary, interest) ? 'HYBRID' : 'POPULARITY'
  if (factors && profile) return 'HYBRID'
  return factors ? 'COLLABORATIVE' : profile ? 'CONTENT' : 'POPULARITY'
}

/** Whether interest counts for any list. */
function isHeeded({ blendWeights = PRIOR_WEIGHTS }: ItemSide['summary'], interest: readonly FadedInterest[]) {
  const { discovery, basket, nextOrder } = blendWeights
  return interest.some(({ kind }) =>
    [discovery, basket, nextOrder].some((weights) => weights[kind === 'VIEW' ? 'viewed' : 'cart'] > 0),
  )
}

/**
 * Whether a source's taste can make a list. The default blend leaves one out only where its weight is 0 and no source of
 * another kind counts: then it knows nothing that could rank products.
 */
function isAsked({ summary }: ItemSide, source: keyof Coverage): boolean {
  const { blend, weights } = summary.configuration
  if (blend === 'notebook') return weights[source] > 0
  const { discovery, basket, nextOrder } = summary.blendWeights ?? PRIOR_WEIGHTS
  const counts = (one: LearnedSource) => [discovery, basket, nextOrder].some((its) => its[one] > 0)
  return counts(source) || LEARNED_SOURCES.some((one) => !NOT_OF_HISTORIES.has(one) && counts(one))
}

function profileOf(model: ItemSide, history: readonly HistoryEntry[]): Pick<Taste, 'profile' | 'labels'> {
  const { sum, labels, length } = summedFeatures(model, history)
  return {
    profile: length > 0 ? sum.map((value) => value / length) : sum,
    labels: scaledWeights(labels, 1 / (length || 1)),
  }
}

/** Between these, products and sums of a hundred quantities lose nothing to the range of double precision. */
const [LEAST_QUANTITY, GREATEST_QUANTITY] = [1e-100, 1e100]

/** The rᵢ in proportion: their own but where the greatest is out of any range that sums are taken in, then at most 1. */
function proportionsOf({ summary }: ItemSide, history: readonly HistoryEntry[]): number[] {
  const { observation } = summary.configuration
  const sizes = history.map(({ quantity, orders = 1 }) => observed(observation, quantity, orders))
  const greatest = greatestSize(sizes)
  const isOrdinary = greatest >= LEAST_QUANTITY && greatest <= GREATEST_QUANTITY
  return isOrdinary ? sizes : sizes.map((size) => size / greatest)
}

/** Histories as a fold-in takes them. */
function countedRows({ products, summary }: ItemSide, histories: readonly (readonly HistoryEntry[])[]) {
  const { observation, confidence, alpha } = summary.configuration
  const least = leastCounted(confidence, alpha)
  return rowsOf(histories, products.size, (units, orders) =>
    Math.max(least, observed(observation, units, orders)),
  )
}

function factorParts(
  model: ItemSide,
  foldIn: FoldIn,
  history: readonly HistoryEntry[],
  shared: readonly HistoryEntry[],
): Float32Array[] {
  const { columns } = model.itemFactors
  const row = countedRows(model, [shared])
  const parts = foldIn.contributions(row)
  return history.map(({ product }) => {
    const place = row.indices.indexOf(product)
    if (place < 0) return new Float32Array(columns)
    return parts.subarray(place * columns, (place + 1) * columns)
  })
}

/** Σ rᵢfᵢ and its length, the rᵢ in proportion. */
function summedFeatures(model: ItemSide, history: readonly HistoryEntry[]) {
  const { columns, data, labels } = model.content
  const quantities = proportionsOf(model, history)
  const sum = new Float64Array(columns)
  history.forEach(({ product }, i) => {
    for (let d = 0; d < columns; d++) sum[d] += quantities[i] * data[product * columns + d]
  })
  if (!labels) return { quantities, sum, labels: NO_WEIGHTS, length: lengthOf(sum) }
  const ofLabels = summed(history.map(({ product }, i) => labelsOf(labels, product, quantities[i])))
  const length = lengthOf([...sum, ...ofLabels.flatMap((column) => [...column.values()])])
  return { quantities, sum, labels: ofLabels, length }
}

function profileParts(
  model: ItemSide,
  history: readonly HistoryEntry[],
): Pick<TasteParts, 'content' | 'labels'> {
  const { columns, data, labels } = model.content
  const { quantities, length: whole } = summedFeatures(model, history)
  const length = whole || 1
  return {
    content: history.map(({ product }, i) =>
      data
        .subarray(product * columns, (product + 1) * columns)
        .map((value) => (quantities[i] * value) / length),
    ),
    labels: history.map(({ product }, i) =>
      labels ? labelsOf(labels, product, quantities[i] / length) : NO_WEIGHTS,
    ),
  }
}

/** A product's labels, each as heavy as the quantity makes it. */
function labelsOf({ sizes, columns }: RowLabels, product: number, quantity: number): LabelWeights {
  return columns.map(
    (codes) => new Map(codes[product] < 0 ? [] : [[codes[product], quantity * sizes[product]]]),
  )
}

function summed(parts: readonly LabelWeights[]): LabelWeights {
  return (parts[0] ?? []).map((_, c) => {
    const sums = new Map<number, number>()
    for (const part of parts)
      for (const [label, weight] of part[c]) sums.set(label, weight + (sums.get(label) ?? 0))
    return sums
  })
}
