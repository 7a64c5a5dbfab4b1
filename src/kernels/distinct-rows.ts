import type { Csr } from './kernels.ts'

/** A matrix with identical rows listed once. */
export interface DistinctRows {
  /** Row bounds, of the distinct rows. */
  readonly indptr: Uint32Array
  /**
   * The first row of its kind for each distinct row; undefined if no two rows are identical: then they are unchanged.
   */
  readonly sources: Uint32Array | undefined
  /** How many rows each distinct row represents; undefined if no two rows are identical. */
  readonly multiplicity: Float32Array | undefined
  /** The distinct row of each row. */
  readonly distinctOf: Uint32Array
}

/** Longer rows are taken as distinct without a look: chance does not repeat them, and hashing costs. */
const LONGEST_COMPARED = 64

/**
 * Finds rows with the same columns and values. In a shop most customers have bought one or two products, so the same
 * rows come up again and again; a row's ALS solution depends on its entries alone and need be computed only once.
 */
export function distinctRows(matrix: Csr): DistinctRows {
  const { rows, indptr, indices, values } = matrix
  const distinctOf = new Uint32Array(rows)
  const firsts = new Uint32Array(rows)
  let count = 0
  // Open addressing over the first row of each kind; a power of two at most half full.
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * rows + 2))).fill(-1)
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  for (let row = 0; row < rows; row++) {
    const [from, to] = [indptr[row], indptr[row + 1]]
    if (to - from > LONGEST_COMPARED) {
      distinctOf[row] = count
      firsts[count++] = row
      continue
    }
    let slot = hashEntries(indices, bits, from, to) & (slots.length - 1)
    while (slots[slot] >= 0 && !isSameRow(matrix, firsts[slots[slot]], row))
      slot = (slot + 1) & (slots.length - 1)
    if (slots[slot] < 0) {
      slots[slot] = count
      firsts[count++] = row
    }
    distinctOf[row] = slots[slot]
  }
  // Given back at once: the collector might let it lie until the fit needs most.
  slots.buffer.transfer(0)
  if (count === rows) return { indptr, sources: undefined, multiplicity: undefined, distinctOf }

  const { sorted, placeOf } = byFirstColumn(matrix, firsts.subarray(0, count))
  distinctOf.forEach((kind, row) => (distinctOf[row] = placeOf[kind]))
  for (const spent of [firsts, placeOf]) spent.buffer.transfer(0)
  const multiplicity = new Float32Array(count)
  for (const row of distinctOf) multiplicity[row]++
  const bounds = new Uint32Array(count + 1)
  sorted.forEach((row, d) => (bounds[d + 1] = bounds[d] + indptr[row + 1] - indptr[row]))
  return { indptr: bounds, sources: sorted, multiplicity, distinctOf }
}

/** Writes the entries of the distinct rows one after another, into memory that the caller provides. */
export function copyDistinct(
  { indptr, indices, values }: Csr,
  { sources }: DistinctRows,
  targetIndices: Uint32Array,
  targetValues: Float32Array,
): void {
  if (sources === undefined) {
    targetIndices.set(indices)
    targetValues.set(values)
    return
  }
  let at = 0
  for (const row of sources) {
    for (let e = indptr[row]; e < indptr[row + 1]; e++, at++) {
      targetIndices[at] = indices[e]
      targetValues[at] = values[e]
    }
  }
}

/**
 * The rows in ascending order of their first column, and the place of each. Most rows have one entry: in this order
 * both half-sweeps walk through the other side's factors nearly in sequence, not from cache miss to cache miss.
 */
function byFirstColumn({ columns, indptr, indices }: Csr, rows: Uint32Array) {
  // Rows without entries come last.
  const key = (row: number) => (indptr[row] < indptr[row + 1] ? indices[indptr[row]] : columns)
  const next = new Uint32Array(columns + 2)
  for (const row of rows) next[key(row) + 1]++
  for (let c = 0; c <= columns; c++) next[c + 1] += next[c]
  const placeOf = Uint32Array.from(rows, (row) => next[key(row)]++)
  const sorted = new Uint32Array(rows.length)
  placeOf.forEach((place, i) => (sorted[place] = rows[i]))
  return { sorted, placeOf }
}

/** FNV-1a over 32-bit words, finished so that the low bits depend on all. */
function hashEntries(indices: Uint32Array, bits: Uint32Array, from: number, to: number): number {
  let hash = 0x811c9dc5
  for (let e = from; e < to; e++) {
    hash = Math.imul(hash ^ indices[e], 0x01000193)
    hash = Math.imul(hash ^ bits[e], 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return (hash ^ (hash >>> 13)) >>> 0
}

function isSameRow({ indptr, indices, values }: Csr, a: number, b: number): boolean {
  const length = indptr[a + 1] - indptr[a]
  if (indptr[b + 1] - indptr[b] !== length) return false
  for (let e = 0; e < length; e++) {
    if (indices[indptr[a] + e] !== indices[indptr[b] + e]) return false
    if (values[indptr[a] + e] !== values[indptr[b] + e]) return false
  }
  return true
}
