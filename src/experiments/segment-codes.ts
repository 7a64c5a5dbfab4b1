import type { Dataset } from '../data/dataset.ts'
import { keepInteractions } from '../data/subset.ts'
import { csrFromTriples } from '../kernels/csr.ts'
import type { Csr } from '../kernels/kernels.ts'
import { segmentCustomers } from '../model/segments.ts'

/** Of the k-means that finds segments where the shop gives none. */
const SEED = 1

/** The strata of an assignment. */
export interface Segments {
  readonly labels: readonly string[]
  /** By customer, an index of `labels`; −1: not known to the shop. */
  readonly codes: Int32Array
}

/** Customers × products: what each bought. */
export function historiesOf({ interactions, customers, products }: Dataset): Csr {
  const { customer, product, quantity } = interactions
  return csrFromTriples(customers.size, products.size, customer, product, quantity)
}

/** The segment of everyone who bought. */
export function segmentsNow(dataset: Dataset): Segments {
  return segmentCustomers(dataset, historiesOf(dataset), SEED).segments
}

/**
 * The segment that everyone who had bought before `moment` was in then: nothing that happened later enters.
 * @param moment  milliseconds since 1970
 */
export function segmentsAt(dataset: Dataset, moment: number): Segments {
  const { interactions, orders, customers } = dataset
  const past = keepInteractions(dataset, (i) => orders.timestamp[interactions.order[i]] < moment)
  const codes = new Int32Array(customers.size).fill(-1)
  if (past.interactions.count === 0) return { labels: [], codes }
  const then = segmentsNow(past)
  for (let customer = 0; customer < past.customers.size; customer++) {
    codes[customers.indexOf(past.customers.at(customer))] = then.codes[customer]
  }
  return { labels: then.labels, codes }
}
