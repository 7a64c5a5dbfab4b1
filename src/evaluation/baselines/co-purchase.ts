import { columnBounds } from '../../kernels/csr.ts'
import type { Csr } from '../../kernels/kernels.ts'
import type { System } from '../system.ts'
import { checkParameter } from './parameter.ts'
import { popularityOrder, purchasesOf, buyersOf } from './purchases.ts'
import { scoredLists } from './scored-lists.ts'

/**
 * Item-based nearest neighbours (Sarwar et al. 2001, doi:10.1145/371920.372071): each product of the history brings
 * the products that its customers bought, too, by similarity; similarities add up. A product is its own neighbour,
 * which
 * matters where it may be bought again. However many pieces were bought, a purchase counts once. After that, and for
 * a history that nobody shares a product with, what is popular.
 * @param name  in the report
 * @param weighting  one of those below: cosine, bm25, rp3beta
 * @param neighbours  the most neighbours of a product, itself not counted; a whole number of at least 1
 * @throws {RangeError} for any other
 */
export function coPurchase(
  name: string,
  weighting: (purchases: Csr) => Weighting,
  neighbours: number,
): System {
  const isCount = Number.isSafeInteger(neighbours) && neighbours >= 1
  checkParameter('neighbours', neighbours, isCount, 'a whole number of at least 1')
  return {
    name,
    isRandom: false,
    async fit(train) {
      const purchases = purchasesOf(train)
      const neighbourhoods = new Neighbourhoods(purchases, weighting(purchases), neighbours)
      return scoredLists(purchases.columns, popularityOrder(purchases), ({ history }, scores) => {
        for (const { product } of history) {
          const { products, similarities } = neighbourhoods.of(product)
          for (let n = 0; n < products.length; n++) scores.add(products[n], similarities[n])
        }
      })
    },
  }
}

interface Neighbourhood {
  /** Itself, then its neighbours, the nearest first. */
  readonly products: Uint32Array
  readonly similarities: Float64Array
}

/** Every product's neighbours, found when they are first asked for: histories hold few of all products. */
class Neighbourhoods {
  readonly #purchases: Csr
  readonly #weighting: Weighting
  readonly #neighbours: number
  readonly #byProduct: ByProduct
  /** Of the product at hand the sum of each other one, of those in `#met`. */
  readonly #sums: Float64Array
  /** The products met, and per product at which product it was met last. */
  readonly #met: Uint32Array
  readonly #metAt: Int32Array
  readonly #scratch: Float64Array
  readonly #found = new Map<number, Neighbourhood>()

  constructor(purchases: Csr, weighting: Weighting, neighbours: number) {
    this.#purchases = purchases
    this.#weighting = weighting
    this.#neighbours = neighbours
    this.#byProduct = byProduct(purchases)
    this.#sums = new Float64Array(purchases.columns)
    this.#met = new Uint32Array(purchases.columns)
    this.#metAt = new Int32Array(purchases.columns).fill(-1)
    this.#scratch = new Float64Array(purchases.columns)
  }

  of(product: number): Neighbourhood {
    const known = this.#found.get(product)
    if (known) return known
    const found = this.#find(product)
    this.#found.set(product, found)
    return found
  }

  #find(product: number): Neighbourhood {
    const count = this.#addCoPurchases(product)
    const sums = this.#sums
    const met = this.#met
    const weighting = this.#weighting
    // Itself goes first: it is no neighbour, and is kept whatever its similarity.
    for (let n = 0; n < count; n++) {
      const other = met[n]
      if (other === product) {
        met[n] = met[0]
        met[0] = product
      }
      sums[other] = weighting.similarity(product, other, sums[other])
    }
    const kept = Math.min(count, 1 + keepGreatest(met, 1, count, sums, this.#neighbours, this.#scratch))
    const products = met.slice(0, kept)
    const similarities = new Float64Array(kept)
    for (let n = 0; n < kept; n++) similarities[n] = sums[products[n]]
    return { products, similarities }
  }

  /** Σ_v x_vi x_vj of one product i and every j that it was bought with, itself included. @returns how many those are */
  #addCoPurchases(product: number): number {
    const { indptr, indices } = this.#purchases
    const { weights } = this.#weighting
    const { bounds, customers, entries } = this.#byProduct
    const sums = this.#sums
    const met = this.#met
    const metAt = this.#metAt
    let count = 0
    for (let at = bounds[product]; at < bounds[product + 1]; at++) {
      const weight = weights[entries[at]]
      const end = indptr[customers[at] + 1]
      for (let e = indptr[customers[at]]; e < end; e++) {
        const other = indices[e]
        if (metAt[other] !== product) {
          metAt[other] = product
          sums[other] = 0
          met[count++] = other
        }
        sums[other] += weight * weights[e]
      }
    }
    return count
  }
}

