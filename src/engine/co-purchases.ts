/**
 * What customers bought who bought something in the history too:
 *
 *   v(u, j) = Σ_{i ∈ H} n_ij / √(n_i n_j)
 *
 * n_i the customers who bought product i, n_ij those who bought both: the cosine of the two products' columns
 * (Sarwar et al. 2001, doi:10.1145/371920.372071), summed over the history H. Nothing is said of products in H: a
 * customer's own purchases are no evidence from others. Of customers with more than PRODUCTS_READ products the latest
 * are read: of 20,000 products each would be a neighbour of all others.
 */
import { LRUCache } from 'lru-cache'
import type { Csr } from '../kernels/kernels.ts'
import type { Work } from '../kernels/work.ts'
import { ANYBODY, customersOf } from './buyers.ts'
import { valueAt } from './top-products.ts'
import { latestEntries, PRODUCTS_READ, productSetOf } from './history.ts'
import type { HistoryEntry } from './history-entry.ts'

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

/** What was bought together with one history. */
export interface CoPurchasesOfHistory {
  /** v of every product for which it is above 0. */
  readonly values: ReadonlyMap<number, number>
  /** Whether anything could be said of a product. */
  knows(product: number): boolean
  /** The purchases that v is the sum over. */
  together(product: number): BoughtTogether[]
}

/** What was bought together with any history. */
export interface CoPurchases {
  /** @param least  how many customers must have bought both (buyers.ts); left out: any */
  of(history: readonly HistoryEntry[], least?: number): CoPurchasesOfHistory
  /** Finds out in pieces what is going to be asked; nothing where all of it is known already. */
  prepare(query: Asking, work: Work): Promise<void> | undefined
}

/** Who is going to ask. */
interface Asking {
  readonly history: readonly HistoryEntry[]
  /** Left out: any. */
  readonly leastCustomers?: number
}

/** Entries of histories that are looked at in one piece: well within a millisecond. */
const PIECE = 50_000

/**
 * @param whole  customers × products; of a customer the PRODUCTS_READ latest are read. A product's neighbours are found
 *   when they are first asked for, and kept
 * @param lastPurchased  when each was bought last, parallel to the entries, NaN unknown. Default: unknown
 */
export function coPurchasesOf(
  whole: Csr,
  lastPurchased: Float64Array = new Float64Array(whole.indices.length).fill(NaN),
): CoPurchases {
  const histories = latestEntries(whole, lastPurchased, PRODUCTS_READ)
  const { byProduct: buyers } = customersOf(histories)
  const count = (product: number) => buyers.indptr[product + 1] - buyers.indptr[product]
  /** What neighbours are kept under. */
  const keyOf = (product: number, least: number) => least * histories.columns + product
  const kept = new LRUCache<number, Neighbours>({
    maxSize: MOST_BYTES,
    sizeCalculation: ({ products }) => BYTES * products.length + OVERHEAD,
  })
  /** Of those under way each has one, n_ij for the product i at hand; all 0 in between. */
  const idle: Uint32Array[] = []

  /** Finds a product's neighbours, a piece with each step. */
  function* finding(product: number, leastCustomers: number): Generator<undefined, Neighbours> {
    const together = idle.pop() ?? new Uint32Array(histories.columns)
    const touched: number[] = []
    let looked = 0
    for (let b = buyers.indptr[product]; b < buyers.indptr[product + 1]; b++) {
      const customer = buyers.indices[b]
      const end = histories.indptr[customer + 1]
      for (let e = histories.indptr[customer]; e < end; e++) {
        const other = histories.indices[e]
        if (together[other]++ === 0) touched.push(other)
      }
      looked += end - histories.indptr[customer]
      if (looked < PIECE) continue
      looked = 0
      yield
    }
    const cosines = new Float64Array(touched.length)
    const customers = Uint32Array.from(touched, (other) => together[other])
    touched.forEach((other, i) => {
      if (other !== product && customers[i] >= leastCustomers)
        cosines[i] = together[other] / Math.sqrt(count(product) * count(other))
      together[other] = 0
    })
    idle.push(together)
    const least = valueAt(cosines.slice(), NEIGHBOURS - 1) ?? 0
    const near = [...touched.keys()].filter((i) => cosines[i] >= least && cosines[i] > 0)
    near.sort((a, b) => cosines[b] - cosines[a] || touched[a] - touched[b])
    const nearest = near.slice(0, NEIGHBOURS)
    return {
      products: Uint32Array.from(nearest, (i) => touched[i]),
      cosines: Float64Array.from(nearest, (i) => cosines[i]),
      customers: Uint32Array.from(nearest, (i) => customers[i]),
    }
  }

  function keep(key: number, found: Neighbours): Neighbours {
    kept.set(key, found)
    return found
  }

  function neighboursOf(product: number, least: number): Neighbours {
    const key = keyOf(product, least)
    const known = kept.get(key)
    if (known) return known
    const search = finding(product, least)
    for (;;) {
      const { done, value } = search.next()
      if (done) return keep(key, value)
    }
  }

  async function prepareAll(products: readonly number[], least: number, work: Work): Promise<void> {
    for (const product of products) {
      const search = finding(product, least)
      for (;;) {
        const turn = work.pause()
        if (turn) await turn
        const { done, value } = work.time(() => search.next())
        if (!done) continue
        keep(keyOf(product, least), value)
        break
      }
    }
  }

  function of(history: readonly HistoryEntry[], least = ANYBODY): CoPurchasesOfHistory {
    const values = new Map<number, number>()
    for (const { product } of history) {
      const { products, cosines } = neighboursOf(product, least)
      products.forEach((other, i) => values.set(other, (values.get(other) ?? 0) + cosines[i]))
    }
    const own = productSetOf(history)
    for (const product of own) values.delete(product)
    return {
      values,
      knows: (product) => count(product) > 0 && !own.has(product),
      together: (product) =>
        history.flatMap((purchase) => {
          const { products, cosines, customers } = neighboursOf(purchase.product, least)
          const place = own.has(product) ? -1 : products.indexOf(product)
          return place < 0 ? [] : [{ purchase, cosine: cosines[place], customers: customers[place] }]
        }),
    }
  }

  return {
    of,
    prepare({ history, leastCustomers = ANYBODY }: Asking, work: Work) {
      const unknown = history
        .map(({ product }) => product)
        .filter((product) => !kept.has(keyOf(product, leastCustomers)))
      return unknown.length === 0 ? undefined : prepareAll(unknown, leastCustomers, work)
    },
  }
}
