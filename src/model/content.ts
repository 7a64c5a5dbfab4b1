/**
 * Content features from columns. Each categorical column is one group of features, all numeric columns together
 * are another. Every group has squared length 1 on average (a label's vector is of length 1; m standardised
 * columns are divided by √m), so that each says equally much in a cosine: eight measures do not outvote a category.
 *
 * A column with more than 128 labels would make rows as wide as the shop has, say, brands. There each label gets
 * 128 random signs over √128 instead (random indexing: Achlioptas 2003, doi:10.1016/S0022-0000(03)00025-4):
 * different labels are nearly orthogonal, with a cosine of 0 ± 0.09, and memory is bounded. The signs are the
 * first bits of the label's SHA-256: the same in every shop, on every machine.
 */
import { createHash } from 'node:crypto'
import type { CategoricalColumn } from '../data/dataset.ts'
import { toUnitLength } from '../kernels/euclidean.ts'
import type { ContentColumns, ContentFeatures } from './model.ts'

/** The most labels a column may have before it is projected, and the width it is projected to. */
export const MAX_ONE_HOT = 128

/** Writes what is known of one product into its row. */
interface Group {
  readonly width: number
  write(product: number, row: Float64Array): void
}

/**
 * The features of each product: rows of unit length, or all 0 for a product of which nothing is known.
 * Deterministic to the bit, so that a model file need not hold them.
 * @param rows  the number of products
 */
export function contentFeatures(columns: ContentColumns, rows: number): ContentFeatures {
  const groups = [...columns.categorical.map(labelGroup), numericGroup(columns.numeric)]
  // One column at least: a shop that says nothing of its products has features too, all 0.
  const width = groups.reduce((sum, group) => sum + group.width, 0) || 1
  const data = new Float64Array(rows * width)
  for (let product = 0; product < rows; product++) {
    const row = data.subarray(product * width, (product + 1) * width)
    let at = 0
    for (const group of groups) group.write(product, row.subarray(at, (at += group.width)))
    toUnitLength(row)
  }
  return { rows, columns: width, data }
}

function labelGroup({ labels, codes }: CategoricalColumn): Group {
  if (labels.length > MAX_ONE_HOT) return projectedGroup(labels, codes)
  return {
    width: labels.length,
    write: (product, row) => {
      if (codes[product] >= 0) row[codes[product]] = 1
    },
  }
}

function projectedGroup(labels: readonly string[], codes: Int32Array): Group {
  const signs = labels.map((label) =>
    createHash('sha256')
      .update(label)
      .digest()
      .subarray(0, MAX_ONE_HOT / 8),
  )
  const length = 1 / Math.sqrt(MAX_ONE_HOT)
  return {
    width: MAX_ONE_HOT,
    write: (product, row) => {
      const bits = signs[codes[product]]
      if (bits === undefined) return
      for (let i = 0; i < row.length; i++) row[i] = (bits[i >> 3] >> (i & 7)) & 1 ? length : -length
    },
  }
}

function numericGroup(columns: ContentColumns['numeric']): Group {
  const weight = 1 / Math.sqrt(columns.length)
  return {
    width: columns.length,
    write: (product, row) => columns.forEach(({ values }, i) => (row[i] = weight * (values[product] || 0))),
  }
}
