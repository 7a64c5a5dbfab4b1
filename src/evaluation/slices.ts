/** Groups of cases that are reported separately: a mean over all customers hides which of them a system serves well. */
import type { CaseTable } from './user-sums.ts'
import { columnOf } from './user-sums.ts'
import { descending } from './baselines/purchases.ts'
import type { TestCase, Trial } from './trial.ts'

/** Returns a case's segment; null or undefined if it has none. */
export type SegmentOf = (trial: Trial, testCase: TestCase) => string | null | undefined

/** A part of the cases, and which of their measures it is about. */
export interface Slice {
  readonly by: 'pastPurchases' | 'segment' | 'relevantItems'
  readonly name: string
  /** Numbers of cases, in the order of the trials' cases one after another; never none. */
  readonly cases: Uint32Array
  /** What stands before a metric in the name of its measure: `head ` in `head ndcg@10`. */
  readonly prefix: string
}

/** The relevant products that a case is also measured by alone. */
export const PARTS = ['head', 'tail'] as const

const HISTORY_LENGTHS: readonly (readonly [string, number])[] = [
  ['0', 0],
  ['1', 1],
  ['2', 2],
  ['3–5', 5],
  ['6+', Infinity],
]

/** The slice by past purchases: different products in the history, the case's own purchases not among them. */
export function historyLength({ history }: TestCase): string {
  return HISTORY_LENGTHS.find(([, most]) => history.length <= most)![0]
}

/**
 * The head of the catalogue: the fewest products that make up half of all purchases.
 * @param buyers  per product, how many different customers bought it; the lower index comes first among equals
 * @returns per product, 1 in the head, 0 in the tail
 */
export function headProducts(buyers: Float64Array): Uint8Array {
  const half = buyers.reduce((sum, count) => sum + count, 0) / 2
  const head = new Uint8Array(buyers.length)
  let sum = 0
  for (const product of descending(buyers)) {
    if (sum >= half) break
    head[product] = 1
    sum += buyers[product]
  }
  return head
}

/**
 * All slices that hold a case: by past purchases from few to many, by segment in the order of their names, by head and
 * tail of what was to be found.
 * @param table  any system's: a measure of the head (tail) is defined for the same cases in all, those with something
 *   to find there
 * @param probe  a metric that the table has with the prefixes `head ` and `tail `
 */
export function slicesOf(
  trials: readonly Trial[],
  table: CaseTable,
  probe: string,
  segmentOf?: SegmentOf,
): Slice[] {
  const labels = trials.flatMap((trial) => trial.cases.map((testCase) => historyLength(testCase)))
  const segments = trials.flatMap((trial) =>
    trial.cases.map((testCase) => segmentOf?.(trial, testCase) ?? null),
  )
  const named = [...new Set(segments)].filter((name) => name !== null).sort()
  const all = [
    ...HISTORY_LENGTHS.map(([name]) => labelled('pastPurchases', name, labels)),
    ...named.map((name) => labelled('segment', name, segments)),
    ...PARTS.map((part) => measured(part, table, probe)),
  ]
  return all.filter(({ cases }) => cases.length > 0)
}

function labelled(by: Slice['by'], name: string, labels: readonly (string | null)[]): Slice {
  const cases = Uint32Array.from(labels.keys()).filter((i) => labels[i] === name)
  return { by, name, cases, prefix: '' }
}

function measured(name: string, { measures, values }: CaseTable, probe: string): Slice {
  const prefix = `${name} `
  const column = columnOf(measures, prefix + probe)
  const all = Uint32Array.from({ length: values.length / measures.length }, (_, i) => i)
  const cases = all.filter((i) => !Number.isNaN(values[i * measures.length + column]))
  return { by: 'relevantItems', name, cases, prefix }
}
