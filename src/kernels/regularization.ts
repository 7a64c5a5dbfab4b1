import type { NormalEquation } from './kernels.ts'

/**
 * λᵤ split for a core that factorises one shared system a half-sweep: what every row with entries has at least, and
 * what a row has beyond it.
 */

/** Whether rows have different λ; else all have λ itself. */
export function isRegularizedByRow({ frequencyExponent, regularizationScale }: NormalEquation): boolean {
  return frequencyExponent !== 0 || regularizationScale === 'entries'
}

/** λ of a row with one entry, the least of all rows that are solved. */
export function baseRegularization(equation: NormalEquation, columns: number): number {
  return scaledRegularization(equation, columns, 1)
}

/** λ of a row with n entries (NormalEquation). */
export function scaledRegularization(equation: NormalEquation, columns: number, n: number): number {
  const { regularization, unobservedWeight, frequencyExponent, regularizationScale } = equation
  const scaled = regularizationScale === 'entries' ? n * regularization : regularization
  if (frequencyExponent === 0) return scaled
  return scaled * (n + unobservedWeight * columns) ** frequencyExponent
}

/**
 * Per row, λᵤ − the base, never negative; undefined where all rows have the same.
 * @param bounds  of the rows: n is what lies between two of them
 */
export function regularizationExcess(
  bounds: Uint32Array,
  columns: number,
  equation: NormalEquation,
): Float32Array | undefined {
  if (!isRegularizedByRow(equation)) return undefined
  const base = baseRegularization(equation, columns)
  const excess = new Float32Array(bounds.length - 1)
  for (let row = 0; row < excess.length; row++) {
    const n = Math.max(1, bounds[row + 1] - bounds[row])
    excess[row] = scaledRegularization(equation, columns, n) - base
  }
  return excess
}
