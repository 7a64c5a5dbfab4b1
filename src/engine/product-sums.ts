/** Values of some products, each product once. */
export interface ProductValues {
  readonly products: ArrayLike<number>
  /** Parallel to the products. */
  readonly values: ArrayLike<number>
  /** That of a product; undefined where it has none. */
  of(product: number): number | undefined
}

/** The values of a map. */
export const valuesIn = (map: ReadonlyMap<number, number>): ProductValues => ({
  products: [...map.keys()],
  values: [...map.values()],
  of: (product) => map.get(product),
})

/**
 * Sums by product, in memory for the whole catalogue that is used again for each customer: adding takes a few ns, where
 * a map takes dozens.
 */
export class ProductSums {
  /** All 0 between two customers. */
  readonly #sums: Float64Array
  /** A bit for each product that has a sum. */
  readonly #marks: Uint32Array

  /** @param size  the number of products */
  constructor(size: number) {
    this.#sums = new Float64Array(size)
    this.#marks = new Uint32Array(Math.ceil(size / 32))
  }

  add(product: number, amount: number): void {
    this.#sums[product] += amount
    this.#marks[product >>> 5] |= 1 << (product & 31)
  }

  /** Forgets the sum of a product. */
  drop(product: number): void {
    this.#sums[product] = 0
    this.#marks[product >>> 5] &= ~(1 << (product & 31))
  }

  /** The sums, products ascending; there are none afterwards. */
  take(): ProductValues {
    const [sums, marks] = [this.#sums, this.#marks]
    let count = 0
    for (let word = 0; word < marks.length; word++)
      for (let bits = marks[word]; bits !== 0; bits &= bits - 1) count++
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
