/** Measures the lists that one system gave for the cases of one trial. */
import type { ContentFeatures } from '../model/model.ts'
import { buyersOf, purchasesOf } from './baselines/purchases.ts'
import { countShown, coverage, gini, intraListDistance, novelty, selfInformation } from './list-statistics.ts'
import type { Metric } from './metrics.ts'
import { METRICS, metricsAt, ranksFound } from './metrics.ts'
import { headProducts, PARTS } from './slices.ts'
import type { TestCase, Trial } from './trial.ts'

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

/** @param lists  one for each case */
export function measureLists(
  lists: readonly Uint32Array[],
  cases: readonly TestCase[],
  yardstick: Yardstick,
): Measured {
  const rows = lists.map((list, i) => measureCase(list, cases[i].relevant, yardstick))
  const width = measureNames(yardstick.first).length
  const values = new Float64Array(rows.length * width)
  rows.forEach((row, i) => values.set(row, i * width))
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
  relevant: Uint32Array,
  { first, information, head, features }: Yardstick,
): number[] {
  const accuracy = accuracyOf(list, relevant, first, METRICS)
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
): number[] {
  if (relevant.length === 0) return first.flatMap(() => metrics.map(() => NaN))
  const ranks = ranksFound(list, relevant)
  return first.flatMap((k) => {
    const values = metricsAt(ranks, relevant.length, k)
    return metrics.map((metric) => values[metric])
  })
}
