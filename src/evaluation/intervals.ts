/**
 * How sure a mean over users is: the bootstrap. Users are drawn with replacement, each with all of their cases, and
 * the mean is taken anew; its spread over many such resamples is its uncertainty (Efron & Tibshirani 1993, An
 * Introduction to the Bootstrap, chapters 13 and 16). All measures of all systems share the resamples, so that
 * differences between systems are paired: user by user.
 *
 * Legend: U users, R resamples, M measures; matrices are row-major.
 */
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { Work } from '../kernels/work.ts'
import type { UserSums } from './user-sums.ts'

/** The part of all resamples that an interval holds. */
export const LEVEL = 0.95

/** A mean, and the ends of its interval. */
export interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
}

interface Resamples {
  readonly users: number
  readonly count: number
  /** R × U: how often each user was drawn; a row sums to U. */
  readonly times: Uint16Array
}

/** The means of M measures: of everybody, and of every resample. */
export interface ResampledMeans {
  /** M; NaN for a measure that is defined for nobody. */
  readonly means: Float64Array
  /** R × M; NaN where a resample drew nobody a measure is defined for. */
  readonly resampled: Float64Array
}

/** Draws U of U users with replacement, `count` times. The same numbers for the same seed. */
export async function drawResamples(
  users: number,
  count: number,
  seed: number,
  work = new Work(),
): Promise<Resamples> {
  const random = xoroshiro128plus(seed)
  const times = new Uint16Array(count * users)
  for (let row = 0; row < times.length; row += users) {
    const turn = work.pause()
    if (turn) await turn
    for (let draw = 0; draw < users; draw++) times[row + uniformInt(random, 0, users - 1)]++
  }
  return { users, count, times }
}

/**
 * The mean of each measure over all cases it is defined for, and the same of every resample: sums over users, each
 * times how often they were drawn, divided.
 */
export async function resampleMeans(
  sums: UserSums,
  { users, count, times }: Resamples,
  work = new Work(),
): Promise<ResampledMeans> {
  const measures = sums.denominator.length
  const resampled = new Float64Array(count * measures)
  for (let r = 0; r < count; r++) {
    const turn = work.pause()
    if (turn) await turn
    resampled.set(meansOf(sums, times.subarray(r * users, (r + 1) * users)), r * measures)
  }
  return { means: meansOf(sums, new Uint16Array(users).fill(1)), resampled }
}

/** @param drawn  how often each user counts */
function meansOf({ indptr, user, value, denominator }: UserSums, drawn: Uint16Array): Float64Array {
  const total = new Float64Array(indptr.length - 1)
  for (let column = 0; column < total.length; column++) {
    let sum = 0
    for (let e = indptr[column]; e < indptr[column + 1]; e++) sum += drawn[user[e]] * value[e]
    total[column] = sum
  }
  return Float64Array.from(denominator, (below, measure) => total[measure] / total[below])
}

/**
 * A measure's mean with its percentile interval; null where it is defined for nobody. Where all users have the same
 * value, so has every resample: of a system that found nothing the interval is 0 to 0, which is too sure of it.
 */
export function estimate({ means, resampled }: ResampledMeans, measure: number): Estimate | null {
  const value = means[measure]
  if (Number.isNaN(value)) return null
  return { value, ...percentileInterval(resamplesOf(resampled, means.length, measure)) }
}

/** One measure's values in all resamples. */
export function resamplesOf(resampled: Float64Array, measures: number, measure: number): Float64Array {
  return Float64Array.from(
    { length: resampled.length / measures },
    (_, r) => resampled[r * measures + measure],
  )
}

/** The middle `LEVEL` of the resampled values, NaN apart (Efron & Tibshirani 1993, section 13.3). */
export function percentileInterval(values: Float64Array): { low: number; high: number } {
  const ascending = values.filter((value) => !Number.isNaN(value)).sort()
  return { low: quantile(ascending, (1 - LEVEL) / 2), high: quantile(ascending, (1 + LEVEL) / 2) }
}

/** Between neighbours in proportion: definition 7 of Hyndman & Fan 1996 (doi:10.2307/2684934), NumPy's default. */
function quantile(ascending: Float64Array, part: number): number {
  const place = part * (ascending.length - 1)
  const below = Math.floor(place)
  const above = Math.min(below + 1, ascending.length - 1)
  return ascending[below] + (place - below) * (ascending[above] - ascending[below])
}
