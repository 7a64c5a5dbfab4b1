/**
 * Content features from columns. Each categorical column is one group of features, all numeric columns together
 * are another. Every group has squared length 1 on average (a label's vector is of length 1; m standardised
 * columns are divided by √m), so that each group weighs the same in a cosine: eight measures do not outweigh a
 * category.
 *
 * A column with more than 128 labels would make rows as wide as the shop has, say, brands. Its labels are kept as one
 * code a product instead of a feature each (row-labels.ts): the same numbers, so that products of different labels
 * have nothing in common by them.
 */
import type { CategoricalColumn } from '../data/dataset.ts'
import { atOnce, type Pieces } from '../kernels/pieces.ts'
import { toUnitLength } from '../kernels/euclidean.ts'
import { labelCount, labelProduct, unitRows } from '../kernels/row-labels.ts'
import type { ContentColumns, ContentFeatures } from './model.ts'

/** The most labels of a column that become a feature each; of columns with more the code is kept. */
const MAX_ONE_HOT = 128

const isWide = ({ labels }: CategoricalColumn) => labels.length > MAX_ONE_HOT

/** Writes what is known of one product into its row. */
interface Group {
  readonly width: number
  write(product: number, row: Float64Array): void
}

/**
 * The features of each product: rows of unit length, or all 0 for a product without data.
 * Deterministic to the bit, so that a model file need not hold them.
 * @param rows  the number of products
 */
export function contentFeatures(columns: ContentColumns, rows: number): ContentFeatures {
  return atOnce(contentFeaturesInPieces(columns, rows))
}

/** Products that are written in one piece. */
const PIECE = 4096

/** As `contentFeatures`. */
export function* contentFeaturesInPieces(columns: ContentColumns, rows: number): Pieces<ContentFeatures> {
  const narrow = columns.categorical.filter((column) => !isWide(column))
  const groups = [...narrow.map(labelGroup), numericGroup(columns.numeric)]
  // At least one column: a shop without product data has features too, all 0.
  const width = groups.reduce((sum, group) => sum + group.width, 0) || 1
  const data = new Float64Array(rows * width)
  for (let product = 0; product < rows; product++) {
    if (product % PIECE === 0) yield
    const row = data.subarray(product * width, (product + 1) * width)
    let at = 0
    for (const group of groups) group.write(product, row.subarray(at, (at += group.width)))
  }
  yield
  const wide = columns.categorical.filter(isWide).map(({ codes }) => codes)
  if (wide.length === 0) {
    for (let product = 0; product < rows; product++)
      toUnitLength(data, product * width, (product + 1) * width)
    return { rows, columns: width, data }
  }
  const plain = { sizes: new Float64Array(rows), columns: wide }
  for (let product = 0; product < rows; product++)
    if (labelCount(plain, product) > 0) plain.sizes[product] = 1
  const { units, sizes } = unitRows(data, rows, width, plain)
  return { rows, columns: width, data: units, labels: { sizes, columns: wide } }
}

function labelGroup({ labels, codes }: CategoricalColumn): Group {
  return {
    width: labels.length,
    write: (product, row) => {
      if (codes[product] >= 0) row[codes[product]] = 1
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

/** The cosine of two products' features, −1 to 1; 0 if one of them has no data. */
export function contentCosine({ columns, data, labels }: ContentFeatures, a: number, b: number): number {
  let sum = 0
  for (let d = 0, atA = a * columns, atB = b * columns; d < columns; d++) sum += data[atA + d] * data[atB + d]
  if (labels) sum += labelProduct(labels, a, b)
  // Rows of unit length are so but for rounding.
  return Math.max(-1, Math.min(1, sum))
}
