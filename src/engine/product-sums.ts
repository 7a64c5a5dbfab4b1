import type { ProductValues } from './sources/source.ts'

/** Sums by product, of one history at a time: memory of the catalogue's length is used again for each. */
export class ProductSums {
  /** All 0 between two histories. */
  readonly #sums: Float64Array
  /** A bit for each product that something was added to. */
  readonly #marks: Uint32Array

  /** @param products  of the catalogue */
  constructor(products: number) {
    this.#sums = new Float64Array(products)
    this.#marks = new Uint32Array(Math.ceil(products / 32))
  }

  add(product: number, amount: number): void {
    this.#sums[product] += amount
    this.#marks[product >>> 5] |= 1 << (product & 31)
  }

  /** Leaves a product out, whatever was added to it. */
  drop(product: number): void {
    this.#sums[product] = 0
    this.#marks[product >>> 5] &= ~(1 << (product & 31))
  }

  /** The sums of the products that something was added to, ascending; begins anew. */
  take(): ProductValues {
    const [sums, marks] = [this.#sums, this.#marks]
    let count = 0
    for (let word = 0; word < marks.length; word++) count += bitsIn(marks[word])
    const products = new Uint32Array(count)
    const values = new Float64Array(count)
    let at = 0
    for (let word = 0; word < marks.length; word++) {
      for (let bits = marks[word]; bits !== 0; bits &= bits - 1) {
        const product = (word << 5) | (31 - Math.clz32(bits & -bits))
        products[at] = product
        values[at++] = sums[product]
        sums[product] = 0
      }
      marks[word] = 0
    }
    return { products, values, of: (product) => values[placeOf(products, product)] }
  }
}

function bitsIn(word: number): number {
  let count = 0
  for (let bits = word; bits !== 0; bits &= bits - 1) count++
  return count
}

/** The place of a number in an ascending array, between two places; −1 where it is not there. */
export function placeOf(ascending: Uint32Array, wanted: number, from = 0, to = ascending.length): number {
  let [low, high] = [from, to]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ascending[middle] < wanted) low = middle + 1
    else high = middle
  }
  return low < to && ascending[low] === wanted ? low : -1
}
