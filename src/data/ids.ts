import { Column } from './column.ts'
import { encode, hash, Slots } from './id-slots.ts'

/**
 * Strings as one run of UTF-8 bytes and offsets: string i is bytes[offsets[i] … offsets[i + 1]). A tenth of the
 * memory of JavaScript strings, the layout of the model file, and not bound by the 2^24 entries of a Map.
 *
 * UTF-8 has no lone surrogates: they are stored, and found, as U+FFFD, just as TextEncoder writes them.
 */
export interface StringColumn {
  readonly size: number
  readonly bytes: Uint8Array
  /** size + 1 entries. */
  readonly offsets: Uint32Array
  /** @throws {RangeError} outside 0 … size − 1 */
  at(index: number): string
}

/** Distinct strings with a way back from string to index. */
export interface IdTable extends StringColumn {
  /** The index of `id`, or −1. */
  indexOf(id: string): number
}

/**
 * The strings that `bytes` and `offsets` hold; nothing is copied.
 * @throws {RangeError} unless the offsets begin at 0, never fall, and end where the bytes end
 */
export function stringColumn(bytes: Uint8Array, offsets: Uint32Array): StringColumn {
  return new Strings(bytes, offsets)
}

/** Any strings as a column. */
export function stringColumnOf(strings: Iterable<string>): StringColumn {
  const builder = new StringColumnBuilder()
  for (const text of strings) builder.add(text)
  return builder.build()
}

/**
 * The distinct ids that `bytes` and `offsets` hold; nothing is copied, and nothing is hashed before the first
 * `indexOf`. Of ids that are not distinct the first is found.
 * @throws {RangeError} as `stringColumn`
 */
export function idTable(bytes: Uint8Array, offsets: Uint32Array): IdTable {
  return new Ids(bytes, offsets)
}

/** The distinct ones of `ids`, in the order of their first appearance. */
export function idTableOf(ids: Iterable<string>): IdTable {
  const builder = new IdTableBuilder()
  for (const id of ids) builder.add(id)
  return builder.build()
}

/** Offsets are 32 bits wide. */
const MOST_BYTES = 2 ** 32 - 1

export class StringColumnBuilder {
  readonly #bytes = new Column(Uint8Array)
  readonly #offsets = new Column(Uint32Array)
  readonly #mostBytes: number

  /** @param mostBytes  how many bytes of UTF-8 the strings may come to */
  constructor(mostBytes = MOST_BYTES) {
    this.#mostBytes = mostBytes
    this.#offsets.push(0)
  }

  get size(): number {
    return this.#offsets.length - 1
  }

  /** The bytes and offsets so far; they move when the column grows. */
  get bytes(): Uint8Array {
    return this.#bytes.values
  }

  get offsets(): Uint32Array {
    return this.#offsets.values
  }

  /** @throws {RangeError} when the strings would come to more than 4 GiB */
  add(text: string): void {
    this.addEncoded(encode(text))
  }

  /** As `add`, of a string that is UTF-8 already. */
  addEncoded(text: Uint8Array): void {
    const end = this.#bytes.length + text.length
    if (end > this.#mostBytes) {
      throw new RangeError(
        `${this.size + 1} strings come to ${end} bytes; a column holds at most ${this.#mostBytes}: use shorter ids`,
      )
    }
    this.#bytes.append(text)
    this.#offsets.push(end)
  }

  /** The column. The builder is used up. */
  build(): StringColumn {
    return new Strings(this.#bytes.take(), this.#offsets.take())
  }
}

/** Gives every distinct id the next index. */
export class IdTableBuilder {
  readonly #strings: StringColumnBuilder
  readonly #slots = new Slots()

  /** @param mostBytes  how many bytes of UTF-8 the distinct ids may come to */
  constructor(mostBytes?: number) {
    this.#strings = new StringColumnBuilder(mostBytes)
  }

  get size(): number {
    return this.#strings.size
  }

  /**
   * The index of `id`: its own where it is known, else the next.
   * @throws {RangeError} when the distinct ids would come to more than 4 GiB
   */
  add(id: string): number {
    return this.addEncoded(encode(id))
  }

  /** As `add`, of an id that is bytes already. */
  addEncoded(bytes: Uint8Array): number {
    const bytesHash = hash(bytes)
    const known = this.#slots.find(this.#strings, bytes, bytesHash)
    if (known >= 0) return known
    this.#strings.addEncoded(bytes)
    this.#slots.insert(this.size - 1, bytesHash)
    return this.size - 1
  }

  /** The index of `id`, or −1. */
  indexOf(id: string): number {
    return this.indexOfEncoded(encode(id))
  }

  /** As `indexOf`, of an id that is bytes already. */
  indexOfEncoded(bytes: Uint8Array): number {
    return this.#slots.find(this.#strings, bytes)
  }

  /** The table. The builder is used up. */
  build(): IdTable {
    const { bytes, offsets } = this.#strings.build()
    return new Ids(bytes, offsets, this.#slots)
  }
}

class Strings implements StringColumn {
  readonly size: number
  readonly bytes: Uint8Array
  readonly offsets: Uint32Array
  readonly #text: Buffer

  constructor(bytes: Uint8Array, offsets: Uint32Array) {
    checkOffsets(bytes, offsets)
    this.size = offsets.length - 1
    this.bytes = bytes
    this.offsets = offsets
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  at(index: number): string {
    const isThere = Number.isInteger(index) && index >= 0 && index < this.size
    if (!isThere) throw new RangeError(`no string ${index} in a column of ${this.size}`)
    return this.#text.toString('utf8', this.offsets[index], this.offsets[index + 1])
  }
}

class Ids extends Strings implements IdTable {
  #slots: Slots | undefined

  constructor(bytes: Uint8Array, offsets: Uint32Array, slots?: Slots) {
    super(bytes, offsets)
    this.#slots = slots
  }

  indexOf(id: string): number {
    this.#slots ??= Slots.of(this)
    return this.#slots.find(this, encode(id))
  }
}

function checkOffsets(bytes: Uint8Array, offsets: Uint32Array): void {
  if (offsets.length === 0 || offsets[0] !== 0) throw new RangeError('string offsets must begin at 0')
  for (let i = 1; i < offsets.length; i++) {
    if (offsets[i] < offsets[i - 1]) throw new RangeError(`string offset ${i} lies before its forerunner`)
  }
  const end = offsets[offsets.length - 1]
  if (end !== bytes.length) {
    throw new RangeError(`strings of ${end} bytes do not fit the ${bytes.length} bytes given`)
  }
}
