import { Column } from './column.ts'

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

  /** Like `add`, for a string that is already UTF-8. */
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
   * The index of `id`: its own if it is known, else the next.
   * @throws {RangeError} when the distinct ids would come to more than 4 GiB
   */
  add(id: string): number {
    return this.addEncoded(encode(id))
  }

  /** Like `add`, for an id that is already bytes. */
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

  /** Like `indexOf`, for an id that is already bytes. */
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

/** Strings as ids.ts lays them out. */
interface Encoded {
  readonly size: number
  readonly bytes: Uint8Array
  readonly offsets: Uint32Array
}

const encoder = new TextEncoder()
let scratch = new Uint8Array(1024)

/** The UTF-8 of `text`, in memory that the next call reuses. */
function encode(text: string): Uint8Array {
  // A UTF-16 unit takes three bytes at most.
  if (text.length * 3 > scratch.length) scratch = new Uint8Array(text.length * 6)
  return scratch.subarray(0, encoder.encodeInto(text, scratch).written)
}

/** FNV-1a over 32 bits (draft-eastlake-fnv), finished as MurmurHash3 is: the low bits alone pick the slot. */
function hash(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let mixed = 0x811c9dc5
  for (let i = start; i < end; i++) mixed = Math.imul(mixed ^ bytes[i], 0x01000193)
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

/**
 * The hash table behind the id tables: open addressing with linear probing, at most two thirds full. The strings
 * stay where they are; a slot is two numbers, the index of a string plus 1 (0: free) and its hash, so that a string
 * is looked at, in far memory, hardly ever in vain. Twenty million ids cost 256 MiB here, where a Map of strings
 * would refuse the 2^24th.
 */
class Slots {
  #slots: Int32Array
  #taken = 0

  /** @param expected  how many ids to make room for; it grows if there are more */
  constructor(expected = 0) {
    this.#slots = new Int32Array(2 * Math.max(1024, 2 ** Math.ceil(Math.log2(expected * 1.5))))
  }

  /** Slots for all the strings. Of equal ones the first will be found. */
  static of({ size, bytes, offsets }: Encoded): Slots {
    const slots = new Slots(size)
    for (let i = 0; i < size; i++) slots.insert(i, hash(bytes, offsets[i], offsets[i + 1]))
    return slots
  }

  /** The index of `text`, or −1. */
  find({ bytes, offsets }: Encoded, text: Uint8Array, textHash = hash(text)): number {
    const slots = this.#slots
    const mask = slots.length - 2
    for (let slot = (textHash << 1) & mask; slots[slot] !== 0; slot = (slot + 2) & mask) {
      const index = slots[slot] - 1
      if (slots[slot + 1] === textHash && equal(bytes, offsets[index], offsets[index + 1], text)) return index
    }
    return -1
  }

  /** Takes a slot for the string `index`, which has none yet. */
  insert(index: number, indexHash: number): void {
    if (++this.#taken * 3 > this.#slots.length) this.#grow()
    const mask = this.#slots.length - 2
    let slot = (indexHash << 1) & mask
    while (this.#slots[slot] !== 0) slot = (slot + 2) & mask
    this.#slots[slot] = index + 1
    this.#slots[slot + 1] = indexHash
  }

  #grow(): void {
    const former = this.#slots
    this.#slots = new Int32Array(former.length * 2)
    this.#taken = 1
    for (let slot = 0; slot < former.length; slot += 2) {
      if (former[slot] !== 0) this.insert(former[slot] - 1, former[slot + 1])
    }
  }
}

function equal(bytes: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  if (end - start !== text.length) return false
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text[i]) return false
  return true
}
