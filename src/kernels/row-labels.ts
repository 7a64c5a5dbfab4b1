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
 * A copy of rows at Euclidean length 1, features and labels together; rows without data stay 0.
 * @param features  rows × columns, row-major, finite
 */
export function unitRows(
  features: ArrayLike<number>,
  rows: number,
  columns: number,
  labels: RowLabels,
): { units: Float64Array; sizes: Float64Array } {
  const units = Float64Array.from(features)
  const sizes = labels.sizes.slice()
  for (let row = 0; row < rows; row++) toUnitRow(units, columns, { sizes, columns: labels.columns }, row)
  return { units, sizes }
}

/** Brings one row to Euclidean length 1 in place, features and labels together. */
export function toUnitRow(units: Float64Array, columns: number, labels: RowLabels, row: number): void {
  const [begin, end] = [row * columns, (row + 1) * columns]
  const count = labelCount(labels, row)
  if (count === 0) {
    toUnitLength(units, begin, end)
    return
  }
  const { sizes } = labels
  const length = Math.hypot(lengthOf(units, begin, end), Math.sqrt(count) * sizes[row])
  for (let at = begin; at < end; at++) units[at] /= length
  sizes[row] /= length
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
