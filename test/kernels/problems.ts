import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { normalEquation } from '../../src/data/confidence.ts'
import { csrFromTriples } from '../../src/kernels/csr.ts'
import type { Csr, DenseMatrix, NormalEquation } from '../../src/kernels/kernels.ts'

/** Seeded uniform numbers in [from, to). */
export function uniform(seed: number): (from: number, to: number) => number {
  const generator = xoroshiro128plus(seed)
  return (from, to) => from + (to - from) * uniformFloat64(generator)
}

export function randomDense(seed: number, rows: number, columns: number): DenseMatrix {
  const next = uniform(seed)
  return { rows, columns, data: Float32Array.from({ length: rows * columns }, () => next(-1, 1)) }
}

/** A seeded sparse matrix of counts 1 … 4; some rows and columns stay empty by chance. */
export function randomCsr(seed: number, rows: number, columns: number, density: number): Csr {
  const next = uniform(seed)
  const [row, column, value]: [number[], number[], number[]] = [[], [], []]
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      if (next(0, 1) >= density) continue
      row.push(r)
      column.push(c)
      value.push(Math.ceil(next(0, 4)))
    }
  }
  return csrFromTriples(rows, columns, Uint32Array.from(row), Uint32Array.from(column), value)
}

/** The three conventions with ordinary hyperparameters, and λ by entries. */
export const EQUATIONS: readonly (readonly [string, NormalEquation])[] = [
  ['hu-koren-volinsky', normalEquation('hu-koren-volinsky', 40, 0.1)],
  ['implicit', normalEquation('implicit', 40, 0.1)],
  ['ials', normalEquation('ials', 0.1, 0.02, 0.5)],
  ['hu-koren-volinsky, λ by entries', normalEquation('hu-koren-volinsky', 40, 0.1, 0, 'entries')],
  ['ials, λ by entries too', normalEquation('ials', 0.1, 0.02, 0.5, 'entries')],
]

/**
 * One row's factors straight from the definition: the weighted squared error over every column, observed or not,
 * minimised by Gaussian elimination with pivoting in double precision. Shares no code with what it judges.
 * @param keepsTarget  entries whose target t counts; the weights of the others still do
 */
export function denseSolution(
  matrix: Csr,
  row: number,
  y: ArrayLike<number>,
  f: number,
  equation: NormalEquation,
  keepsTarget: (entry: number) => boolean = () => true,
): number[] {
  const n = matrix.indptr[row + 1] - matrix.indptr[row]
  if (n === 0) return Array<number>(f).fill(0)
  return eliminate(denseSystem(matrix, row, y, f, equation, keepsTarget))
}

/**
 * ‖Ax − b‖ over ‖A‖‖x‖ + ‖b‖ of one row's factors: by how much, in proportion, its system would have to differ for them
 * to be its exact solution (Higham 2002, Accuracy and Stability of Numerical Algorithms, theorem 7.1).
 */
export function backwardError(
  solved: Float32Array,
  matrix: Csr,
  row: number,
  y: ArrayLike<number>,
  f: number,
  equation: NormalEquation,
): number {
  const system = denseSystem(matrix, row, y, f, equation)
  const residual = system.map((line) => solved.reduce((sum, x, j) => sum - line[j] * x, line[f]))
  const size = Math.hypot(...system.flatMap((line) => line.slice(0, f)))
  const scale = size * Math.hypot(...solved) + Math.hypot(...system.map((line) => line[f]))
  return scale > 0 ? Math.hypot(...residual) / scale : 0
}

/** λ of a row with n entries, from the definition. */
export function rowLambda(equation: NormalEquation, n: number, columns: number): number {
  const { regularization, regularizationScale, unobservedWeight, frequencyExponent } = equation
  const entries = { constant: 1, entries: n }[regularizationScale]
  return regularization * entries * Math.pow(n + unobservedWeight * columns, frequencyExponent)
}

/** One row's f × (f + 1) augmented system. */
function denseSystem(
  matrix: Csr,
  row: number,
  y: ArrayLike<number>,
  f: number,
  equation: NormalEquation,
  keepsTarget: (entry: number) => boolean = () => true,
): number[][] {
  const n = matrix.indptr[row + 1] - matrix.indptr[row]
  const lambda = rowLambda(equation, n, matrix.columns)
  const system = Array.from({ length: f }, (_, i) =>
    Array.from({ length: f + 1 }, (__, j) => (i === j ? lambda : 0)),
  )
  const add = (column: number, weight: number, target: number) => {
    for (let i = 0; i < f; i++) {
      const yi = y[column * f + i]
      for (let j = 0; j < f; j++) system[i][j] += weight * yi * y[column * f + j]
      system[i][f] += target * yi
    }
  }
  for (let column = 0; column < matrix.columns; column++) add(column, equation.unobservedWeight, 0)
  for (let e = matrix.indptr[row]; e < matrix.indptr[row + 1]; e++) {
    const r = matrix.values[e]
    add(
      matrix.indices[e],
      equation.weightSlope * r + equation.weightIntercept,
      keepsTarget(e) ? equation.targetSlope * r + equation.targetIntercept : 0,
    )
  }
  return system
}

/** The solution of an n × (n + 1) augmented system. */
function eliminate(system: number[][]): number[] {
  const n = system.length
  for (let p = 0; p < n; p++) {
    let best = p
    for (let i = p + 1; i < n; i++) if (Math.abs(system[i][p]) > Math.abs(system[best][p])) best = i
    ;[system[p], system[best]] = [system[best], system[p]]
    for (let i = p + 1; i < n; i++) {
      const ratio = system[i][p] / system[p][p]
      for (let j = p; j <= n; j++) system[i][j] -= ratio * system[p][j]
    }
  }
  const x = Array<number>(n).fill(0)
  for (let i = n - 1; i >= 0; i--) {
    let sum = system[i][n]
    for (let j = i + 1; j < n; j++) sum -= system[i][j] * x[j]
    x[i] = sum / system[i][i]
  }
  return x
}

/** max |a − b| / max |b|: how far two results are apart in units of the larger entries. */
export function relativeDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY
  let [difference, size] = [0, 0]
  for (let i = 0; i < a.length; i++) {
    // Math.max would swallow a NaN on one side of a comparison with ">"; here it stays and fails the test.
    difference = Math.max(difference, Math.abs(a[i] - b[i]))
    size = Math.max(size, Math.abs(b[i]))
  }
  return size === 0 ? difference : difference / size
}