/**
 * Moves the products of the greatest values to the beginning of a part of a list, in no order; ties to the lower index.
 * @param begin,end  the part
 * @param scratch  is written over; as long as the part, or longer
 * @returns how many those are: `first`, or as many as the part has
 */
export function keepGreatest(
  products: Uint32Array,
  begin: number,
  end: number,
  values: Float64Array,
  first: number,
  scratch: Float64Array,
): number {
  const count = Math.max(0, end - begin)
  if (count <= first) return count
  for (let n = 0; n < count; n++) scratch[n] = values[products[begin + n]]
  const least = nthGreatest(scratch, count, first)
  let above = begin
  const equal: number[] = []
  for (let n = begin; n < end; n++) {
    const product = products[n]
    if (values[product] > least) products[above++] = product
    else if (values[product] === least) equal.push(product)
  }
  equal.sort((a, b) => a - b)
  for (let n = 0; above < begin + first; n++) products[above++] = equal[n]
  return first
}

/** Hoare's selection (1961, doi:10.1145/366622.366647), in place: the n-th greatest of the first `count` values. */
function nthGreatest(values: Float64Array, count: number, n: number): number {
  let low = 0
  let high = count - 1
  while (low < high) {
    const pivot = values[(low + high) >> 1]
    let i = low
    let j = high
    while (i <= j) {
      while (values[i] > pivot) i++
      while (values[j] < pivot) j--
      if (i > j) break
      const value = values[i]
      values[i++] = values[j]
      values[j--] = value
    }
    if (n - 1 <= j) high = j
    else if (n - 1 >= i) low = i
    else return pivot
  }
  return values[n - 1]
}

/** Where each product stands in the purchases: at bounds[j] … bounds[j + 1] − 1 who bought it, and the entry. */
interface ByProduct {
  readonly bounds: Uint32Array
  readonly customers: Uint32Array
  readonly entries: Uint32Array
}

/** Made once of the same purchases, however many settings count them. */
const known = new WeakMap<Csr, ByProduct>()

function byProduct(purchases: Csr): ByProduct {
  const made = known.get(purchases) ?? arrangeByProduct(purchases)
  known.set(purchases, made)
  return made
}

function arrangeByProduct(purchases: Csr): ByProduct {
  const { rows, indptr, indices } = purchases
  const bounds = columnBounds(purchases)
  const next = bounds.slice()
  const customers = new Uint32Array(indices.length)
  const entries = new Uint32Array(indices.length)
  for (let customer = 0; customer < rows; customer++) {
    for (let entry = indptr[customer]; entry < indptr[customer + 1]; entry++) {
      const at = next[indices[entry]]++
      customers[at] = customer
      entries[at] = entry
    }
  }
  return { bounds, customers, entries }
}

/**
 * Three ways to count co-purchases. Each makes the similarity of two products i and j out of one sum over the
 * customers who bought both:
 *
 *   s_ij = f_ij(Σ_v x_vi x_vj)
 *
 * Legend: x_vi the weight of customer v's purchase of product i; r_vi how many of it; n_i the customers of product i,
 * n_v the distinct products of customer v; N the products that were ever bought.
 */

/** A way to count co-purchases, ready for some purchases. */
interface Weighting {
  /** x, parallel to the purchases' entries. */
  readonly weights: Float64Array
  /** f: the similarity, ≥ 0, of two products whose sum is `sum`. */
  similarity(i: number, j: number, sum: number): number
}

