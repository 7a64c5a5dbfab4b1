/**
 * What customers bought who bought something in the history too:
 *
 *   v(u, j) = Σ_{i ∈ H} n_ij / √(n_i n_j)
 *
 * n_i the customers who bought product i, n_ij those who bought both: the cosine of the two products' columns
 * (Sarwar et al. 2001, doi:10.1145/371920.372071), summed over the history H. Nothing is said of products in H: a
 * customer's own purchases are no evidence from others.
 */
import { LRUCache } from 'lru-cache'
import { transpose } from '../kernels/csr.ts'
import type { Csr } from '../kernels/kernels.ts'
import type { Heard } from './heard.ts'
import { heardOf, valueAt } from './heard.ts'
import type { HistoryEntry } from './recommendation.ts'

/** So many of a product's nearest speak for it: a best seller has something in common with half of the catalogue. */
const NEIGHBOURS = 200

/** So many bytes of neighbours are kept, those asked for last: of some 10,000 products. */
const MOST_BYTES = 32 * 2 ** 20

/** What a neighbour takes, and a product's list of them beside that. */
const BYTES = 16
const OVERHEAD = 500

interface Neighbours {
  readonly products: Uint32Array
  readonly cosines: Float64Array
  /** n_ij */
  readonly customers: Uint32Array
}

/** A purchase that speaks for a product. */
export interface BoughtTogether {
  readonly purchase: HistoryEntry
  /** Its term of v. */
  readonly cosine: number
  /** n_ij, who bought both. */
  readonly customers: number
}

export interface HeardCoPurchase extends Heard {
  /** The purchases that v is the sum over. */
  together(product: number): BoughtTogether[]
}

/** @param histories  customers × products; a product's neighbours are found when they are asked for, and kept for a while */
export function coPurchaseSource(histories: Csr): (history: readonly HistoryEntry[]) => HeardCoPurchase {
  const buyers = transpose(histories)
  const count = (product: number) => buyers.indptr[product + 1] - buyers.indptr[product]
  const kept = new LRUCache<number, Neighbours>({
    maxSize: MOST_BYTES,
    sizeCalculation: ({ products }) => BYTES * products.length + OVERHEAD,
  })
  /** n_ij for the product i at hand; 0 in between. */
  const together = new Uint32Array(histories.columns)

  function neighbours(product: number): Neighbours {
    const touched: number[] = []
    for (let b = buyers.indptr[product]; b < buyers.indptr[product + 1]; b++) {
      const customer = buyers.indices[b]
      for (let e = histories.indptr[customer]; e < histories.indptr[customer + 1]; e++) {
        const other = histories.indices[e]
        if (together[other]++ === 0) touched.push(other)
      }
    }
    const cosines = new Float64Array(touched.length)
    const customers = Uint32Array.from(touched, (other) => together[other])
    touched.forEach((other, i) => {
      if (other !== product) cosines[i] = together[other] / Math.sqrt(count(product) * count(other))
      together[other] = 0
    })
    const least = valueAt(cosines.slice(), NEIGHBOURS - 1) ?? 0
    const near = [...touched.keys()].filter((i) => cosines[i] >= least && touched[i] !== product)
    near.sort((a, b) => cosines[b] - cosines[a] || touched[a] - touched[b])
    const nearest = near.slice(0, NEIGHBOURS)
    return {
      products: Uint32Array.from(nearest, (i) => touched[i]),
      cosines: Float64Array.from(nearest, (i) => cosines[i]),
      customers: Uint32Array.from(nearest, (i) => customers[i]),
    }
  }

  function neighboursOf(product: number): Neighbours {
    const former = kept.get(product)
    if (former) return former
    const found = neighbours(product)
    kept.set(product, found)
    return found
  }

  return (history) => {
    const values = new Map<number, number>()
    for (const { product } of history) {
      const { products, cosines } = neighboursOf(product)
      products.forEach((other, i) => values.set(other, (values.get(other) ?? 0) + cosines[i]))
    }
    const own = new Set(history.map(({ product }) => product))
    for (const product of own) values.delete(product)
    return {
      ...heardOf(values, (product) => count(product) > 0 && !own.has(product)),
      together: (product) =>
        history.flatMap((purchase) => {
          const { products, cosines, customers } = neighboursOf(purchase.product)
          const place = own.has(product) ? -1 : products.indexOf(product)
          return place < 0 ? [] : [{ purchase, cosine: cosines[place], customers: customers[place] }]
        }),
    }
  }
}
