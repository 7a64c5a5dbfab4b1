/** Whether one system is better than another, by the resamples that both share. */
import type { ResampledMeans } from './intervals.ts'
import { percentileInterval, resamplesOf } from './intervals.ts'

/** The chance of a difference where there is none, over all systems compared by one metric together. */
export const SIGNIFICANCE = 0.05

export const NO_DIFFERENCE = 'no difference shown'

/**
 * `NO_DIFFERENCE` where the interval of the difference includes 0, and where the p does not stand Holm's correction:
 * of a dozen intervals one will leave 0 out by chance.
 */
type Verdict = 'better' | 'worse' | typeof NO_DIFFERENCE

/** A system's mean minus the default's. */
export interface Comparison {
  readonly difference: number
  /** The ends of its 95 % interval, not corrected for other comparisons. */
  readonly low: number
  readonly high: number
  /** Two-sided, corrected after Holm over all systems compared by this metric. */
  readonly p: number
  readonly uncorrectedP: number
  readonly verdict: Verdict
}

/**
 * Compares systems with one, by one measure; the corrections are made over all of `systems`.
 * @param reference  of the same users, measures and resamples as each of `systems`
 * @returns one for each system
 */
export function compareAll(
  systems: readonly ResampledMeans[],
  reference: ResampledMeans,
  measure: number,
): Comparison[] {
  const differences = systems.map((system) => pairedDifference(system, reference, measure))
  const corrected = holm(differences.map(({ uncorrectedP }) => uncorrectedP))
  return differences.map((difference, i) => ({
    difference: difference.difference,
    low: difference.low,
    high: difference.high,
    p: corrected[i],
    uncorrectedP: difference.uncorrectedP,
    verdict: verdictOf(difference, corrected[i]),
  }))
}

type PairedDifference = Omit<Comparison, 'p' | 'verdict'>

function pairedDifference(
  system: ResampledMeans,
  reference: ResampledMeans,
  measure: number,
): PairedDifference {
  const measures = system.means.length
  const theirs = resamplesOf(reference.resampled, measures, measure)
  const differences = resamplesOf(system.resampled, measures, measure).map((value, r) => value - theirs[r])
  return {
    difference: system.means[measure] - reference.means[measure],
    ...percentileInterval(differences),
    uncorrectedP: twoSidedP(differences),
  }
}

/**
 * The level at which the percentile interval would first reach 0 (Efron & Tibshirani 1993, section 15.4): twice the
 * part of the resamples on the rarer side of 0, those at 0 on both. One resample is counted in addition to each side,
 * so that p is never 0 (Davison & Hinkley 1997, Bootstrap Methods and their Application, equation 4.11).
 */
export function twoSidedP(differences: Float64Array): number {
  const below = differences.reduce((sum, value) => sum + (value <= 0 ? 1 : 0), 1)
  const above = differences.reduce((sum, value) => sum + (value >= 0 ? 1 : 0), 1)
  return Math.min(1, (2 * Math.min(below, above)) / (differences.length + 1))
}

/**
 * p-values corrected for being many: the i-th smallest of m times m − i + 1, never below the ones before it, at most 1
 * (Holm 1979, A Simple Sequentially Rejective Multiple Test Procedure, Scand. J. Statist. 6, 65–70).
 */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b] || a - b)
  const corrected = values.map(() => 1)
  let largest = 0
  order.forEach((at, i) => {
    largest = Math.max(largest, Math.min(1, values[at] * (values.length - i)))
    corrected[at] = largest
  })
  return corrected
}

function verdictOf({ difference, low, high }: PairedDifference, p: number): Verdict {
  if ((low <= 0 && high >= 0) || p >= SIGNIFICANCE) return NO_DIFFERENCE
  return difference > 0 ? 'better' : 'worse'
}
