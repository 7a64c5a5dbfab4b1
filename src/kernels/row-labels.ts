/**
 * Labels of rows, for columns that have too many of them to be features each: a column of L labels represents L
 * features,
 * all of them 0 but the row's own, and only that one is kept. Inner products are exact, and take one comparison a
 * column.
 */
import { lengthOf, toUnitLength } from './euclidean.ts'

/** The labels of rows, in addition to their features. */
export interface RowLabels {
  /** Per row: the value of each of its labels, 0 or more. */
  readonly sizes: Float64Array
  /** A column each: per row the code of its label, below 0 where it has none. */
  readonly columns: readonly Int32Array[]
}

/** Labels of a catalogue that has no column of labels. */
export const NO_LABELS: RowLabels = { sizes: new Float64Array(), columns: [] }

/** Which rows have which label of one column. */
export interface LabelIndex {
  /** The rows of a label, ascending; none of a label that no row has. */
  rowsOf(label: number): Uint32Array
}

/** What two rows' labels add to their inner product. */
export function labelProduct({ sizes, columns }: RowLabels, a: number, b: number): number {
  let sum = 0
  for (const codes of columns) if (codes[a] >= 0 && codes[a] === codes[b]) sum += sizes[a] * sizes[b]
  return sum
}

/** How many labels a row has. */
export function labelCount({ columns }: RowLabels, row: number): number {
  let count = 0
  for (const codes of columns) if (codes[row] >= 0) count++
  return count
}

/**
 * Copies a row at Euclidean length 1, features and labels together; one without data stays 0.
 * @param features  rows × columns, row-major, finite
 * @param into  `columns` numbers
 * @returns the value of each of its labels
 */
export function readUnitRow(
  features: ArrayLike<number>,
  columns: number,
  labels: RowLabels,
  row: number,
  into: Float64Array,
): number {
  for (let c = 0, at = row * columns; c < columns; c++) into[c] = features[at + c]
  const size = labels.sizes[row] ?? 0
  const count = labelCount(labels, row)
  if (count === 0) {
    toUnitLength(into)
    return size
  }
  const length = Math.hypot(lengthOf(into), Math.sqrt(count) * size)
  for (let c = 0; c < columns; c++) into[c] /= length
  return size / length
}

/** As `readUnitRow`, of all rows. */
export function unitRows(
  features: ArrayLike<number>,
  rows: number,
  columns: number,
  labels: RowLabels,
): { units: Float64Array; sizes: Float64Array } {
  const units = new Float64Array(rows * columns)
  const sizes = labels.sizes.slice()
  for (let row = 0; row < rows; row++) {
    const unit = units.subarray(row * columns, (row + 1) * columns)
    const size = readUnitRow(features, columns, labels, row, unit)
    if (row < sizes.length) sizes[row] = size
  }
  return { units, sizes }
}

export function indexLabels(codes: Int32Array): LabelIndex {
  const labels = codes.reduce((most, code) => Math.max(most, code + 1), 0)
  const ends = new Uint32Array(labels + 1)
  for (const code of codes) if (code >= 0) ends[code + 1]++
  for (let label = 0; label < labels; label++) ends[label + 1] += ends[label]
  const rows = new Uint32Array(ends[labels])
  const next = ends.slice()
  codes.forEach((code, row) => {
    if (code >= 0) rows[next[code]++] = row
  })
  return {
    rowsOf: (label) => (label >= 0 && label < labels ? rows.subarray(ends[label], ends[label + 1]) : NO_ROWS),
  }
}

const NO_ROWS = new Uint32Array()
