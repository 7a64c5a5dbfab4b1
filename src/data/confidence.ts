import type { NormalEquation } from '../kernels/kernels.ts'

/**
 * How a purchase count r becomes confidence in a preference. Libraries disagree; all three are one normal equation:
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
 */
export function normalEquation(
  convention: ConfidenceConvention,
  alpha: number,
  regularization: number,
  frequencyExponent = 0,
): NormalEquation {
  const plain = { unobservedWeight: 1, regularization, frequencyExponent: 0 }
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
      }
  }
}
