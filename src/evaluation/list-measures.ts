/**
 * What lists are like, whether or not they find anything: how much of the catalogue they reach, how evenly, how far
 * from the well known, and how varied one list is.
 */
import { Work } from '../kernels/work.ts'
import type { ContentFeatures } from '../model/model.ts'
import { buyersOf, purchasesOf } from './baselines/purchases.ts'
import type { Metric } from './metrics.ts'
import { METRICS, metricsAt, ranksFound } from './metrics.ts'
import { headProducts, PARTS } from './slices.ts'
import { type TestCase, type Trial, wantedOf } from './trial.ts'

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
 * For unit vectors v the pairs' cosines sum to (‖Σv‖² − Σ‖v‖²)/2, so no pair has to be computed.
 * @param features  a row a product, of unit length or all 0, as `contentFeatures` makes them
 */
export function intraListDistance(
  list: Uint32Array,
  { columns, data, labels }: ContentFeatures,
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
  let together = total.reduce((sum, value) => sum + value * value, 0)
  for (const codes of labels?.columns ?? []) {
    const sums = new Map<number, number>()
    for (const product of shown) {
      if (codes[product] < 0) continue
      const size = labels!.sizes[product]
      sums.set(codes[product], size + (sums.get(codes[product]) ?? 0))
      squares += size * size
    }
    for (const sum of sums.values()) together += sum * sum
  }
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

/** Measures the lists that one system gave for the cases of one trial. */

/** The metrics that slices are reported by. */
export const SLICED = ['hitRate', 'recall', 'ndcg'] as const satisfies readonly Metric[]

/** What the lists of a trial are measured against; the same for all systems. */
export interface Yardstick {
  /** The Ks, ascending. */
  readonly first: readonly number[]
  readonly catalogue: number
  /** Per product, in bits. */
  readonly information: Float64Array
  /** Per product, 1 in the head. */
  readonly head: Uint8Array
  /** Absent: intra-list distance is not measured. */
  readonly features?: ContentFeatures
}

/** What one system's lists came to in one trial. */
export interface Measured {
  /** Cases × `measureNames`, row-major; NaN where a measure is not defined. */
  readonly values: Float64Array
  /** Per K, from 0 to 1: over all lists together. */
  readonly coverage: readonly number[]
  readonly gini: readonly number[]
}

/** `ndcg@10` */
export function measureName(metric: string, first: number): string {
  return `${metric}@${first}`
}

/** The measures that a case has, in the order in which `measureLists` writes them. */
export function measureNames(first: readonly number[]): string[] {
  const at = (names: readonly string[]) => first.flatMap((k) => names.map((name) => measureName(name, k)))
  const parts = PARTS.flatMap((part) => at(SLICED.map((metric) => `${part} ${metric}`)))
  return [...at(METRICS), ...at(['novelty', 'intraListDistance']), 'emptyLists', ...parts]
}

export function yardstickOf(
  { train }: Trial,
  first: readonly number[],
  features?: ContentFeatures,
): Yardstick {
  const buyers = buyersOf(purchasesOf(train))
  const customers = new Set(train.interactions.customer).size
  const information = selfInformation(buyers, customers)
  const head = headProducts(buyers)
  return { first, catalogue: train.products.size, information, head, ...(features && { features }) }
}

/**
 * @param lists  one for each case
 * @param work  pauses between cases
 */
export async function measureLists(
  lists: readonly Uint32Array[],
  cases: readonly TestCase[],
  yardstick: Yardstick,
  work = new Work(),
): Promise<Measured> {
  const width = measureNames(yardstick.first).length
  const values = new Float64Array(lists.length * width)
  for (const [i, list] of lists.entries()) {
    const turn = work.pause()
    if (turn) await turn
    values.set(measureCase(list, cases[i], yardstick), i * width)
  }
  const shown = yardstick.first.map((k) => {
    const counts = new Uint32Array(yardstick.catalogue)
    countShown(lists, k, counts)
    return counts
  })
  return { values, coverage: shown.map(coverage), gini: shown.map(gini) }
}

/** The mean of several measurements of the same cases, of those that have a value. */
export function meanOf(measured: readonly Measured[]): Measured {
  if (measured.length === 1) return measured[0]
  const [{ values, coverage: ks }] = measured
  return {
    values: values.map((_, at) => meanOfKnown(measured.map((one) => one.values[at]))),
    coverage: ks.map((_, k) => meanOfKnown(measured.map((one) => one.coverage[k]))),
    gini: ks.map((_, k) => meanOfKnown(measured.map((one) => one.gini[k]))),
  }
}

/** NaN where none is known. */
function meanOfKnown(numbers: readonly number[]): number {
  const known = numbers.filter((value) => !Number.isNaN(value))
  return known.reduce((sum, value) => sum + value, 0) / known.length
}

function measureCase(
  list: Uint32Array,
  testCase: TestCase,
  { first, information, head, features }: Yardstick,
): number[] {
  const { relevant } = testCase
  const accuracy = accuracyOf(list, relevant, first, METRICS, wantedOf(testCase))
  const character = first.flatMap((k) => [
    novelty(list, information, k),
    features ? intraListDistance(list, features, k) : NaN,
  ])
  const inHead = accuracyOf(
    list,
    relevant.filter((product) => head[product] === 1),
    first,
    SLICED,
  )
  const inTail = accuracyOf(
    list,
    relevant.filter((product) => head[product] === 0),
    first,
    SLICED,
  )
  return [...accuracy, ...character, list.length === 0 ? 1 : 0, ...inHead, ...inTail]
}

/** NaN where there was nothing to find. */
function accuracyOf(
  list: Uint32Array,
  relevant: Uint32Array,
  first: readonly number[],
  metrics: readonly Metric[],
  wanted = relevant.length,
): number[] {
  if (relevant.length === 0) return first.flatMap(() => metrics.map(() => NaN))
  const ranks = ranksFound(list, relevant)
  return first.flatMap((k) => {
    const values = metricsAt(ranks, wanted, k)
    return metrics.map((metric) => values[metric])
  })
}
