import { greatestSize, lengthOf, toUnitLength } from '../kernels/euclidean.ts'
import type { FoldIn } from '../kernels/kernels.ts'
import type { Model } from '../model/model.ts'
import type { Coverage } from './coverage.ts'
import { rowsOf } from './history.ts'
import type { HistoryEntry, Strategy } from './recommendation.ts'

/** What a history says of a customer, in the terms of each source. */
export interface Taste {
  /** xᵤ, f factors. Null: the source is not asked, or knows no product of the history. */
  readonly factors: Float32Array | null
  /** p = Σ rᵢfᵢ at unit length, the direction of what was bought. Null likewise. */
  readonly profile: Float64Array | null
}

/** A taste in its parts: a vector a purchase, parallel to the history. They sum to the taste's own, but for rounding. */
export interface TasteParts {
  /** tᵢA⁻¹yᵢ of the factors. */
  readonly collaborative: readonly ArrayLike<number>[]
  /** rᵢfᵢ/‖Σ rᵢfᵢ‖ of the profile. */
  readonly content: readonly ArrayLike<number>[]
}

/** Of whom no source is asked. */
export const NO_TASTE: Taste = { factors: null, profile: null }

/** The tastes of a batch of customers, by one fold-in. */
export function tastesOf(
  model: Model,
  foldIn: FoldIn,
  coverage: Coverage,
  histories: readonly (readonly HistoryEntry[])[],
): Taste[] {
  const { blend, weights, factors } = model.summary.configuration
  const solved = foldIn.solve(rowsOf(histories, model.products.size))
  return histories.map((history, i) => {
    const speaks = (source: keyof Coverage) =>
      (blend === 'learned' || weights[source] > 0) &&
      history.some(({ product }) => coverage[source][product] === 1)
    return {
      factors: speaks('collaborative') ? solved.subarray(i * factors, (i + 1) * factors) : null,
      profile: speaks('content') ? profileOf(model, history) : null,
    }
  })
}

/** A history's taste in its parts; worked out when first asked for, and kept. */
export function tastePartsOf(
  model: Model,
  foldIn: FoldIn,
  history: readonly HistoryEntry[],
): () => TasteParts {
  let parts: TasteParts | undefined
  return () =>
    (parts ??= {
      collaborative: factorParts(foldIn, history, model.itemFactors),
      content: profileParts(model, history),
    })
}

/** How a customer of this taste is recommended to under the model's blend. */
export function strategyOf({ summary }: Model, { factors, profile }: Taste): Strategy {
  if (summary.configuration.blend === 'learned') return factors || profile ? 'HYBRID' : 'POPULARITY'
  if (factors && profile) return 'HYBRID'
  return factors ? 'COLLABORATIVE' : profile ? 'CONTENT' : 'POPULARITY'
}

function profileOf(model: Model, history: readonly HistoryEntry[]): Float64Array {
  const sum = summedFeatures(model, history)
  toUnitLength(sum)
  return sum
}

/** Between these, products and sums of a hundred quantities lose nothing to the range of double precision. */
const [LEAST_QUANTITY, GREATEST_QUANTITY] = [1e-100, 1e100]

/** Quantities in proportion: their own but where the greatest is out of any range that sums are taken in, then at most 1. */
function proportionsOf(history: readonly HistoryEntry[]): number[] {
  const quantities = history.map(({ quantity }) => quantity)
  const greatest = greatestSize(quantities)
  const isOrdinary = greatest >= LEAST_QUANTITY && greatest <= GREATEST_QUANTITY
  return isOrdinary ? quantities : quantities.map((quantity) => quantity / greatest)
}

function summedFeatures(
  { content: { columns, data } }: Model,
  history: readonly HistoryEntry[],
): Float64Array {
  const sum = new Float64Array(columns)
  const quantities = proportionsOf(history)
  history.forEach(({ product }, i) => {
    for (let d = 0; d < columns; d++) sum[d] += quantities[i] * data[product * columns + d]
  })
  return sum
}

function factorParts(
  foldIn: FoldIn,
  history: readonly HistoryEntry[],
  { rows, columns }: Model['itemFactors'],
): Float32Array[] {
  const row = rowsOf([history], rows)
  const parts = foldIn.contributions(row)
  return history.map(({ product }) => {
    const place = row.indices.indexOf(product)
    return parts.subarray(place * columns, (place + 1) * columns)
  })
}

function profileParts(model: Model, history: readonly HistoryEntry[]): Float64Array[] {
  const { columns, data } = model.content
  const length = lengthOf(summedFeatures(model, history)) || 1
  const quantities = proportionsOf(history)
  return history.map(({ product }, i) =>
    data
      .subarray(product * columns, (product + 1) * columns)
      .map((value) => (quantities[i] * value) / length),
  )
}