/**
 * Cosine of the two sets of customers, shrunk where it rests on few: s = n_ij / (√(n_i n_j) + h), n_ij the customers of
 * both (the item-kNN of Ferrari Dacrema, Cremonesi & Jannach 2019, arXiv:1907.06902).
 * @param shrink  h ≥ 0; 0 is the plain cosine
 * @throws {RangeError} for any other
 */
export function cosine({ shrink }: { readonly shrink: number }): (purchases: Csr) => Weighting {
  checkNotNegative({ shrink })
  return (purchases) => {
    const buyers = buyersOf(purchases)
    return {
      weights: new Float64Array(purchases.indices.length).fill(1),
      similarity: (i, j, sum) => sum / (Math.sqrt(buyers[i] * buyers[j]) + shrink),
    }
  }
}

/**
 * Okapi BM25 with products for documents and customers for terms, as the library `implicit` weighs co-purchases:
 *
 *   x_vi = idf_v · r_vi (k₁ + 1) / (r_vi + k₁ (1 − b + b·l_i/l̄)),   idf_v = ln(1 + (N − n_v + ½)/(n_v + ½)),   s = Σ
 *
 * l_i the pieces sold of product i, l̄ their mean (Robertson & Zaragoza 2009, doi:10.1561/1500000019; the inverse
 * document frequency as Lucene has it, which is never negative).
 * @param k1  k₁ ≥ 0: how slowly the count of one purchase saturates
 * @param b  0 … 1: how much being bought a lot counts against a product
 * @throws {RangeError} for any other
 */
export function bm25({ k1, b }: { readonly k1: number; readonly b: number }): (purchases: Csr) => Weighting {
  checkNotNegative({ k1 })
  checkParameter('b', b, b >= 0 && b <= 1, 'a number from 0 to 1')
  return (purchases) => {
    const { indices, values, columns } = purchases
    const pieces = new Float64Array(columns)
    indices.forEach((product, entry) => (pieces[product] += values[entry]))
    const sold = pieces.filter((count) => count > 0)
    const mean = sold.reduce((sum, count) => sum + count, 0) / sold.length
    const weights = Float64Array.from(values, (r, entry) => {
      const length = 1 - b + (b * pieces[indices[entry]]) / mean
      return (r * (k1 + 1)) / (r + k1 * length)
    })
    eachRow(purchases, (begin, end) => {
      const distinct = end - begin
      const idf = Math.log1p((sold.length - distinct + 0.5) / (distinct + 0.5))
      for (let entry = begin; entry < end; entry++) weights[entry] *= idf
    })
    return { weights, similarity: (_i, _j, sum) => sum }
  }
}

/**
 * RP³β: a random walk from product to customer to product, s = Σ_v (1/n_i)^α (1/n_v)^α / n_j^β, v the customers of both
 * (Paudel, Christoffel, Newell & Bernstein 2017, doi:10.1145/2955101; the walk's first step, from the customer, is the
 * same for all their products and left out).
 * @param alpha  α ≥ 0: how much branching costs
 * @param beta  β ≥ 0: how much popularity counts against a product; 0 is P³α
 * @throws {RangeError} for any other
 */
export function rp3beta({
  alpha,
  beta,
}: {
  readonly alpha: number
  readonly beta: number
}): (purchases: Csr) => Weighting {
  checkNotNegative({ alpha, beta })
  return (purchases) => {
    const buyers = buyersOf(purchases)
    const branching = buyers.map((count) => count ** -alpha)
    const popularity = buyers.map((count) => count ** -beta)
    const weights = new Float64Array(purchases.indices.length)
    // The root of (1/n_v)^α at both products of the pair.
    eachRow(purchases, (begin, end) => weights.fill((end - begin) ** (-alpha / 2), begin, end))
    return { weights, similarity: (i, j, sum) => sum * branching[i] * popularity[j] }
  }
}

function eachRow({ rows, indptr }: Csr, visit: (begin: number, end: number) => void): void {
  for (let row = 0; row < rows; row++) visit(indptr[row], indptr[row + 1])
}

function checkNotNegative(parameters: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(parameters)) {
    checkParameter(name, value, value >= 0 && value < Infinity, 'a number of at least 0')
  }
}
