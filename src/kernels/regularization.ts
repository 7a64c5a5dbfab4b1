import type { NormalEquation } from './kernels.ts'

/**
 * λᵤ split for a core that factorises one shared system a half-sweep: what every row with entries has at least, and
 * what a row has beyond it. Rendle et al. 2021, arXiv:2110.14037, scale λ by (nᵤ + w₀·columns)^ν.
 */

/** λ of a row with one entry, the least of all rows that are solved; λ itself when ν is 0. */
export function baseRegularization(equation: NormalEquation, columns: number): number {
  return scaledRegularization(equation, columns, 1)
}

/** λ of a row with n entries. */
export function scaledRegularization(equation: NormalEquation, columns: number, n: number): number {
  const { regularization, unobservedWeight, frequencyExponent } = equation
  if (frequencyExponent === 0) return regularization
  return regularization * (n + unobservedWeight * columns) ** frequencyExponent
}

/**
 * Per row, λᵤ − the base, never negative; undefined where all rows have the same (ν = 0).
 * @param bounds  of the rows: n is what lies between two of them
 */
export function regularizationExcess(
  bounds: Uint32Array,
  columns: number,
  equation: NormalEquation,
): Float32Array | undefined {
  if (equation.frequencyExponent === 0) return undefined
  const base = baseRegularization(equation, columns)
  const excess = new Float32Array(bounds.length - 1)
  for (let row = 0; row < excess.length; row++) {
    const n = Math.max(1, bounds[row + 1] - bounds[row])
    excess[row] = scaledRegularization(equation, columns, n) - base
  }
  return excess
}
