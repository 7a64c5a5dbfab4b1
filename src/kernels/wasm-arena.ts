import type { Csr, DenseMatrix } from './kernels.ts'
import { aligned, padded, padRows, unpadRows } from './wasm-layout.ts'
import { type FieldsOf, sizeOf, type Structure, writeEquation, writeFields } from './wasm-structures.ts'
import {
  createMemory,
  instantiateKernels,
  type KernelExports,
  memoryError,
  PAGE_BYTES,
  type Purpose,
} from './wasm.ts'

/**
 * A memory of the core with a bump allocator over it, owned by JavaScript: what is resident stays below, scratch is
 * allocated above a mark and released by returning to it. Dropping the arena frees it all.
 */
export class Arena {
  readonly memory: WebAssembly.Memory
  readonly exports: KernelExports
  // Offset 0 stays unused: the kernels read a pointer of 0 as "absent".
  #top = aligned(1)
  readonly #purpose: Purpose

  /** @param purpose  for the error where it does not suffice */
  constructor(module: WebAssembly.Module, purpose: Purpose) {
    this.#purpose = purpose
    this.memory = createMemory(PAGE_BYTES, purpose)
    this.exports = instantiateKernels(module, this.memory)
  }

  /**
   * The offset of `bytes` fresh bytes; their content is undefined.
   * @throws {KernelError} past 4 GiB, or when the machine has not that much; then nothing was allocated
   */
  allocate(bytes: number): number {
    const at = this.#top
    const top = at + aligned(bytes)
    const missing = Math.ceil((top - this.memory.buffer.byteLength) / PAGE_BYTES)
    if (missing > 0) this.#grow(missing, top)
    this.#top = top
    return at
  }

  #grow(pages: number, bytes: number): void {
    try {
      this.memory.grow(pages)
    } catch (cause) {
      throw memoryError(bytes, this.#purpose, cause)
    }
  }

  /** Where the next allocation goes: what `release` takes back everything after. */
  mark(): number {
    return this.#top
  }

  release(mark: number): void {
    this.#top = mark
  }

  /** Runs `work` and releases everything it allocated. */
  scratch<T>(work: () => T): T {
    const mark = this.mark()
    try {
      return work()
    } finally {
      this.release(mark)
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

  putBytes(values: Int8Array): number {
    const at = this.allocate(values.byteLength)
    new Int8Array(this.memory.buffer, at, values.length).set(values)
    return at
  }

  putCsr(matrix: Csr): { indptr: number; indices: number; values: number } {
    return {
      indptr: this.putWords(matrix.indptr),
      indices: this.putWords(matrix.indices),
      values: this.putFloats(matrix.values),
    }
  }

  /** A structure of the core with its fields of whole numbers. */
  putStructure<Name extends Structure>(structure: Name, fields: FieldsOf<Name>): number {
    const at = this.allocate(sizeOf(this.exports, structure))
    writeFields(this.exports, this.memory.buffer, at, structure, fields)
    return at
  }

  /** A System (assembly/system.ts). */
  putSystem(fields: FieldsOf<'System'>, equation: FieldsOf<'Equation'>): number {
    const at = this.putStructure('System', fields)
    writeEquation(this.exports, this.memory.buffer, at, equation)
    return at
  }

  /** Rows with zeros up to the padded width. */
  putPadded(matrix: DenseMatrix): number {
    const width = padded(matrix.columns)
    const at = this.allocate(matrix.rows * width * 4)
    padRows(matrix.data, matrix.columns, this.floats(at, matrix.rows * width))
    return at
  }

  /** Rows of `columns` without their padding, in memory of their own. */
  takePadded(at: number, rows: number, columns: number): Float32Array {
    return unpadRows(this.floats(at, rows * padded(columns)), columns)
  }
}
