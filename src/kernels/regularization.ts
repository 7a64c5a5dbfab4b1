import type { Csr, NormalEquation } from './kernels.ts'

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

/** Per row, λᵤ − the base, never negative; undefined where all rows have the same (ν = 0). */
export function regularizationExcess(
  matrix: Pick<Csr, 'rows' | 'columns' | 'indptr'>,
  equation: NormalEquation,
): Float32Array | undefined {
  if (equation.frequencyExponent === 0) return undefined
  const base = baseRegularization(equation, matrix.columns)
  const excess = new Float32Array(matrix.rows)
  for (let row = 0; row < matrix.rows; row++) {
    const n = Math.max(1, matrix.indptr[row + 1] - matrix.indptr[row])
    excess[row] = scaledRegularization(equation, matrix.columns, n) - base
  }
  return excess
}
