/** Baselines of metrics from one contribution of each customer: value, 95 % interval, and variance of one customer. */
import { normalQuantile, tQuantile } from './distributions.ts'

/** The confidence level of the intervals. */
const CONFIDENCE = 0.95

export interface Measured {
  /** Never NaN: if nothing can be measured there is no `Measured`. */
  readonly value: number
  readonly low: number
  readonly high: number
  /** The variance of one customer's contribution. */
  readonly variance: number
  readonly customers: number
  /**
   * By customer: contributions with mean `value` and variance `variance`. For a ratio they are its linearisation.
   */
  readonly contributions: Float64Array
}

/** @param outcomes  0 or 1 by customer, at least one */
export function measureProportion(outcomes: Float64Array): Measured {
  const customers = outcomes.length
  const value = sum(outcomes) / customers
  return {
    value,
    ...wilson(sum(outcomes), customers),
    variance: value * (1 - value),
    customers,
    contributions: outcomes,
  }
}

/** @param values  by customer, at least two */
export function measureMean(values: Float64Array): Measured {
  const customers = values.length
  const value = sum(values) / customers
  const variance = sampleVariance(values)
  const margin = tQuantile((1 + CONFIDENCE) / 2, customers - 1) * Math.sqrt(variance / customers)
  return { value, low: value - margin, high: value + margin, variance, customers, contributions: values }
}

/**
 * The ratio R of two sums over customers. By the delta method, customer i contributes R + (yᵢ − R xᵢ) / x̄ (Deng, Knoblich
 * & Lu 2018, Applying the Delta Method in Metric Analytics, arXiv:1803.06336, section 2.2).
 * @param numerators,denominators  y and x by customer, at least two; the x sum to more than 0
 */
export function measureRatio(numerators: Float64Array, denominators: Float64Array): Measured {
  const ratio = sum(numerators) / sum(denominators)
  const meanDenominator = sum(denominators) / denominators.length
  return measureMean(numerators.map((y, i) => ratio + (y - ratio * denominators[i]) / meanDenominator))
}

/** Wilson's score interval of a proportion (Wilson 1927, doi:10.1080/01621459.1927.10502953). */
export function wilson(successes: number, of: number): { low: number; high: number } {
  const z = normalQuantile((1 + CONFIDENCE) / 2)
  const share = successes / of
  const centre = share + (z * z) / (2 * of)
  const margin = z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of))
  const whole = 1 + (z * z) / of
  return { low: Math.max(0, (centre - margin) / whole), high: Math.min(1, (centre + margin) / whole) }
}

/** The unbiased variance of at least two values. */
export function sampleVariance(values: Float64Array): number {
  const mean = sum(values) / values.length
  return values.reduce((total, value) => total + (value - mean) ** 2, 0) / (values.length - 1)
}

/** Pearson's correlation; 0 if one of the two does not vary. */
export function correlation(x: Float64Array, y: Float64Array): number {
  const [meanX, meanY] = [sum(x) / x.length, sum(y) / y.length]
  let [xx, yy, xy] = [0, 0, 0]
  for (let i = 0; i < x.length; i++) {
    xx += (x[i] - meanX) ** 2
    yy += (y[i] - meanY) ** 2
    xy += (x[i] - meanX) * (y[i] - meanY)
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : 0
}

export function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0)
}
