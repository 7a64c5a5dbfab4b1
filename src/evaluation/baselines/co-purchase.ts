import { columnBounds } from '../../kernels/csr.ts'
import type { Csr } from '../../kernels/kernels.ts'
import type { System } from '../system.ts'
import { checkParameter } from './parameter.ts'
import { popularityOrder, purchasesOf } from './purchases.ts'
import { Scoreboard } from './scoreboard.ts'
import { scoredLists } from './scored-lists.ts'
import type { Weighting } from './weightings.ts'

/**
 * Item-based nearest neighbours (Sarwar et al. 2001, doi:10.1145/371920.372071): each product of the history brings
 * the products that its customers bought, too, by similarity; similarities add up. A product is its own neighbour, which
 * matters where it may be bought again. However many pieces were bought, a purchase counts once. After that, and for
 * a history that nobody shares a product with, what is popular.
 * @param name  in the report
 * @param weighting  one of weightings.ts
 * @param neighbours  how many each product has at most, besides itself; a whole number of at least 1
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
          products.forEach((neighbour, n) => scores.add(neighbour, similarities[n]))
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
    const similarities = (products: Uint32Array) =>
      Float64Array.from(products, (other) => sums.scoreOf(other))
    sums.exclude(product)
    const nearest = sums.best(this.#neighbours)
    return {
      products: Uint32Array.of(product, ...nearest),
      similarities: Float64Array.of(itself, ...similarities(nearest)),
    }
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
