import type { Csr } from '../kernels/kernels.ts'

/** Sums of some rows of a sparse matrix: the columns that any of them has an entry in, and their sums. */
export interface RowSums {
  /** Ascending. */
  readonly columns: Uint32Array
  /** Parallel to the columns; 0 of a column where the entries cancel. */
  readonly sums: Float64Array
  /** The sum of one column; 0 where no row has an entry. */
  of(column: number): number
}

/**
 * Sums rows of a matrix in the order in which they are named.
 * @returns what sums the entries of the rows; the memory of a whole row is used again for each call
 */
export function rowSums({ columns, indptr, indices, values }: Csr): (rows: readonly number[]) => RowSums {
  const scratch = new Float64Array(columns)
  const isTouched = new Uint8Array(columns)
  return (rows) => {
    const touched: number[] = []
    for (const row of rows) {
      for (let entry = indptr[row]; entry < indptr[row + 1]; entry++) {
        const column = indices[entry]
        if (isTouched[column] === 0) {
          isTouched[column] = 1
          touched.push(column)
        }
        scratch[column] += values[entry]
      }
    }
    const found = Uint32Array.from(touched).sort()
    const sums = new Float64Array(found.length)
    for (let i = 0; i < found.length; i++) {
      sums[i] = scratch[found[i]]
      scratch[found[i]] = 0
      isTouched[found[i]] = 0
    }
    return {
      columns: found,
      sums,
      of(column) {
        const place = placeOf(found, column)
        return place < 0 ? 0 : sums[place]
      },
    }
  }
}

/** The place of a number in an ascending array; −1 where it is not there. */
export function placeOf(ascending: Uint32Array, wanted: number, from = 0, to = ascending.length): number {
  let [low, high] = [from, to]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ascending[middle] < wanted) low = middle + 1
    else high = middle
  }
  return low < to && ascending[low] === wanted ? low : -1
}
