/** Rows and entries that a thread claims at once: small enough to share out evenly and to stop soon after a cancel. */
const BLOCK_ROWS = 512
const BLOCK_ENTRIES = 8192

/** Bounds of blocks of rows with about the same work in each, from the rows' own bounds. */
export function rowBlocks(indptr: Uint32Array): Uint32Array {
  const rows = indptr.length - 1
  const bounds = [0]
  for (let from = 0; from < rows; ) {
    let to = from + 1
    while (to < rows && to - from < BLOCK_ROWS && indptr[to + 1] - indptr[from] <= BLOCK_ENTRIES) to++
    bounds.push(to)
    from = to
  }
  return Uint32Array.from(bounds)
}
