/** How long the parts of vectors are, as bounds on their inner products (assembly/reach.ts). */
import { PANEL, ROUND_UP } from './quantise.ts'

/**
 * The lengths of each vector's parts, rounded up, as the panels hold them: part by part eight items together.
 * @param vectors  rows × Σ parts, row-major
 * @param lengths  filled with ⌈rows/8⌉ × parts × 8, with a margin for the rounding of the score and of its bound
 */
export function lengthsOfItems(
  vectors: Float32Array,
  rows: number,
  parts: readonly number[],
  lengths: Float32Array,
): void {
  // The same margin as for the codes: the full score is a float sum of as many products as there are columns.
  const margin = 1 + (columnsOf(parts) + 2 * parts.length + 8) * 2 ** -23
  lengths.fill(0)
  forEachPart(vectors, rows, parts, (row, part, length) => {
    const panel = Math.floor(row / PANEL)
    lengths[(panel * parts.length + part) * PANEL + (row % PANEL)] = length * margin * ROUND_UP
  })
}

/**
 * The lengths of each query's parts, rounded up.
 * @param queries  count × Σ parts, row-major
 * @param lengths  filled with count × parts
 */
export function lengthsOfQueries(
  queries: Float32Array,
  count: number,
  parts: readonly number[],
  lengths: Float32Array,
): void {
  forEachPart(queries, count, parts, (query, part, length) => {
    lengths[query * parts.length + part] = length * ROUND_UP
  })
}

function forEachPart(
  vectors: Float32Array,
  rows: number,
  parts: readonly number[],
  visit: (row: number, part: number, length: number) => void,
): void {
  for (let row = 0, at = 0; row < rows; row++) {
    for (let part = 0; part < parts.length; part++) {
      let square = 0
      for (const end = at + parts[part]; at < end; at++) square += vectors[at] ** 2
      visit(row, part, Math.sqrt(square))
    }
  }
}

const columnsOf = (parts: readonly number[]) => parts.reduce((sum, columns) => sum + columns, 0)
