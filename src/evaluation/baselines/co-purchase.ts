import { columnBounds } from '../../kernels/csr.ts'
import type { Csr } from '../../kernels/kernels.ts'
import type { System } from '../system.ts'
import { checkParameter } from './parameter.ts'
import { popularityOrder, purchasesOf, buyersOf } from './purchases.ts'
import { Scoreboard, scoredLists } from './scored-lists.ts'

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
  readonly #sums: Scoreboard
  readonly #found = new Map<number, Neighbourhood>()

  constructor(purchases: Csr, weighting: Weighting, neighbours: number) {
    this.#purchases = purchases
    this.#weighting = weighting
    this.#neighbours = neighbours
    this.#byProduct = byProduct(purchases)
    this.#sums = new Scoreboard(purchases.columns)
  }

  of(product: number): Neighbourhood {
    const known = this.#found.get(product)
    if (known) return known
    const found = this.#find(product)
    this.#found.set(product, found)
    return found
  }

  #find(product: number): Neighbourhood {
    const sums = this.#sums
    sums.clear()
    this.#addCoPurchases(product)
    sums.rescale((other, sum) => this.#weighting.similarity(product, other, sum))
    const itself = sums.scoreOf(product)
    if (itself === 0) return { products: new Uint32Array(0), similarities: new Float64Array(0) }
    sums.exclude(product)
    const nearest = sums.best(this.#neighbours)
    const products = new Uint32Array(nearest.length + 1)
    const similarities = new Float64Array(nearest.length + 1)
    products[0] = product
    similarities[0] = itself
    for (let n = 0; n < nearest.length; n++) {
      products[n + 1] = nearest[n]
      similarities[n + 1] = sums.scoreOf(nearest[n])
    }
    return { products, similarities }
  }

  /** Σ_v x_vi x_vj of one product i and every j. */
  #addCoPurchases(product: number): void {
    const { indptr, indices } = this.#purchases
    const { weights } = this.#weighting
    const { bounds, customers, entries } = this.#byProduct
    for (let at = bounds[product]; at < bounds[product + 1]; at++) {
      const weight = weights[entries[at]]
      const end = indptr[customers[at] + 1]
      for (let e = indptr[customers[at]]; e < end; e++) this.#sums.add(indices[e], weight * weights[e])
    }
  }
}

/** Where each product stands in the purchases: at bounds[j] … bounds[j + 1] − 1 who bought it, and the entry. */
interface ByProduct {
  readonly bounds: Uint32Array
  readonly customers: Uint32Array
  readonly entries: Uint32Array
}

function byProduct(purchases: Csr): ByProduct {
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
    const weights = new Float64Array(purchases.indices.length)
    // The root of (1/n_v)^α at both products of the pair.
    eachRow(purchases, (begin, end) => weights.fill((end - begin) ** (-alpha / 2), begin, end))
    return { weights, similarity: (i, j, sum) => sum * buyers[i] ** -alpha * buyers[j] ** -beta }
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
