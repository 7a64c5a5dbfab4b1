import type { Work } from '../kernels/work.ts'

/** A set of products, as the kernels take it: bit i (word i >> 5, bit i & 31) says whether product i belongs to it. */
export interface ProductSet {
  readonly bits: Uint32Array
  /** How many belong to it. */
  readonly count: number
}

/** The products of 0 … size − 1 that a predicate holds for. */
export function productsWhere(size: number, belongs: (product: number) => boolean): ProductSet {
  const bits = new Uint32Array(Math.ceil(size / 32))
  let count = 0
  for (let product = 0; product < size; product++) {
    if (!belongs(product)) continue
    bits[product >> 5] |= 1 << (product & 31)
    count++
  }
  return { bits, count }
}

/** Products that are looked at in one piece. */
const PIECE = 512

/** As `productsWhere`, in pieces. */
export async function productsWhereInPieces(
  size: number,
  belongs: (product: number) => boolean,
  work: Work,
): Promise<ProductSet> {
  const bits = new Uint32Array(Math.ceil(size / 32))
  let count = 0
  for (let begin = 0; begin < size; begin += PIECE) {
    const turn = work.pause()
    if (turn) await turn
    work.time(() => {
      const end = Math.min(size, begin + PIECE)
      for (let product = begin; product < end; product++) {
        if (!belongs(product)) continue
        bits[product >> 5] |= 1 << (product & 31)
        count++
      }
    })
  }
  return { bits, count }
}

/** Whether a product belongs to a set; to `null`, which stands for all products, each does. */
export function isIn(set: ProductSet | null, product: number): boolean {
  return set === null || ((set.bits[product >> 5] >>> (product & 31)) & 1) === 1
}

/** How many products a set holds of `size`; `null` holds them all. */
export function countOf(set: ProductSet | null, size: number): number {
  return set === null ? size : set.count
}

/** The products that belong to both. */
export function intersection(a: ProductSet, b: ProductSet | null): ProductSet {
  if (b === null) return a
  const bits = a.bits.map((word, w) => word & b.bits[w])
  return { bits, count: bits.reduce((sum, word) => sum + bitsOf(word), 0) }
}

/** The products of a set, ascending. */
export function productsIn({ bits, count }: ProductSet): Uint32Array {
  const products = new Uint32Array(count)
  let next = 0
  bits.forEach((word, w) => {
    for (let rest = word; rest !== 0; rest &= rest - 1)
      products[next++] = 32 * w + 31 - Math.clz32(rest & -rest)
  })
  return products
}

/** How many bits of a word are set (Warren, Hacker's Delight, section 5-1). */
function bitsOf(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555)
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
