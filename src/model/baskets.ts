import { Column } from '../data/column.ts'
import type { Dataset } from '../data/dataset.ts'
import { csrFromTriples, transpose } from '../kernels/csr.ts'
import type { Csr } from '../kernels/kernels.ts'

/** What was bought in the same order: a shop's "frequently bought together". */
export interface Baskets {
  /**
   * Products × products. Row i holds up to `PARTNERS` others bought in an order with i, values n_ij, the number of such
   * orders: the most first, of equal numbers the higher cosine n_ij / √(n_i n_j), then the lower index.
   */
  readonly together: Csr
  /** Parallel to the entries of `together`: how many customers bought both, in one order or in several. */
  readonly customers: Uint32Array
  /** Per product i: n_i, the orders that hold it. */
  readonly orders: Uint32Array
}

/** How many partners a product has at most: more than any page shows, also where most are filtered out. */
export const PARTNERS = 50

/**
 * An order of more different products than this restocks a shop, and says nothing of what goes with what: it counts
 * in n_i, in no n_ij. It also bounds what counting takes: so many steps a line of an order.
 */
export const LARGEST_BASKET = 500

/**
 * Counts what was bought together, each product once an order however many lines name it.
 * @param histories  customers × products, the same purchases. Default: made of the dataset
 */
export function basketsOf(dataset: Dataset, histories: Csr = historiesOf(dataset)): Baskets {
  const { interactions, orders, products } = dataset
  const { size } = products
  const contents = csrFromTriples(orders.count, size, interactions.order, interactions.product)
  const holders = transpose(contents)
  const counts = Uint32Array.from({ length: size }, (_, i) => holders.indptr[i + 1] - holders.indptr[i])
  const best = bestFirst(counts)
  const indptr = new Uint32Array(size + 1)
  const indices = new Column(Uint32Array)
  const values = new Column(Float32Array)
  /** n_ij of the product i at hand; 0 in between. */
  const together = new Uint32Array(size)
  for (let product = 0; product < size; product++) {
    const others = countTogether(contents, holders, product, together)
    for (const other of best(others, together)) {
      indices.push(other)
      values.push(together[other])
    }
    indptr[product + 1] = indices.length
    for (const other of others) together[other] = 0
  }
  const partners = { rows: size, columns: size, indptr, indices: indices.take(), values: values.take() }
  return { together: partners, customers: customersOfBoth(partners, histories), orders: counts }
}

/** The orders that hold each product, and no partners. @param contents  orders × products */
export function basketsAlone({ columns, indices }: Csr): Baskets {
  const orders = new Uint32Array(columns)
  for (let line = 0; line < indices.length; line++) orders[indices[line]]++
  const together = {
    rows: columns,
    columns,
    indptr: new Uint32Array(columns + 1),
    indices: new Uint32Array(0),
    values: new Float32Array(0),
  }
  return { together, customers: new Uint32Array(0), orders }
}

function historiesOf({ interactions, customers, products }: Dataset): Csr {
  return csrFromTriples(customers.size, products.size, interactions.customer, interactions.product)
}

/**
 * How many customers bought both products of each pair.
 * @param pairs  products × products
 * @param histories  customers × products
 * @returns parallel to the entries of `pairs`
 */
export function customersOfBoth(pairs: Csr, histories: Csr): Uint32Array {
  const { indptr, indices } = transpose(histories)
  const both = new Uint32Array(pairs.indices.length)
  /** By customer: 1 + the product at hand, where the customer bought it. */
  const bought = new Uint32Array(histories.rows)
  const { entries, bounds, rarer } = byMoreBought(pairs, indptr)
  for (let product = 0; product < pairs.rows; product++) {
    if (bounds[product] === bounds[product + 1]) continue
    for (let b = indptr[product]; b < indptr[product + 1]; b++) bought[indices[b]] = product + 1
    for (let at = bounds[product]; at < bounds[product + 1]; at++) {
      const entry = entries[at]
      const other = rarer[entry]
      for (let b = indptr[other]; b < indptr[other + 1]; b++)
        if (bought[indices[b]] === product + 1) both[entry]++
    }
  }
  return both
}

/**
 * The entries of `pairs` by whichever of their two products more customers bought, so that only the others' customers
 * are gone through: of a best seller there are thousands, and it is in thousands of pairs.
 * @param buyers  bounds of each product's customers
 */
function byMoreBought(pairs: Csr, buyers: Uint32Array) {
  const count = pairs.indices.length
  const [more, rarer] = [new Uint32Array(count), new Uint32Array(count)]
  const bounds = new Uint32Array(pairs.rows + 1)
  const boughtBy = (product: number) => buyers[product + 1] - buyers[product]
  for (let product = 0; product < pairs.rows; product++) {
    for (let entry = pairs.indptr[product]; entry < pairs.indptr[product + 1]; entry++) {
      const other = pairs.indices[entry]
      const isMore = boughtBy(product) >= boughtBy(other)
      more[entry] = isMore ? product : other
      rarer[entry] = isMore ? other : product
      bounds[more[entry] + 1]++
    }
  }
  for (let product = 0; product < pairs.rows; product++) bounds[product + 1] += bounds[product]
  const next = bounds.slice()
  const entries = new Uint32Array(count)
  for (let entry = 0; entry < count; entry++) entries[next[more[entry]]++] = entry
  return { entries, bounds, rarer }
}

/**
 * Counts in `together` how many orders hold each other product together with this one.
 * @param contents,holders  orders × products, and the reverse
 * @returns the products with a count above 0
 */
function countTogether(contents: Csr, holders: Csr, product: number, together: Uint32Array): number[] {
  const { indptr, indices } = contents
  const others: number[] = []
  for (let h = holders.indptr[product]; h < holders.indptr[product + 1]; h++) {
    const from = indptr[holders.indices[h]]
    const to = indptr[holders.indices[h] + 1]
    if (to - from > LARGEST_BASKET) continue
    for (let entry = from; entry < to; entry++) {
      const other = indices[entry]
      if (other !== product && together[other]++ === 0) others.push(other)
    }
  }
  return others
}

/**
 * Picks a product's partners. For one product i the cosine n_ij / √(n_i n_j) of equal n_ij falls as n_j rises: so n_ij,
 * and the place of j among all products by n_j, make one whole number to sort by, and nothing is rounded.
 * @param counts  n_j
 */
function bestFirst(counts: Uint32Array): (others: readonly number[], together: Uint32Array) => Uint32Array {
  const size = counts.length
  const descending = Uint32Array.from(counts.keys()).sort((a, b) => counts[b] - counts[a] || b - a)
  const place = new Uint32Array(size)
  descending.forEach((product, at) => (place[product] = at))
  /** The greatest keys so far, the greatest first: a best seller has thousands of others, and few of them are kept. */
  const keys = new Float64Array(PARTNERS)
  return (others, together) => {
    let kept = 0
    for (const other of others) {
      const key = together[other] * size + place[other]
      if (kept === PARTNERS && key < keys[PARTNERS - 1]) continue
      let at = kept < PARTNERS ? kept++ : PARTNERS - 1
      for (; at > 0 && keys[at - 1] < key; at--) keys[at] = keys[at - 1]
      keys[at] = key
    }
    return Uint32Array.from(keys.subarray(0, kept), (key) => descending[key % size])
  }
}
