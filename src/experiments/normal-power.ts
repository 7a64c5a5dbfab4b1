/**
 * Power and sample size of a comparison of two arms by their difference D, which is nearly normal (Fleiss, Levin & Paik
 * 2003, Statistical Methods for Rates and Proportions, 3rd edition, chapter 4; Chow, Shao & Wang 2008, Sample Size
 * Calculations in Clinical Research, 2nd edition, chapters 3 and 4). statsmodels has the same formulas as
 * `samplesize_proportions_2indep_onetail`, `power_proportions_2indep` and `normal_power_het`.
 *
 * n     customers in the treatment arm; ratio · n are in the control arm
 * σ₀    √n times the standard deviation of D where there is no difference
 * σ₁    the same where there is the difference looked for
 * z(q)  the standard normal quantile
 *
 * n = ((z(1 − α/2) σ₀ + z(power) σ₁) / D)²
 */
import { normalCdf, normalQuantile } from './distributions.ts'

/** σ₀ and σ₁. */
export interface Deviations {
  readonly none: number
  readonly difference: number
}

/** What a test has to hold. */
export interface Level {
  /** Two-sided, of one comparison. */
  readonly alpha: number
  /** At least alpha / 2. */
  readonly power: number
}

/**
 * Of shares: pooled where there is no difference.
 * @param ratio  customers in the control arm for each in the treatment arm
 */
export function proportionDeviations(control: number, treatment: number, ratio: number): Deviations {
  const pooled = (treatment + control * ratio) / (1 + ratio)
  return {
    none: Math.sqrt(bernoulli(pooled) * (1 + 1 / ratio)),
    difference: Math.sqrt(bernoulli(treatment) + bernoulli(control) / ratio),
  }
}

/** Of means. @param variance  of one customer, the same in both arms */
export function meanDeviations(variance: number, ratio: number): Deviations {
  const deviation = Math.sqrt(variance * (1 + 1 / ratio))
  return { none: deviation, difference: deviation }
}

/**
 * Customers in the treatment arm that show a difference with the power asked for; not rounded. The chance of a
 * significant difference the wrong way round is left out: it is below 1e-4 from a power of 0.5 on.
 */
export function customersNeeded(difference: number, deviations: Deviations, level: Level): number {
  return (quantileSum(deviations, level) / difference) ** 2
}

/** The difference that so many customers in the treatment arm show, where σ₀ and σ₁ do not depend on it. */
export function differenceShown(customers: number, deviations: Deviations, level: Level): number {
  return quantileSum(deviations, level) / Math.sqrt(customers)
}

/** The chance of a significant difference, either way round. */
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
 * The chance to show that the treatment is not worse by `margin` or more, where in truth it is equal: one-sided, at
 * alpha / 2, which is the same as that the two-sided interval leaves the margin out (Chow, Shao & Wang 2008, section
 * 3.2.3).
 * @param deviation  σ₀
 */
export function nonInferiorityPower(
  margin: number,
  customers: number,
  deviation: number,
  alpha: number,
): number {
  return normalCdf((margin * Math.sqrt(customers)) / deviation + normalQuantile(alpha / 2))
}

function quantileSum({ none, difference }: Deviations, { alpha, power }: Level): number {
  return -normalQuantile(alpha / 2) * none + normalQuantile(power) * difference
}

function bernoulli(probability: number): number {
  return probability * (1 - probability)
}
