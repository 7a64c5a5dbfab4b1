import type { PrimaryMetric } from './metric-definitions.ts'
import { METRIC_DEFINITIONS } from './metric-definitions.ts'
import type { Split } from './split.ts'
import { hundredfold, rounded } from './wording.ts'

/** The settings of a design. */
export interface DesignRequest {
  readonly primary: PrimaryMetric
  /** The baseline, 0 to 1, if it is given instead of measured. */
  readonly baselineRate?: number
  /** The rise that the test has to show, as a part of the baseline: 0.05 is 5 %. */
  readonly minimumEffect: number
  readonly power: number
  /** Two-sided, over all comparisons together. */
  readonly alpha: number
  readonly split: Split
  /** Weeks in which customers enter the test; absent: as many as the effect needs. */
  readonly weeks?: number
  /** Weeks from a customer's first order in the test in which outcomes count. */
  readonly window: number
  /** The salt of the assignment; it must be different for each experiment. */
  readonly salt: string
  readonly control: string
  /** The preset that each treatment arm sees. */
  readonly treatments: readonly string[]
  /** What readers of the report must know. */
  readonly notes: readonly string[]
}

/** A test that takes longer than this is not worth planning: shops, seasons and recommenders change. */
export const LONGEST_WEEKS = 26

/**
 * Checks a request, as far as possible without data.
 * @throws {DesignError} naming the option, its value and what to do
 */
export function checkRequest(request: DesignRequest): void {
  const { minimumEffect, power, alpha, weeks = 1, window, salt } = request
  must(
    minimumEffect > 0 && Number.isFinite(minimumEffect),
    `--minimum-effect ${hundredfold(minimumEffect)}% has to be above 0: give the smallest rise worth detecting, such as 5%`,
  )
  must(power >= 0.5 && power < 1, `--power ${power} has to be at least 0.5 and below 1: 0.8 is usual`)
  must(alpha > 0 && alpha <= 0.5, `--alpha ${alpha} has to be above 0 and at most 0.5: 0.05 is usual`)
  must(
    Number.isInteger(weeks) && weeks >= 1 && weeks <= 520,
    `--weeks ${weeks} has to be a whole number from 1 to 520`,
  )
  must(
    Number.isInteger(window) && window >= 1 && window < LONGEST_WEEKS,
    `--window ${window} has to be a whole number of weeks from 1 to ${LONGEST_WEEKS - 1}`,
  )
  must(salt !== '', '--salt must not be empty: use a different text for each experiment')
  checkSplit(request)
  checkRate(request)
}

/** @throws {DesignError} if the effect raises a rate above 1 */
export function checkEffect(rate: number, effect: number): void {
  must(
    rate * (1 + effect) <= 1,
    `--minimum-effect ${hundredfold(effect)}% raises the rate from ${rounded(rate)} to ${rounded(rate * (1 + effect))}, ` +
      `above 1: use at most ${Math.floor((1000 * (1 - rate)) / rate) / 10}%`,
  )
}

function checkSplit({ split, treatments }: DesignRequest): void {
  const option = `--split ${split.map(hundredfold).join('/')}`
  const total = hundredfold(split.reduce((sum, share) => sum + share, 0))
  must(
    split.length >= 2,
    `${option} has one arm: give the shares of the control and of each treatment, such as 50/50`,
  )
  must(
    split.every((share) => share > 0),
    `${option} has an arm without customers: every share has to be above 0`,
  )
  must(Math.abs(total - 100) < 1e-6, `${option} sums to ${total}, not to 100: change a share`)
  must(
    treatments.length === split.length - 1,
    `${option} has ${split.length - 1} arms besides the control, but --treatments has ${treatments.length} ` +
      `(${treatments.join(',')}): give one preset for each`,
  )
}

function checkRate({ primary, baselineRate: rate, minimumEffect }: DesignRequest): void {
  const { kind, needs } = METRIC_DEFINITIONS[primary]
  must(
    rate !== undefined || needs !== 'visits',
    `--primary ${primary} needs --baseline-rate: an order history has no visits to measure it from. ` +
      'Give the share of visiting customers who order within a week, such as --baseline-rate 0.02',
  )
  if (rate === undefined) return
  must(
    kind === 'proportion',
    `--baseline-rate ${rate} is a rate, but --primary ${primary} is not a rate: leave it out, the baseline is measured`,
  )
  must(rate > 0 && rate < 1, `--baseline-rate ${rate} has to lie between 0 and 1: write 2 % as 0.02`)
  checkEffect(rate, minimumEffect)
}

function must(holds: boolean, problem: string): void {
  if (!holds) throw new DesignError(problem)
}

/** An experiment that cannot be designed. The message says what is wrong, its value and what to do. */
export class DesignError extends Error {
  override readonly name = 'DesignError'
}
