/**
 * One source's scores on a scale that can be added to another's.
 *
 * For a customer q the source scores product j by s_j = q·v_j. Over the products it can score, the scores have
 * the mean μ = q·v̄ and the variance σ² = qᵀCov(V)q, so that
 *
 *   z_j = (s_j − μ)/σ = (q/σ)·(v_j − v̄)
 *
 * is again one inner product: with centred vectors stored, calibrating a customer's scores over the whole
 * catalogue costs one quadratic form. Without it the weights would not weigh: collaborative scores of customers with
 * one purchase lie near 0, cosines near 1.
 *
 * Labels that are no features of their own (row-labels.ts) are part of the vectors: with q = (q_d, q_l), μ and σ² are
 * those of the sum q_d·d_j + q_l·l_j, and what the mean of the labels takes from every product stands in one further
 * column of the centred rows, 1 where the source can score the product: z_j = (q/σ)·centred_j + (q_l/σ)·l_j.
 *
 * Legend: q a customer's vector, v_j a product's, both of d dimensions; n products have the source.
 */
import type { Kernels, RowSource } from '../kernels/kernels.ts'
import type { Pieces } from '../kernels/pieces.ts'
import type { RowLabels } from '../kernels/row-labels.ts'
import type { LabelMoments, LabelWeights } from './label-weights.ts'
import { labelMoments, NO_WEIGHTS } from './label-weights.ts'

/**
 * v_j − v̄ in single precision; rows without the source are 0. They are worked out when they are asked for: the search has a
 * copy of its own, and another would take as much again. As many columns as d, and one more where there are labels.
 */
export interface CentredRows extends RowSource {
  /** The inner product of a vector with one row, in double precision. */
  innerProduct(query: ArrayLike<number>, row: number): number
}

export interface Calibration {
  readonly centred: CentredRows
  /** Null: there are no labels but among the features. */
  readonly labels: LabelMoments | null
  /** A customer's vector as long as a centred row. */
  centre(query: ArrayLike<number>, labels?: LabelWeights): ArrayLike<number>
  /** σ of a customer's scores; 1 where the source scores all products alike. */
  deviation(query: ArrayLike<number>, labels?: LabelWeights): number
}

/**
 * Below this part of what the vectors' lengths allow, a deviation is the rounding of a gram in single precision and
 * not a difference between products. (On Olist customers' lie between 0.08 and 0.44.)
 */
const ROUNDING = 1e-3

/** By so much of a mean may a value differ from it by rounding alone, which is no evidence. */
const ROUNDING_OF_MEAN = 1e-9

/**
 * @param vectors  row-major; rows that are not covered are all 0
 * @param covered  per row, 1 where the source can score the product
 */
export function* calibrate(
  kernels: Kernels,
  {
    columns,
    data: vectors,
    labels,
  }: {
    readonly columns: number
    readonly data: Float32Array | Float64Array
    readonly labels?: RowLabels
  },
  covered: Uint8Array,
): Pieces<Calibration> {
  const count = covered.reduce((sum, mark) => sum + mark, 0)
  const mean = new Float64Array(columns)
  let meanSquare = 0
  // Loops by number: these run over everything at every start.
  for (let begin = 0; begin < vectors.length; begin += columns) {
    for (let d = 0; d < columns; d++) {
      const value = vectors[begin + d]
      if (value === 0) continue
      mean[d] += value / count
      meanSquare += value ** 2 / count
    }
  }
  yield
  const centred = centredRows(vectors, columns, mean, covered, false)
  const gram = kernels.gram(centred)
  yield
  const moments = labels ? labelMoments(labels, centred, count) : null
  meanSquare += moments?.meanSquareSize ?? 0

  function deviation(query: ArrayLike<number>, weights: LabelWeights = NO_WEIGHTS): number {
    let variance = 0
    let square = 0
    for (let i = 0; i < columns; i++) {
      square += query[i] * query[i]
      let row = 0
      for (let j = 0; j < columns; j++) row += gram[i * columns + j] * query[j]
      variance += (query[i] * row) / count
    }
    if (moments) {
      variance += 2 * moments.meanProduct(weights, query)
      variance += moments.meanSquare(weights) - moments.mean(weights) ** 2
      for (const column of weights) for (const weight of column.values()) square += weight ** 2
    }
    return variance > ROUNDING ** 2 * square * meanSquare ? Math.sqrt(variance) : 1
  }
  if (!moments) return { centred, labels: null, centre: (query) => query, deviation }
  return {
    centred: centredRows(vectors, columns, mean, covered, true),
    labels: moments,
    centre: (query, weights = NO_WEIGHTS) =>
      Float64Array.from([...Array.from(query), -moments.mean(weights)]),
    deviation,
  }
}

/** @param isMarked  whether each row has its mark as one further column */
function centredRows(
  vectors: Float32Array | Float64Array,
  columns: number,
  mean: Float64Array,
  covered: Uint8Array,
  isMarked: boolean,
): CentredRows {
  const width = columns + Number(isMarked)
  const least = mean.map((value) => ROUNDING_OF_MEAN * Math.abs(value))
  return {
    rows: covered.length,
    columns: width,
    read(first, count, into) {
      for (let row = first, to = 0; row < first + count; row++, to += width) {
        if (!covered[row]) {
          into.fill(0, to, to + width)
          continue
        }
        for (let d = 0, at = row * columns; d < columns; d++) {
          const difference = vectors[at + d] - mean[d]
          into[to + d] = Math.abs(difference) > least[d] ? difference : 0
        }
        if (isMarked) into[to + columns] = 1
      }
    },
    // As if the row were read first, without a copy: it may run over the whole catalogue.
    innerProduct(query, row) {
      if (!covered[row]) return 0
      let sum = 0
      for (let d = 0, at = row * columns; d < columns; d++) {
        const difference = vectors[at + d] - mean[d]
        if (Math.abs(difference) > least[d]) sum += query[d] * Math.fround(difference)
      }
      return isMarked ? sum + query[columns] : sum
    },
  }
}
