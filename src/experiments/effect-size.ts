/** Sample sizes and smallest effects of a metric, for all arms of a test. Effects are parts of the baseline. */
import { normalCdf, normalQuantile } from './distributions.ts'
import type { Split } from './split.ts'
import { alphaPerComparison, treatmentArms } from './split.ts'

/** The facts of a metric that sample sizes depend on. */
export interface Baseline {
  /** The variance of a proportion follows from its value, separately in each arm. */
  readonly kind: 'proportion' | 'mean' | 'ratio'
  readonly value: number
  /** The variance of one customer's contribution. */
  readonly variance: number
}

/** The settings of a test. */
export interface Test extends Level {
  /** The level of all comparisons together. */
  readonly alpha: number
  readonly split: Split
}

/** The customers of all arms together that show an effect in any one treatment arm; not rounded. */
export function customersForEffect(baseline: Baseline, effect: number, test: Test): number {
  const level = levelOf(test)
  const difference = baseline.value * effect
  const totals = treatmentArms(test.split).map(({ share, ratio }) => {
    const deviations = deviationsOf(baseline, difference, ratio)
    return customersNeeded(difference, deviations, level) / share
  })
  return Math.max(...totals)
}

/**
 * The smallest rise that can be shown in any one treatment arm.
 * @param customers  of all arms together
 * @returns null if not even a proportion of 1 could be distinguished from the baseline
 */
export function smallestEffect(baseline: Baseline, customers: number, test: Test): number | null {
  const level = levelOf(test)
  if (baseline.kind !== 'proportion') {
    const differences = treatmentArms(test.split).map(({ share, ratio }) =>
      differenceShown(customers * share, meanDeviations(baseline.variance, ratio), level),
    )
    return Math.max(...differences) / baseline.value
  }
  return bisect(
    (effect) => customersForEffect(baseline, effect, test) <= customers,
    (1 - baseline.value) / baseline.value,
  )
}

/**
 * The probability that a treatment arm that is equal to the control is shown not to be worse by `margin` or more; of
 * several arms the lowest. There is no correction for several guardrails, because all of them have to hold.
 * @param variance  of one customer, above 0
 */
export function powerToClear(
  margin: number,
  variance: number,
  customers: number,
  { alpha, split }: Test,
): number {
  const powers = treatmentArms(split).map(({ share, ratio }) =>
    nonInferiorityPower(margin, customers * share, meanDeviations(variance, ratio).none, alpha),
  )
  return Math.min(...powers)
}

/** The customers of all arms together for which `powerToClear` is the test's power; not rounded. */
export function customersToClear(margin: number, variance: number, { alpha, power, split }: Test): number {
  const totals = treatmentArms(split).map(
    ({ share, ratio }) => customersNeeded(margin, meanDeviations(variance, ratio), { alpha, power }) / share,
  )
  return Math.max(...totals)
}

function levelOf({ alpha, power, split }: Test): Level {
  return { alpha: alphaPerComparison(alpha, split), power }
}

function deviationsOf({ kind, value, variance }: Baseline, difference: number, ratio: number) {
  return kind === 'proportion'
    ? proportionDeviations(value, value + difference, ratio)
    : meanDeviations(variance, ratio)
}

/** The least x from 0 to `most` for which `holds` is true; it must be true from some x on. Null if it never is. */
function bisect(holds: (x: number) => boolean, most: number): number | null {
  if (!holds(most)) return null
  let [low, high] = [0, most]
  // After 100 halvings the difference is below the precision of a double.
  for (let i = 0; i < 100 && low < high; i++) {
    const middle = (low + high) / 2
    if (holds(middle)) high = middle
    else low = middle
  }
  return high
}

/**
 * Power and sample size of a comparison of two arms by their difference D, which is nearly normal (Fleiss, Levin & Paik
 * 2003, Statistical Methods for Rates and Proportions, 3rd edition, chapter 4; Chow, Shao & Wang 2008, Sample Size
 * Calculations in Clinical Research, 2nd edition, chapters 3 and 4). statsmodels has the same formulas in
 * `samplesize_proportions_2indep_onetail`, `power_proportions_2indep` and `normal_power_het`.
 *
 * n     customers in the treatment arm; the control arm has ratio · n
 * σ₀    √n times the standard deviation of D if there is no difference
 * σ₁    the same if there is the difference to be shown
 * z(q)  the standard normal quantile
 *
 * n = ((z(1 − α/2) σ₀ + z(power) σ₁) / D)²
 */

/** σ₀ and σ₁. */
interface Deviations {
  readonly none: number
  readonly difference: number
}

/** The error rates of a test. */
interface Level {
  /** Two-sided, for one comparison. */
  readonly alpha: number
  /** At least alpha / 2. */
  readonly power: number
}

/**
 * The deviations for proportions: pooled if there is no difference.
 * @param ratio  customers in the control arm for each customer in the treatment arm
 */
export function proportionDeviations(control: number, treatment: number, ratio: number): Deviations {
  const pooled = (treatment + control * ratio) / (1 + ratio)
  return {
    none: Math.sqrt(bernoulli(pooled) * (1 + 1 / ratio)),
    difference: Math.sqrt(bernoulli(treatment) + bernoulli(control) / ratio),
  }
}

/** The deviations for means. @param variance  of one customer, the same in both arms */
export function meanDeviations(variance: number, ratio: number): Deviations {
  const deviation = Math.sqrt(variance * (1 + 1 / ratio))
  return { none: deviation, difference: deviation }
}

/**
 * The customers in the treatment arm that show a difference with the given power; not rounded. The probability of a
 * significant difference in the wrong direction is ignored: it is below 1e-4 from a power of 0.5 on.
 */
export function customersNeeded(difference: number, deviations: Deviations, level: Level): number {
  return (quantileSum(deviations, level) / difference) ** 2
}

/** The difference that a number of customers in the treatment arm shows, if σ₀ and σ₁ do not depend on it. */
function differenceShown(customers: number, deviations: Deviations, level: Level): number {
  return quantileSum(deviations, level) / Math.sqrt(customers)
}

/** The probability of a significant difference in either direction. */
export function twoSidedPower(
  difference: number,
  customers: number,
  { none, difference: deviation }: Deviations,
  alpha: number,
): number {
  const critical = (-normalQuantile(alpha / 2) * none) / deviation
  const shift = (difference * Math.sqrt(customers)) / deviation
  return normalCdf(shift - critical) + normalCdf(-critical - shift)
}

/**
 * The probability of showing that the treatment is not worse by `margin` or more, if it is equal: one-sided, at alpha /
 * 2, which is the same as a two-sided interval that does not contain the margin (Chow, Shao & Wang 2008, section 3.2.3).
 * @param deviation  σ₀
 */
function nonInferiorityPower(margin: number, customers: number, deviation: number, alpha: number): number {
  return normalCdf((margin * Math.sqrt(customers)) / deviation + normalQuantile(alpha / 2))
}

function quantileSum({ none, difference }: Deviations, { alpha, power }: Level): number {
  return -normalQuantile(alpha / 2) * none + normalQuantile(power) * difference
}

function bernoulli(probability: number): number {
  return probability * (1 - probability)
}
