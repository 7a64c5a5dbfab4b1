/** Vectors over the labels of content (row-labels.ts): what a history says of labels that are no features of their own. */
import type { RowSource } from '../kernels/kernels.ts'
import type { LabelIndex, RowLabels } from '../kernels/row-labels.ts'
import { indexLabels } from '../kernels/row-labels.ts'
import { ProductSums } from './product-sums.ts'

/** For each column of labels, the weights of the labels that have one. */
export type LabelWeights = readonly ReadonlyMap<number, number>[]

export const NO_WEIGHTS: LabelWeights = []

/** The inner product of weights with a product's labels: one term a column. */
export function weightOfLabels(
  { sizes, columns }: RowLabels,
  weights: LabelWeights,
  product: number,
): number {
  let sum = 0
  for (let c = 0; c < weights.length; c++) {
    const code = columns[c][product]
    if (code >= 0) sum += (weights[c].get(code) ?? 0) * sizes[product]
  }
  return sum
}

export function scaledWeights(weights: LabelWeights, factor: number): LabelWeights {
  return weights.map((column) => new Map([...column].map(([label, weight]) => [label, factor * weight])))
}

type Visit = (column: number, label: number, weight: number) => void

function forEachWeight(weights: LabelWeights, visit: Visit): void {
  weights.forEach((column, c) => column.forEach((weight, label) => visit(c, label, weight)))
}

/** What calibration needs of labels (calibration.ts), and the search adds for them. */
export interface LabelMoments {
  /** The mean of `weightOfLabels` over the covered products. */
  mean(weights: LabelWeights): number
  /** The mean of its square over them. */
  meanSquare(weights: LabelWeights): number
  /** The mean of its product with an inner product of centred features. */
  meanProduct(weights: LabelWeights, query: ArrayLike<number>): number
  /** Σ over the covered products of the squares of all that stands at their labels, by their number. */
  readonly meanSquareSize: number
  /** How many columns of labels there are. */
  readonly columns: number
  /** Adds `factor` times `weightOfLabels` to each product's sum; a rounding a column. */
  addTo(sums: Float32Array, weights: LabelWeights, factor: number): void
}

/** Sums over more products than this are kept: all those of a catalogue then take a small part of its features' memory. */
const MANY = 64

/**
 * Where weights reach one product in so many or more, the whole catalogue is gone through in its order: memory read from
 * end to end takes a fraction of the time of going from label to label.
 */
const DENSE = 4

/**
 * @param labels  of all products; of those that are not covered none
 * @param centred  features, a row a product
 * @param count  how many products are covered
 */
export function labelMoments(labels: RowLabels, centred: RowSource, count: number): LabelMoments {
  const { sizes } = labels
  const { columns } = centred
  const indices: readonly LabelIndex[] = labels.columns.map(indexLabels)
  const squared = new ProductSums(sizes.length)
  /** Σ_j s_j over the products of each label, by column. */
  const totals = labels.columns.map((codes) => {
    const total = new Float64Array(codes.reduce((most, code) => Math.max(most, code + 1), 0))
    codes.forEach((code, product) => code >= 0 && (total[code] += sizes[product]))
    return total
  })
  let meanSquareSize = 0
  for (const codes of labels.columns)
    codes.forEach((code, product) => (meanSquareSize += code >= 0 ? sizes[product] ** 2 / count : 0))
  /** Of labels that many products have, by column and label. */
  const kept = indices.map(() => new Map<number, Float64Array>())

  /** Σ_j s_j·(f_j − f̄) over the products of a label. */
  function featuresOf(column: number, label: number): Float64Array {
    const former = kept[column].get(label)
    if (former) return former
    const sums = new Float64Array(columns)
    const products = indices[column].rowsOf(label)
    const row = new Float32Array(columns)
    for (const product of products) {
      centred.read(product, 1, row)
      for (let d = 0; d < columns; d++) sums[d] += sizes[product] * row[d]
    }
    if (products.length > MANY) kept[column].set(label, sums)
    return sums
  }

  /** What each label's weight adds to each of its products. */
  function addEach(weights: LabelWeights, add: (product: number, weight: number) => void): void {
    forEachWeight(weights, (c, label, weight) => {
      const rows = indices[c].rowsOf(label)
      for (let i = 0; i < rows.length; i++) add(rows[i], weight * sizes[rows[i]])
    })
  }

  /**
   * The weights by label, 0 for labels without one; null where they reach so few products that going from label to label
   * takes less than going through the catalogue.
   */
  function denseWeights(weights: LabelWeights): Float64Array[] | null {
    let reached = 0
    forEachWeight(weights, (c, label) => (reached += indices[c].rowsOf(label).length))
    if (reached < sizes.length / DENSE) return null
    return weights.map((column, c) => {
      const all = new Float64Array(totals[c].length)
      for (const [label, weight] of column) all[label] = weight
      return all
    })
  }

  /** Of one sum over the catalogue, used again: memory that was just made takes as long as the sum. */
  const summed = new Float64Array(sizes.length)

  /** Σ_j of the square of what weights add to product j, in the order of the sparse sum. */
  function squaresOfAll(dense: readonly Float64Array[]): number {
    summed.fill(0)
    dense.forEach((weights, c) => {
      const codes = labels.columns[c]
      for (let product = 0; product < summed.length; product++)
        if (codes[product] >= 0) summed[product] += weights[codes[product]] * sizes[product]
    })
    let squares = 0
    for (let product = 0; product < summed.length; product++) squares += summed[product] ** 2
    return squares
  }

  return {
    meanSquareSize,
    columns: labels.columns.length,
    mean(weights) {
      let sum = 0
      forEachWeight(weights, (c, label, weight) => (sum += weight * (totals[c][label] ?? 0)))
      return sum / count
    },
    meanSquare(weights) {
      const dense = denseWeights(weights)
      if (dense) return squaresOfAll(dense) / count
      addEach(weights, (product, weight) => squared.add(product, weight))
      const { values } = squared.take()
      let sum = 0
      for (let i = 0; i < values.length; i++) sum += values[i] ** 2
      return sum / count
    },
    meanProduct(weights, query) {
      let sum = 0
      forEachWeight(weights, (c, label, weight) => {
        const features = featuresOf(c, label)
        for (let d = 0; d < columns; d++) sum += weight * features[d] * query[d]
      })
      return sum / count
    },
    addTo(sums, weights, factor) {
      const dense = denseWeights(weights)
      if (!dense) addEach(weights, (product, weight) => (sums[product] += factor * weight))
      else
        dense.forEach((ofLabel, c) => {
          const codes = labels.columns[c]
          for (let product = 0; product < sums.length; product++)
            if (codes[product] >= 0) sums[product] += factor * (ofLabel[codes[product]] * sizes[product])
        })
    },
  }
}
