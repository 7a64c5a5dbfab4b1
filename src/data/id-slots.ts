/** Strings as ids.ts lays them out. */
interface Encoded {
  readonly size: number
  readonly bytes: Uint8Array
  readonly offsets: Uint32Array
}

const encoder = new TextEncoder()
let scratch = new Uint8Array(1024)

/** The UTF-8 of `text`, in memory that the next call reuses. */
export function encode(text: string): Uint8Array {
  // A UTF-16 unit takes three bytes at most.
  if (text.length * 3 > scratch.length) scratch = new Uint8Array(text.length * 6)
  return scratch.subarray(0, encoder.encodeInto(text, scratch).written)
}

/** FNV-1a over 32 bits (draft-eastlake-fnv), finished as MurmurHash3 is: the low bits alone pick the slot. */
export function hash(bytes: Uint8Array, start = 0, end = bytes.length): number {
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
export class Slots {
  #slots: Int32Array
  #taken = 0

  /** @param expected  how many ids there is to be room for; more make it grow */
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
