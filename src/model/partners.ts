import type { Csr, Kernels, Partners } from '../kernels/kernels.ts'

/**
 * So many products of a history are read, the latest: what a list takes grows with their number, and what counting
 * partners takes with its square; of 20,000 products each would be a partner of all others. What was bought before them
 * counts as bought, which keeps it out of lists, and for nothing else.
 */
export const PRODUCTS_READ = 500

/** So many partners a product has at most: a best seller has something in common with half of the catalogue. */
export const MOST_PARTNERS = 200

/** A pair that fewer customers bought is in one customer's history alone, and tells of it. */
export const SHARED = 2

/**
 * Each product's partners: what the customers who bought it bought too, n_ij customers of n_i and n_j, the greatest
 * cosine n_ij / √(n_i n_j) first. Those of a single customer come last, so that requests that do not count them
 * (engine/buyers.ts) find as many as there can be. Of each customer the PRODUCTS_READ latest products
 * count.
 * @param histories  customers × products
 * @param lastPurchased  parallel to the entries: in ms since 1970 UTC, NaN unknown
 * @throws {KernelError} when `signal` aborts
 */
export function partnersOf(
  histories: Csr,
  lastPurchased: Float64Array,
  kernels: Pick<Kernels, 'findPartners'>,
  signal?: AbortSignal,
): Promise<Partners> {
  return kernels.findPartners({
    interactions: latestEntries(histories, lastPurchased, PRODUCTS_READ),
    most: MOST_PARTNERS,
    sharedFirst: SHARED,
    ...(signal && { signal }),
  })
}

/** The partners that at least so many customers share. */
export function sharedBy(least: number, { users, indptr, indices, together }: Partners): Partners {
  const isKept = (_: number, entry: number) => together[entry] >= least
  const bounds = new Uint32Array(indptr.length)
  for (let product = 0, kept = 0; product < users.length; product++) {
    for (let entry = indptr[product]; entry < indptr[product + 1]; entry++)
      if (together[entry] >= least) kept++
    bounds[product + 1] = kept
  }
  return { users, indptr: bounds, indices: indices.filter(isKept), together: together.filter(isKept) }
}

/**
 * Histories cut to the `most` latest entries of each row, ties to the lower column, those of unknown time last; the
 * same object where no row is longer.
 * @param times  parallel to the entries; NaN unknown
 */
export function latestEntries(histories: Csr, times: Float64Array, most: number): Csr {
  const { indptr, indices, values, rows } = histories
  const ends = new Uint32Array(rows + 1)
  let longest = 0
  for (let row = 0; row < rows; row++) {
    const length = indptr[row + 1] - indptr[row]
    longest = Math.max(longest, length)
    ends[row + 1] = ends[row] + Math.min(length, most)
  }
  if (longest <= most) return histories
  const cut = {
    ...histories,
    indptr: ends,
    indices: new Uint32Array(ends[rows]),
    values: new Float32Array(ends[rows]),
  }
  /** Unknown times are before any, and equal: their difference has to be 0. */
  const timeOf = (entry: number) => (Number.isNaN(times[entry]) ? -Number.MAX_VALUE : times[entry])
  for (let row = 0; row < rows; row++) {
    let entries = Array.from({ length: indptr[row + 1] - indptr[row] }, (_, i) => indptr[row] + i)
    if (entries.length > most)
      entries = entries
        .sort((a, b) => timeOf(b) - timeOf(a) || indices[a] - indices[b])
        .slice(0, most)
        .sort((a, b) => a - b)
    entries.forEach((entry, i) => {
      cut.indices[ends[row] + i] = indices[entry]
      cut.values[ends[row] + i] = values[entry]
    })
  }
  return cut
}
