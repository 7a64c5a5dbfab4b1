type TypedArray = Uint8Array | Uint32Array | Int32Array | Float32Array | Float64Array

interface TypedArrayType<T extends TypedArray> {
  readonly BYTES_PER_ELEMENT: number
  new (buffer: ArrayBuffer): T
}

const FIRST_CAPACITY = 1024

/** A typed array that grows as values are pushed: what a CSV column becomes. */
export class Column<T extends TypedArray> {
  readonly #type: TypedArrayType<T>
  #buffer: ArrayBuffer
  #values: T
  #length = 0

  constructor(type: TypedArrayType<T>) {
    this.#type = type
    this.#buffer = new ArrayBuffer(FIRST_CAPACITY * type.BYTES_PER_ELEMENT)
    this.#values = new type(this.#buffer)
  }

  get length(): number {
    return this.#length
  }

  /** The room behind the values, which moves when the column grows: read it anew after every push. */
  get values(): T {
    return this.#values
  }

  push(value: number): void {
    if (this.#length === this.#values.length) this.#resize(this.#length * 2)
    this.#values[this.#length++] = value
  }

  /** Pushes every one of `values`. */
  append(values: ArrayLike<number>): void {
    const end = this.#length + values.length
    if (end > this.#values.length) this.#resize(Math.max(end, this.#length * 2))
    this.#values.set(values, this.#length)
    this.#length = end
  }

  /** The values in exactly as much memory as they need. They are the caller's: the column is used up. */
  take(): T {
    this.#resize(this.#length)
    return this.#values
  }

  #resize(capacity: number): void {
    this.#buffer = this.#buffer.transfer(capacity * this.#type.BYTES_PER_ELEMENT)
    this.#values = new this.#type(this.#buffer)
  }
}

/** The values at the given places: result[i] = values[places[i]]. */
export function gather<T extends TypedArray>(values: T, places: Uint32Array): T {
  const Type = values.constructor as TypedArrayType<T>
  const gathered = new Type(new ArrayBuffer(places.length * values.BYTES_PER_ELEMENT))
  for (let i = 0; i < places.length; i++) gathered[i] = values[places[i]]
  return gathered
}
