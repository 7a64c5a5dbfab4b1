import type { Csr } from './kernels.ts'

/** Rows and entries that a thread claims at once: small enough to share out evenly and to stop soon after a cancel. */
const BLOCK_ROWS = 512
const BLOCK_ENTRIES = 8192

/** Bounds of blocks of rows with about the same work in each. */
export function rowBlocks(matrix: Csr): Uint32Array {
  const bounds = [0]
  for (let from = 0; from < matrix.rows; ) {
    let to = from + 1
    while (
      to < matrix.rows &&
      to - from < BLOCK_ROWS &&
      matrix.indptr[to + 1] - matrix.indptr[from] <= BLOCK_ENTRIES
    ) {
      to++
    }
    bounds.push(to)
    from = to
  }
  return Uint32Array.from(bounds)
}
