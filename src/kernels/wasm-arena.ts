import type { Csr, DenseMatrix, NormalEquation } from './kernels.ts'
import { createMemory, instantiateKernels, type KernelExports, PAGE_BYTES } from './wasm.ts'

/** Alignment of every allocation, a multiple of the 16 bytes SIMD loads want and of a cache line. */
const ALIGNMENT = 256

/** Bytes rounded up to the next allocation boundary. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
}

/** Floats in a padded row of f. */
export function padded(f: number): number {
  return (f + 3) & ~3
}

/**
 * A memory of the core with a bump allocator over it, owned by JavaScript: what is resident stays below, scratch is
 * allocated above a mark and released by returning to it. Dropping the arena frees it all.
 */
export class Arena {
  readonly memory: WebAssembly.Memory
  readonly exports: KernelExports
  // Offset 0 stays unused: the kernels read a pointer of 0 as "absent".
  #top = ALIGNMENT

  constructor(module: WebAssembly.Module) {
    this.memory = createMemory(PAGE_BYTES)
    this.exports = instantiateKernels(module, this.memory)
  }

  /** The offset of `bytes` fresh bytes; their content is undefined. */
  allocate(bytes: number): number {
    const at = this.#top
    this.#top += aligned(bytes)
    const missing = Math.ceil((this.#top - this.memory.buffer.byteLength) / PAGE_BYTES)
    if (missing > 0) this.memory.grow(missing)
    return at
  }

  /** Runs `work` and releases everything it allocated. */
  scratch<T>(work: () => T): T {
    const mark = this.#top
    try {
      return work()
    } finally {
      this.#top = mark
    }
  }

  /** Views are made anew for every use: growing the memory replaces its buffer. */
  floats(at: number, length: number): Float32Array<SharedArrayBuffer> {
    return new Float32Array(this.memory.buffer as unknown as SharedArrayBuffer, at, length)
  }

  words(at: number, length: number): Uint32Array<SharedArrayBuffer> {
    return new Uint32Array(this.memory.buffer as unknown as SharedArrayBuffer, at, length)
  }

  putFloats(values: Float32Array): number {
    const at = this.allocate(values.byteLength)
    this.floats(at, values.length).set(values)
    return at
  }

  putWords(values: Uint32Array): number {
    const at = this.allocate(values.byteLength)
    this.words(at, values.length).set(values)
    return at
  }

  putCsr(matrix: Csr): { indptr: number; indices: number; values: number } {
    return {
      indptr: this.putWords(matrix.indptr),
      indices: this.putWords(matrix.indices),
      values: this.putFloats(matrix.values),
    }
  }

  /** Rows with zeros up to the padded width. */
  putPadded(matrix: DenseMatrix): number {
    const width = padded(matrix.columns)
    const at = this.allocate(matrix.rows * width * 4)
    padRows(matrix.data, matrix.columns, this.floats(at, matrix.rows * width))
    return at
  }

  putEquation(equation: NormalEquation): number {
    return this.putFloats(equationCoefficients(equation))
  }

  /** Rows of `columns` without their padding, in memory of their own. */
  takePadded(at: number, rows: number, columns: number): Float32Array {
    return unpadRows(this.floats(at, rows * padded(columns)), columns)
  }
}

/** The four coefficients the kernels read, in their order. */
export function equationCoefficients(equation: NormalEquation): Float32Array {
  const { weightSlope, weightIntercept, targetSlope, targetIntercept } = equation
  return Float32Array.of(weightSlope, weightIntercept, targetSlope, targetIntercept)
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
