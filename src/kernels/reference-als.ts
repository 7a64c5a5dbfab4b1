import { checkProblem, notPositiveDefinite } from './checks.ts'
import { transpose } from './csr.ts'
import { type AlsProblem, type AlsResult, type Csr, KernelError, type NormalEquation } from './kernels.ts'
import { scaledRegularization } from './regularization.ts'

/**
 * Implicit-feedback ALS in plain double precision, written to be read together with the equation in kernels.ts; the
 * WebAssembly core is tested against it. Legend: f factors, Y fixed factors (n × f), x the row being solved,
 * G = w₀YᵀY, A = G + Σ w·yyᵀ + λᵤI, b = Σ t·y.
 */

/** Cholesky factor L (lower, row-major, in place) of A = LLᵀ; the index of the failing pivot, or −1. */
export function cholesky(a: Float64Array, n: number): number {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]
      for (let k = 0; k < j; k++) sum -= a[i * n + k] * a[j * n + k]
      if (i !== j) a[i * n + j] = sum / a[j * n + j]
      // A pivot that rounding alone could have left positive says singular, not "barely definite".
      else if (!(sum > a[i * n + i] * n * Number.EPSILON)) return i
      else a[i * n + i] = Math.sqrt(sum)
    }
  }
  return -1
}

/** Solves LLᵀx = b; x overwrites b. */
export function choleskySolve(l: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) b[i] -= l[i * n + k] * b[k]
    b[i] /= l[i * n + i]
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) b[i] -= l[k * n + i] * b[k]
    b[i] /= l[i * n + i]
  }
}

/** scale · YᵀY in double precision. */
export function gramOf(y: ArrayLike<number>, rows: number, f: number, scale = 1): Float64Array {
  const gram = new Float64Array(f * f)
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < f; i++) {
      for (let j = 0; j < f; j++) gram[i * f + j] += scale * y[r * f + i] * y[r * f + j]
    }
  }
  return gram
}

/** The row's A, given G = w₀YᵀY. */
export function systemMatrix(
  matrix: Csr,
  row: number,
  y: ArrayLike<number>,
  f: number,
  gram: Float64Array,
  equation: NormalEquation,
): Float64Array {
  const a = Float64Array.from(gram)
  const lambda = scaledRegularization(equation, matrix.columns, matrix.indptr[row + 1] - matrix.indptr[row])
  for (let i = 0; i < f; i++) a[i * f + i] += lambda
  for (let e = matrix.indptr[row]; e < matrix.indptr[row + 1]; e++) {
    const weight = equation.weightSlope * matrix.values[e] + equation.weightIntercept
    const at = matrix.indices[e] * f
    for (let i = 0; i < f; i++) {
      for (let j = 0; j < f; j++) a[i * f + j] += weight * y[at + i] * y[at + j]
    }
  }
  return a
}

/** Solves every row of `matrix` against the fixed factors y; rows without entries become zero. */
export function solveRows(
  matrix: Csr,
  y: ArrayLike<number>,
  f: number,
  equation: NormalEquation,
  side: string,
): Float64Array {
  const gram = gramOf(y, matrix.columns, f, equation.unobservedWeight)
  const x = new Float64Array(matrix.rows * f)
  for (let row = 0; row < matrix.rows; row++) {
    const [from, to] = [matrix.indptr[row], matrix.indptr[row + 1]]
    if (from === to) continue
    const a = systemMatrix(matrix, row, y, f, gram, equation)
    const b = new Float64Array(f)
    for (let e = from; e < to; e++) {
      const target = equation.targetSlope * matrix.values[e] + equation.targetIntercept
      for (let i = 0; i < f; i++) b[i] += target * y[matrix.indices[e] * f + i]
    }
    if (cholesky(a, f) >= 0) notPositiveDefinite(side, row, equation.regularization)
    choleskySolve(a, f, b)
    x.set(b, row * f)
  }
  return x
}

/** The training loss of AlsResult, in double precision. */
export function lossOf(
  matrix: Csr,
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  f: number,
  equation: NormalEquation,
): number {
  const gram = gramOf(y, matrix.columns, f)
  const byItem = transpose(matrix)
  let [loss, targets] = [0, 0]
  for (let u = 0; u < matrix.rows; u++) {
    const lambda = scaledRegularization(equation, matrix.columns, matrix.indptr[u + 1] - matrix.indptr[u])
    for (let i = 0; i < f; i++) {
      const xi = x[u * f + i]
      loss += lambda * xi * xi
      for (let j = 0; j < f; j++) loss += equation.unobservedWeight * xi * gram[i * f + j] * x[u * f + j]
    }
    for (let e = matrix.indptr[u]; e < matrix.indptr[u + 1]; e++) {
      let score = 0
      for (let i = 0; i < f; i++) score += x[u * f + i] * y[matrix.indices[e] * f + i]
      const weight = equation.weightSlope * matrix.values[e] + equation.weightIntercept
      const target = equation.targetSlope * matrix.values[e] + equation.targetIntercept
      loss += weight * score * score - 2 * target * score + target
      targets += target
    }
  }
  for (let item = 0; item < matrix.columns; item++) {
    const lambda = scaledRegularization(equation, matrix.rows, byItem.indptr[item + 1] - byItem.indptr[item])
    for (let i = 0; i < f; i++) loss += lambda * y[item * f + i] ** 2
  }
  const unobserved = matrix.rows * matrix.columns - matrix.indices.length
  return loss / (targets + equation.unobservedWeight * unobserved)
}

/** `Kernels.fitAls`, plainly. */
export async function fitAlsReference(problem: AlsProblem): Promise<AlsResult> {
  checkProblem(problem)
  const { interactions, equation, factors: f, iterations, signal } = problem
  const byItem = transpose(interactions)
  let y: Float64Array = Float64Array.from(problem.itemFactors)
  let x: Float64Array = new Float64Array(interactions.rows * f)
  for (let iteration = 1; iteration <= iterations; iteration++) {
    if (signal?.aborted) throw new KernelError('the fit was cancelled')
    x = solveRows(interactions, y, f, equation, 'user')
    y = solveRows(byItem, x, f, equation, 'item')
    problem.onIteration?.(
      iteration,
      problem.trackLoss === true ? lossOf(interactions, x, y, f, equation) : undefined,
    )
    await new Promise((resolve) => setImmediate(resolve))
  }
  return {
    userFactors: Float32Array.from(problem.itemsOnly === true ? [] : x),
    itemFactors: Float32Array.from(y),
    loss: lossOf(interactions, x, y, f, equation),
  }
}
