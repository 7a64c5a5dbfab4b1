import { type Category, DEPARTMENTS, EXPLANATION_STYLES } from './assortment.ts'
import { cumulate, type Dice } from './dice.ts'

interface Product {
  readonly sku: string
  readonly name: string
  readonly category: Category
  /** 0 natural, 1 modern, 2 playful. */
  readonly style: number
  readonly seller: number
  readonly price: number
  readonly grams: number
  readonly lengthCm: number
  readonly heightCm: number
  readonly widthCm: number
  readonly photos: number
  /** Added to the review scores of orders that contain it: 0, or below 0 for a poor product. */
  readonly flaw: number
}

const CATEGORIES = DEPARTMENTS.flatMap(({ adjectives, categories }, department) =>
  categories.map((category) => ({ category, adjectives, department })),
)

/** How quickly sales fall with a product's rank in its category (Zipf's law). */
const ZIPF_EXPONENT = 0.9
/** How many products a customer looks at to find one of their style. */
const STYLE_TRIES = 3
const PRODUCTS_PER_SELLER = 12
const MONTHS = 12

/**
 * The products of the shop, dealt out to the C categories in turn: product p is number ⌊p / C⌋ in the ranking of
 * category p mod C.
 */
export class Stock {
  readonly products: readonly Product[]
  readonly sellers: number
  readonly #categories: number
  /** The categories of a department that have something to sell. */
  readonly #siblings: readonly number[][]
  /** Cumulative weights of the ranks. */
  readonly #popularity: Float64Array

  constructor(size: number, dice: Dice) {
    this.#categories = Math.min(size, CATEGORIES.length)
    const filled = [...Array(this.#categories).keys()]
    this.#siblings = DEPARTMENTS.map((_, d) => filled.filter((c) => CATEGORIES[c].department === d)).filter(
      (siblings) => siblings.length > 0,
    )
    const ranks = Math.ceil(size / this.#categories)
    this.#popularity = cumulate(Array.from({ length: ranks }, (_, rank) => (rank + 1) ** -ZIPF_EXPONENT))
    this.sellers = Math.ceil(size / PRODUCTS_PER_SELLER)
    this.products = Array.from({ length: size }, (_, p) => this.#make(p, dice))
  }

  /** How many departments have something to sell. */
  get departments(): number {
    return this.#siblings.length
  }

  /** A random product of the department; popular ones and those of that style are more likely. */
  choose(dice: Dice, department: number, style: number): number {
    return this.#draw(dice, dice.pick(this.#siblings[department]), style)
  }

  /** A product of the same category; popular ones and those of the same style are more likely. It may be the same. */
  alike(dice: Dice, product: number): number {
    return this.#draw(dice, product % this.#categories, this.products[product].style)
  }

  #draw(dice: Dice, category: number, style: number): number {
    const ranks = this.#ranks(category)
    let product = category
    for (let i = 0; i < STYLE_TRIES; i++) {
      product = dice.weighted(this.#popularity, ranks) * this.#categories + category
      if (this.products[product].style === style) break
    }
    return product
  }

  /** What goes with a product: the one of its rank in the department's next category. */
  complement(product: number): number {
    const category = product % this.#categories
    const siblings = this.#siblings[CATEGORIES[category].department]
    const next = siblings[(siblings.indexOf(category) + 1) % siblings.length]
    const rank = Math.floor(product / this.#categories)
    return (rank % this.#ranks(next)) * this.#categories + next
  }

  #ranks(category: number): number {
    return Math.ceil((this.products.length - category) / this.#categories)
  }

  #make(product: number, dice: Dice): Product {
    const { category, adjectives, department } = CATEGORIES[product % this.#categories]
    const rank = Math.floor(product / this.#categories)
    const { nouns } = category
    // One step further after each round of nouns, so that a pair is not repeated before all have been used.
    const adjective = (rank + Math.floor(rank / nouns.length)) % adjectives.length
    const series = Math.floor(rank / (nouns.length * adjectives.length)) + 1
    const size = 1 + 0.3 * dice.bell()
    return {
      sku: `${category.english.toLowerCase().replace(/[^a-z]+/g, '-')}-${String(rank + 1).padStart(3, '0')}`,
      name: `${adjectives[adjective]} ${nouns[rank % nouns.length]}${series > 1 ? ` no. ${series}` : ''}`,
      category,
      style: Math.floor((adjective * EXPLANATION_STYLES) / adjectives.length),
      seller: (department + DEPARTMENTS.length * dice.between(0, PRODUCTS_PER_SELLER)) % this.sellers,
      price: Math.max(2, Math.round(category.price * size * (1 + 0.25 * dice.bell()))) - 0.1,
      grams: Math.round(category.weight * size),
      // The weight of water that fills half of the box.
      ...box(2 * category.weight * size, dice),
      photos: dice.between(1, 6),
      flaw: dice.happens(0.1) ? -1.5 : 0,
    }
  }
}

/** The chance that a customer who looks at a product in that month buys it. */
export function appeal({ category: { peak } }: Product, month: number): number {
  if (peak === undefined) return 0.4
  const distance = Math.min((month - peak + MONTHS) % MONTHS, (peak - month + MONTHS) % MONTHS)
  return [1, 0.6][distance] ?? 0.2
}

/** The sides of a box of that volume in cm³. */
function box(volume: number, dice: Dice): Pick<Product, 'lengthCm' | 'heightCm' | 'widthCm'> {
  const side = Math.cbrt(volume)
  const [long, flat] = [1.2 + 0.2 * dice.bell(), 0.7 + 0.1 * dice.bell()]
  return {
    lengthCm: Math.ceil(side * long),
    heightCm: Math.ceil(side * flat),
    widthCm: Math.ceil(side / (long * flat)),
  }
}
