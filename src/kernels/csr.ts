import type { Csr } from './kernels.ts'

/**
 * Builds compressed rows from coordinate triples. Duplicate coordinates are summed; columns ascend within a row.
 * @param row,column,value  parallel arrays, one entry an observation; a missing `value` counts 1 each
 * @throws {RangeError} when a coordinate lies outside rows × columns
 */
export function csrFromTriples(
  rows: number,
  columns: number,
  row: Uint32Array,
  column: Uint32Array,
  value?: ArrayLike<number>,
): Csr {
  const byColumn = bucket(columns, column, 'column')
  const indptr = new Uint32Array(rows + 1)
  // Indexed loops, as in `columnBounds`.
  for (let entry = 0; entry < row.length; entry++) {
    const r = row[entry]
    if (r >= rows) throw new RangeError(`row ${r} lies outside a matrix of ${rows} rows`)
    indptr[r + 1]++
  }
  for (let r = 0; r < rows; r++) indptr[r + 1] += indptr[r]
  // Walking the triples in column order leaves every row sorted by column: a two-pass counting sort.
  const next = indptr.slice(0, rows)
  const indices = new Uint32Array(row.length)
  const values = new Float32Array(row.length)
  for (let e = 0; e < byColumn.length; e++) {
    const entry = byColumn[e]
    const at = next[row[entry]]++
    indices[at] = column[entry]
    values[at] = value === undefined ? 1 : value[entry]
  }
  return sumDuplicates({ rows, columns, indptr, indices, values })
}

/** The same matrix with rows and columns exchanged; columns ascend within a row. */
export function transpose(matrix: Csr): Csr {
  const indptr = columnBounds(matrix)
  const indices = new Uint32Array(matrix.indices.length)
  const values = new Float32Array(matrix.indices.length)
  transposeInto(matrix, indptr, indices, values)
  return { rows: matrix.columns, columns: matrix.rows, indptr, indices, values }
}

/** The row bounds of the transposed matrix; with `rows`, of those rows of the matrix alone. */
export function columnBounds({ columns, indptr, indices }: Csr, rows?: Uint32Array): Uint32Array {
  const bounds = new Uint32Array(columns + 1)
  // An indexed loop: for…of over a typed array takes five times as long, a third of a second on 20 million entries.
  if (rows === undefined) for (let e = 0; e < indices.length; e++) bounds[indices[e] + 1]++
  else for (const r of rows) for (let e = indptr[r]; e < indptr[r + 1]; e++) bounds[indices[e] + 1]++
  for (let c = 0; c < columns; c++) bounds[c + 1] += bounds[c]
  return bounds
}

/** Fills the entries of the transposed matrix, whose row bounds are `bounds`, into memory that the caller provides. */
export function transposeInto(
  { rows, columns, indptr, indices, values }: Csr,
  bounds: Uint32Array,
  targetIndices: Uint32Array,
  targetValues: Float32Array,
): void {
  const next = bounds.slice(0, columns)
  for (let r = 0; r < rows; r++) {
    for (let e = indptr[r]; e < indptr[r + 1]; e++) {
      const at = next[indices[e]]++
      targetIndices[at] = r
      targetValues[at] = values[e]
    }
  }
}

/** Entry numbers in ascending order of key, equal keys in their given order. */
function bucket(count: number, keys: Uint32Array, what: string): Uint32Array {
  const start = new Uint32Array(count + 1)
  for (let e = 0; e < keys.length; e++) {
    const key = keys[e]
    if (key >= count) throw new RangeError(`${what} ${key} lies outside a matrix of ${count} ${what}s`)
    start[key + 1]++
  }
  for (let c = 0; c < count; c++) start[c + 1] += start[c]
  const order = new Uint32Array(keys.length)
  for (let e = 0; e < keys.length; e++) order[start[keys[e]]++] = e
  return order
}

function sumDuplicates(matrix: Csr): Csr {
  const { rows, columns, indptr, indices, values } = matrix
  const merged = new Uint32Array(rows + 1)
  let at = 0
  for (let r = 0; r < rows; r++) {
    for (let e = indptr[r]; e < indptr[r + 1]; e++) {
      if (at > merged[r] && indices[at - 1] === indices[e]) values[at - 1] += values[e]
      else {
        indices[at] = indices[e]
        values[at] = values[e]
        at++
      }
    }
    merged[r + 1] = at
  }
  if (at === indices.length) return matrix
  return { rows, columns, indptr: merged, indices: indices.slice(0, at), values: values.slice(0, at) }
}
