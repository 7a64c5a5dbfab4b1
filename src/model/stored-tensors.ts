import type { CategoricalColumn } from '../data/dataset.ts'
import type { StringColumn } from '../data/ids.ts'
import { stringColumn } from '../data/ids.ts'
import type { Csr } from '../kernels/kernels.ts'
import type { Tensor, TensorData } from './safetensors.ts'

/** Tensors or metadata that do not make a model; the message says which, and why. */
export class StoredModelError extends Error {
  override readonly name = 'StoredModelError'
}

/** The tensors of a model file by name, each checked before it is handed out. All methods throw StoredModelError. */
export class StoredTensors {
  readonly #tensors: ReadonlyMap<string, Tensor>

  constructor(tensors: readonly Tensor[]) {
    this.#tensors = new Map(tensors.map((tensor) => [tensor.name, tensor]))
  }

  has(name: string): boolean {
    return this.#tensors.has(name)
  }

  /** @param shape  what it must be; absent: a vector of any length */
  take<Data extends TensorData>(name: string, type: new () => Data, ...shape: number[]): Data {
    const tensor = this.#tensors.get(name)
    if (tensor === undefined) throw new StoredModelError(`tensor ${name} is missing`)
    const { data } = tensor
    if (!(data instanceof type)) throw new StoredModelError(`tensor ${name} is no ${type.name}`)
    const expected = shape.length === 0 ? [data.length] : shape
    if (String(tensor.shape) === String(expected)) return data
    throw new StoredModelError(`tensor ${name} has the shape [${tensor.shape}], not [${expected}]`)
  }

  /** As `take`, every value finite. */
  finite<Data extends Float32Array | Float64Array>(
    name: string,
    type: new () => Data,
    ...shape: number[]
  ): Data {
    const data = this.take(name, type, ...shape)
    for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) throw wrongValue(name, data, i)
    return data
  }

  /** As `take`, every value finite or unknown. */
  finiteOrNaN<Data extends Float32Array | Float64Array>(
    name: string,
    type: new () => Data,
    ...shape: number[]
  ): Data {
    const data = this.take(name, type, ...shape)
    for (let i = 0; i < data.length; i++) if (Math.abs(data[i]) === Infinity) throw wrongValue(name, data, i)
    return data
  }

  strings(name: string): StringColumn {
    const bytes = this.take(`${name}.bytes`, Uint8Array)
    const offsets = this.take(`${name}.offsets`, Uint32Array)
    try {
      return stringColumn(bytes, offsets)
    } catch (cause) {
      throw new StoredModelError(`tensor ${name}.offsets is wrong: ${(cause as Error).message}`, { cause })
    }
  }

  /** @param title  the column's own name, which may be any string */
  categorical(name: string, title: string, rows: number): CategoricalColumn {
    const codes = this.take(`${name}.codes`, Int32Array, rows)
    const strings = this.strings(`${name}.labels`)
    const labels = Array.from({ length: strings.size }, (_, label) => strings.at(label))
    const place = codes.findIndex((code) => code < -1 || code >= labels.length)
    if (place < 0) return { name: title, labels, codes }
    throw new StoredModelError(
      `tensor ${name}.codes holds ${codes[place]} at ${place}, of ${labels.length} labels`,
    )
  }

  csr(name: string, rows: number, columns: number): Csr {
    const indptr = this.take(`${name}.indptr`, Uint32Array, rows + 1)
    const indices = this.take(`${name}.indices`, Uint32Array)
    const values = this.finite(`${name}.values`, Float32Array, indices.length)
    const rises = indptr.every((begin, row) => (row === 0 ? begin === 0 : begin >= indptr[row - 1]))
    if (!rises || indptr[rows] !== indices.length)
      throw new StoredModelError(`tensor ${name}.indptr bounds no rows`)
    const place = indices.findIndex((column) => column >= columns)
    if (place < 0) return { rows, columns, indptr, indices, values }
    throw new StoredModelError(
      `tensor ${name}.indices holds ${indices[place]} at ${place}, of ${columns} columns`,
    )
  }
}

function wrongValue(name: string, data: Float32Array | Float64Array, place: number): StoredModelError {
  return new StoredModelError(`tensor ${name} holds ${data[place]} at ${place}`)
}
