/** Alignment of every allocation, a multiple of the 16 bytes SIMD loads want and of a cache line. */
const ALIGNMENT = 256

/** Bytes rounded up to the next allocation boundary. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
}

/** Offsets handed out one after another; the memory is made once all are known. */
export class Layout {
  // Offset 0 stays unused: the kernels read a pointer of 0 as "absent".
  bytes = aligned(1)

  allocate(bytes: number): number {
    const at = this.bytes
    this.bytes += aligned(bytes)
    return at
  }
}

/** Floats in a padded row of f. */
export function padded(f: number): number {
  return (f + 3) & ~3
}

/** Rows that are copied at once. */
const PIECE = 1024

/** Copies rows of `columns` floats into rows of the padded width; `target` must hold zeros in the padding or get them. */
export function padRows(source: Float32Array, columns: number, target: Float32Array): void {
  const width = padded(columns)
  if (width === columns) {
    target.set(source)
    return
  }
  target.fill(0)
  const rows = source.length / columns
  // A piece at a time, copied as a whole: number by number, the core's shared memory is several times slower.
  const some = new Float32Array(Math.min(rows, PIECE) * width)
  for (let first = 0; first < rows; first += PIECE) {
    const count = Math.min(PIECE, rows - first)
    for (let row = 0; row < count; row++) {
      const [from, to] = [(first + row) * columns, row * width]
      for (let c = 0; c < columns; c++) some[to + c] = source[from + c]
    }
    target.set(some.subarray(0, count * width), first * width)
  }
}

/** The inverse of padRows. */
export function unpadRows(source: Float32Array, columns: number): Float32Array {
  const width = padded(columns)
  // Not slice(): that would stay in shared memory.
  if (width === columns) return new Float32Array(source)
  const rows = source.length / width
  const target = new Float32Array(rows * columns)
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) target[r * columns + c] = source[r * width + c]
  }
  return target
}

/** Makes an f × f matrix the identity. */
export function setIdentity(matrix: Float32Array, f: number): void {
  matrix.fill(0)
  for (let i = 0; i < f; i++) matrix[i * f + i] = 1
}
