import type { NormalEquation, RegularizationScale } from '../kernels/kernels.ts'

/**
 * How an observation r becomes confidence in a preference. Libraries disagree; all three are one normal equation:
 *
 * | convention       | w₀ | wᵤᵢ    | tᵤᵢ    | λᵤ                        |
 * |------------------|----|--------|--------|---------------------------|
 * | `hu-koren-volinsky` | 1  | αr     | 1 + αr | λ                         |
 * | `implicit`       | 1  | αr − 1 | αr     | λ                         |
 * | `ials`           | α₀ | 1      | 1      | λ (nᵤ + α₀·items)^ν       |
 *
 * Hu, Koren & Volinsky 2008 (doi:10.1109/ICDM.2008.22); the Python library `implicit`; Rendle et al. 2021
 * (arXiv:2110.14037), where α plays the part of α₀.
 */
export type ConfidenceConvention = 'hu-koren-volinsky' | 'implicit' | 'ials'

/**
 * What r is of the purchases of a product by a customer: the units (`quantity`), the orders that hold it, log₂(1 + units),
 * or 1 whatever they are. Each is 1 for one unit in one order. Units may be grams, or plays of a song: then a few
 * customers' few products outweigh everything else, and a bounded r says more (Hu, Koren & Volinsky 2008, section 4,
 * take the logarithm where r varies over orders of magnitude).
 */
export type Observation = (typeof OBSERVATIONS)[number]
export const OBSERVATIONS = ['quantity', 'orders', 'log-quantity', 'binary'] as const

/** r of what a customer bought of a product. @param quantity  > 0 @param orders  ≥ 1 */
export function observed(observation: Observation, quantity: number, orders: number): number {
  switch (observation) {
    case 'quantity':
      return quantity
    case 'orders':
      return orders
    case 'log-quantity':
      // 1 for 1, and above 0 for however little.
      return Math.log1p(quantity) / Math.LN2
    case 'binary':
      return 1
  }
}

/**
 * The least count of a purchase. Under `implicit` the weight αr − 1 of part of a unit may lie below 0, and
 * such an equation need not have a solution: there less than 1/α of a unit counts as 1/α, and weighs 0.
 */
export function leastCounted(convention: ConfidenceConvention, alpha: number): number {
  return convention === 'implicit' ? Math.min(1, 1 / alpha) : 0
}

/**
 * The normal equation of a convention.
 * @param alpha  α, or α₀ for `ials`; > 0
 * @param regularization  λ ≥ 0
 * @param frequencyExponent  ν of `ials`; the other two ignore it
 * @param regularizationScale  as of `NormalEquation`, in all three
 */
export function normalEquation(
  convention: ConfidenceConvention,
  alpha: number,
  regularization: number,
  frequencyExponent = 0,
  regularizationScale: RegularizationScale = 'constant',
): NormalEquation {
  const plain = { unobservedWeight: 1, regularization, frequencyExponent: 0, regularizationScale }
  switch (convention) {
    case 'hu-koren-volinsky':
      return { ...plain, weightSlope: alpha, weightIntercept: 0, targetSlope: alpha, targetIntercept: 1 }
    case 'implicit':
      return { ...plain, weightSlope: alpha, weightIntercept: -1, targetSlope: alpha, targetIntercept: 0 }
    case 'ials':
      return {
        unobservedWeight: alpha,
        weightSlope: 0,
        weightIntercept: 1,
        targetSlope: 0,
        targetIntercept: 1,
        regularization,
        frequencyExponent,
        regularizationScale,
      }
  }
}
