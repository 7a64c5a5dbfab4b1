import type { NormalEquation } from './kernels.ts'

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

/** Copies rows of `columns` floats into rows of the padded width; `target` must hold zeros in the padding or get them. */
export function padRows(source: Float32Array, columns: number, target: Float32Array): void {
  const width = padded(columns)
  if (width === columns) {
    target.set(source)
    return
  }
  target.fill(0)
  for (let from = 0, to = 0; from < source.length; from += columns, to += width) {
    for (let c = 0; c < columns; c++) target[to + c] = source[from + c]
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

/** What a System (assembly/system.ts) is made of; byte offsets, and the padded number of factors. */
export interface SystemLayout {
  readonly z: number
  readonly f: number
  readonly multiplicity: number
  readonly shared: number
  readonly equation: NormalEquation
  readonly spectrum: number
}

export const SYSTEM_BYTES = 36

/** Writes a System at a byte offset. */
export function writeSystem(buffer: ArrayBufferLike, at: number, system: SystemLayout): void {
  const { z, f, multiplicity, shared, equation, spectrum } = system
  const { weightSlope, weightIntercept, targetSlope, targetIntercept } = equation
  new Uint32Array(buffer, at, 4).set([z, f, multiplicity, shared])
  new Float32Array(buffer, at + 16, 4).set([weightSlope, weightIntercept, targetSlope, targetIntercept])
  new Uint32Array(buffer, at + 32, 1)[0] = spectrum
}

/** What Rows (assembly/system.ts) are made of; byte offsets. */
export interface RowsLayout {
  readonly indptr: number
  readonly indices: number
  readonly values: number
  readonly excess: number
  readonly factors: number
  readonly weights: number
}

export const ROWS_BYTES = 24

/** The words of Rows in their order. */
export function rowsWords({ indptr, indices, values, excess, factors, weights }: RowsLayout): Uint32Array {
  return Uint32Array.of(indptr, indices, values, excess, factors, weights)
}

/** Makes an f × f matrix the identity. */
export function setIdentity(matrix: Float32Array, f: number): void {
  matrix.fill(0)
  for (let i = 0; i < f; i++) matrix[i * f + i] = 1
}
