/** Numbers of a report as people read them. */
import type { Comparison } from './comparison.ts'
import { NO_DIFFERENCE } from './comparison.ts'
import type { Estimate } from './intervals.ts'
import type { Metric } from './metrics.ts'

/** What metrics and statistics are called in tables. */
export const LABELS: Readonly<Record<Metric, string>> = {
  hitRate: 'hit rate',
  recall: 'recall',
  recallTruncated: 'truncated recall',
  precision: 'precision',
  ndcg: 'nDCG',
  mrr: 'MRR',
  map: 'MAP',
}

/** Where there is no value. */
const NONE = '–'

/** −0.0312; a value that rounds to 0 has no sign. */
export function decimal(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || Number.isNaN(value)) return NONE
  const text = Math.abs(value).toFixed(digits)
  return value < 0 && Number(text) !== 0 ? `−${text}` : text
}

/** +0.0312 */
export function signed(value: number, digits = 4): string {
  const text = decimal(value, digits)
  return Number(text) > 0 ? `+${text}` : text
}

/** 0.0980 – 0.1120 */
export function interval({ low, high }: Pick<Estimate, 'low' | 'high'>, digits = 4): string {
  return `${decimal(low, digits)} – ${decimal(high, digits)}`
}

/**
 * Shares as so many of 100, all with as few digits, two at most, as keep the first two apart: 0.31 → 31.
 * @param areApart  whether all are to be other than 0, and the first two to differ
 */
export function hundredths(shares: readonly number[], areApart = false): string[] {
  const written = (digits: number) => shares.map((share) => decimal(100 * share, digits))
  const isEnough = (texts: readonly string[]) =>
    !areApart || (texts[0] !== texts[1] && texts.every((text, i) => Number(text) !== 0 || shares[i] === 0))
  return [0, 1].map(written).find(isEnough) ?? written(2)
}

/** p as the resamples can tell it: 0.012; below a thousandth only that. */
export function probability(p: number): string {
  return p < 0.001 ? '< 0.001' : p.toFixed(3)
}

/** `worse (−0.0312)`, or that no difference was shown; `the default` where there is nothing to compare. */
export function verdictText(comparison: Comparison | undefined): string {
  if (comparison === undefined) return 'the default'
  const { verdict, difference } = comparison
  return verdict === NO_DIFFERENCE ? verdict : `${verdict} (${signed(difference)})`
}

/** 112650 → 112,650 */
export function count(value: number): string {
  return value.toLocaleString('en')
}

/** The K that a short table shows: 10, else the greatest below it, else the least there is. @param first  ascending */
export function headlineFirst(first: readonly number[]): number {
  return first.findLast((k) => k <= 10) ?? first[0]
}
