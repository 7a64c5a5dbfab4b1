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
import type { Kernels } from '../kernels/kernels.ts'
import type { Pieces } from '../kernels/pieces.ts'
import type { RowLabels } from '../kernels/row-labels.ts'
import type { LabelMoments, LabelWeights } from './label-weights.ts'
import { labelMoments, NO_WEIGHTS } from './label-weights.ts'

export interface Calibration {
  /** Of the centred rows: d, and one more where there are labels. */
  readonly columns: number
  /** v_j − v̄; rows without the source are 0. */
  readonly centred: Float32Array
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

/** v − v̄; 0 where all that they differ by is the rounding of a mean, which is no evidence. */
function away(value: number, mean: number): number {
  const difference = value - mean
  return Math.abs(difference) > 1e-9 * Math.abs(mean) ? difference : 0
}

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
  // Loops by number: these run over everything at every start. Most features are 0, and add nothing.
  for (let begin = 0; begin < vectors.length; begin += columns) {
    for (let d = 0; d < columns; d++) {
      const value = vectors[begin + d]
      if (value === 0) continue
      mean[d] += value / count
      meanSquare += value ** 2 / count
    }
  }
  yield
  const awayFrom0 = mean.map((its) => away(0, its))
  const width = columns + (labels ? 1 : 0)
  const centred = new Float32Array(covered.length * width)
  for (let row = 0; row < covered.length; row++) {
    if (!covered[row]) continue
    const [from, to] = [row * columns, row * width]
    for (let d = 0; d < columns; d++) {
      const value = vectors[from + d]
      centred[to + d] = value === 0 ? awayFrom0[d] : away(value, mean[d])
    }
  }
  yield
  const gram = kernels.gram({ rows: covered.length, columns: width, data: centred })
  yield
  const moments = labels ? labelMoments(labels, { columns, width, data: centred }, count) : null
  meanSquare += moments?.meanSquareSize ?? 0

  function deviation(query: ArrayLike<number>, weights: LabelWeights = NO_WEIGHTS): number {
    let variance = 0
    let square = 0
    for (let i = 0; i < columns; i++) {
      square += query[i] * query[i]
      let row = 0
      for (let j = 0; j < columns; j++) row += gram[i * width + j] * query[j]
      variance += (query[i] * row) / count
    }
    if (moments) {
      variance += 2 * moments.meanProduct(weights, query)
      variance += moments.meanSquare(weights) - moments.mean(weights) ** 2
      for (const column of weights) for (const weight of column.values()) square += weight ** 2
    }
    return variance > ROUNDING ** 2 * square * meanSquare ? Math.sqrt(variance) : 1
  }
  if (!moments) return { columns, centred, labels: null, centre: (query) => query, deviation }
  for (let row = 0; row < covered.length; row++) centred[row * width + columns] = covered[row]
  return {
    columns: width,
    centred,
    labels: moments,
    centre: (query, weights = NO_WEIGHTS) =>
      Float64Array.from([...Array.from(query), -moments.mean(weights)]),
    deviation,
  }
}
