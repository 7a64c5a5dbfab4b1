/**
 * What lists are like, whether or not they find anything: how much of the catalogue they reach, how evenly, how far
 * from the well known, and how varied one list is.
 */
import type { ContentFeatures } from '../model/model.ts'

/**
 * Each product's self-information in bits: −log₂ of the share of the customers who bought it (Zhou et al. 2010,
 * doi:10.1073/pnas.1000488107). A product that nobody bought counts as if one customer had, the most that a product
 * anyone bought can be worth: its true value would be infinite.
 * @param buyers  per product, how many different customers bought it
 * @param customers  how many bought anything
 */
export function selfInformation(buyers: Float64Array, customers: number): Float64Array {
  return buyers.map((count) => Math.log2(customers / Math.max(1, count)))
}

/** The mean self-information of a list's first K products, in bits; NaN for an empty list, which has none. */
export function novelty(list: Uint32Array, information: Float64Array, first: number): number {
  const shown = list.subarray(0, first)
  return shown.reduce((sum, product) => sum + information[product], 0) / shown.length
}

/**
 * 1 − the mean cosine over all pairs of a list's first K products (Ziegler et al. 2005, doi:10.1145/1060745.1060754);
 * NaN where there are fewer than two. Products without features are similar to nothing.
 *
 * Of unit vectors v the pairs' cosines sum to (‖Σv‖² − Σ‖v‖²)/2, so that no pair has to be looked at.
 * @param features  a row a product, of unit length or all 0, as `contentFeatures` makes them
 */
export function intraListDistance(
  list: Uint32Array,
  { columns, data }: ContentFeatures,
  first: number,
): number {
  const shown = list.subarray(0, first)
  if (shown.length < 2) return NaN
  const total = new Float64Array(columns)
  let squares = 0
  for (const product of shown) {
    for (let c = 0; c < columns; c++) {
      const value = data[product * columns + c]
      total[c] += value
      squares += value * value
    }
  }
  const together = total.reduce((sum, value) => sum + value * value, 0)
  return 1 - (together - squares) / (shown.length * (shown.length - 1))
}

/** Adds to `shown`, per product, how many of the lists have it among their first K. */
export function countShown(lists: readonly Uint32Array[], first: number, shown: Uint32Array): void {
  for (const list of lists) for (const product of list.subarray(0, first)) shown[product]++
}

/** The share of the catalogue that is in at least one list. @param shown  per product, as `countShown` counts */
export function coverage(shown: Uint32Array): number {
  return shown.reduce((sum, lists) => sum + (lists > 0 ? 1 : 0), 0) / shown.length
}

/**
 * How unevenly the lists spread over the catalogue: 0 where every product is shown equally often, 1 where all lists
 * show one and the same. G = Σⱼ (2j − n − 1)·pⱼ / (n − 1), pⱼ the n products' shares of all places in lists,
 * ascending (Shani & Gunawardana 2011, doi:10.1007/978-0-387-85820-3_8). NaN where nothing is shown, or the catalogue
 * is one product.
 */
export function gini(shown: Uint32Array): number {
  const n = shown.length
  const ascending = shown.toSorted()
  let places = 0
  let weighted = 0
  for (let j = 1; j <= n; j++) {
    places += ascending[j - 1]
    weighted += (2 * j - n - 1) * ascending[j - 1]
  }
  return weighted / (places * (n - 1))
}
