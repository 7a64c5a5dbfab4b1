import { Work } from '../../kernels/work.ts'

/** So many rows are kept at hand while the others pass by once: the matrix itself outgrows the caches. */
const ROWS = 8

/**
 * The inverse of a symmetric positive definite matrix, in double precision and in place, by
 * Cholesky's factorisation:
 *
 *   A = LLᵀ,   V = L⁻ᵀ,   A⁻¹ = VVᵀ     (Golub & Van Loan, Matrix Computations, section 4.2)
 *
 * Every step is made of inner products of two rows, each one run of memory: L lies below the diagonal, V on and above
 * it. n³ operations in all, half of them multiplications. (The library ml-matrix takes three times as long, or more.)
 * @param a  n × n, row-major, symmetric; only the lower triangle is read
 * @param work  pauses between parts of rows
 * @throws {RangeError} where it is not positive definite
 */
export async function invertPositiveDefinite(a: Float64Array, n: number, work = new Work()): Promise<void> {
  const diagonal = new Float64Array(n)
  await factorise(a, n, diagonal, work)
  await invertTransposed(a, n, diagonal, work)
  await multiplyByTransposed(a, n, work)
}

/** L of A = LLᵀ, written over A below the diagonal; the reciprocals of its diagonal in `diagonal`. */
async function factorise(a: Float64Array, n: number, diagonal: Float64Array, work: Work): Promise<void> {
  for (let begin = 0; begin < n; begin += ROWS) {
    const end = Math.min(begin + ROWS, n)
    for (let j = 0; j < end; j++) {
      const turn = work.pause()
      if (turn) await turn
      if (j >= begin) {
        const pivot = a[j * n + j] - dot(a, j * n, j * n, j)
        if (!(pivot > 0)) throw new RangeError(`the matrix is not positive definite: a pivot is ${pivot}`)
        diagonal[j] = 1 / Math.sqrt(pivot)
      }
      for (let i = Math.max(begin, j + 1); i < end; i++) {
        a[i * n + j] = (a[i * n + j] - dot(a, i * n, j * n, j)) * diagonal[j]
      }
    }
  }
}

/** V = L⁻ᵀ on and above the diagonal: V_ij = −(1/L_jj) Σ_k L_jk V_ik, k = i … j − 1. */
async function invertTransposed(
  a: Float64Array,
  n: number,
  diagonal: Float64Array,
  work: Work,
): Promise<void> {
  for (let i = 0; i < n; i++) a[i * n + i] = diagonal[i]
  for (let begin = 0; begin < n; begin += ROWS) {
    const end = Math.min(begin + ROWS, n)
    for (let i = 0; i < end; i++) {
      const turn = work.pause()
      if (turn) await turn
      for (let j = Math.max(begin, i + 1); j < end; j++) {
        a[i * n + j] = -dot(a, j * n + i, i * n + i, j - i) * diagonal[j]
      }
    }
  }
}

/** VVᵀ, written over V, then below the diagonal, too. Entry (i, j) is the last that needs V_ij. */
async function multiplyByTransposed(a: Float64Array, n: number, work: Work): Promise<void> {
  for (let begin = 0; begin < n; begin += ROWS) {
    for (let j = begin; j < n; j++) {
      const turn = work.pause()
      if (turn) await turn
      const end = Math.min(begin + ROWS, j + 1)
      for (let i = begin; i < end; i++) a[i * n + j] = dot(a, i * n + j, j * n + j, n - j)
    }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a[i * n + j] = a[j * n + i]
}

/** The inner product of two runs of n numbers, in four sums that do not wait for each other. */
function dot(a: Float64Array, atA: number, atB: number, n: number): number {
  let sum0 = 0
  let sum1 = 0
  let sum2 = 0
  let sum3 = 0
  let k = 0
  for (; k + 3 < n; k += 4) {
    sum0 += a[atA + k] * a[atB + k]
    sum1 += a[atA + k + 1] * a[atB + k + 1]
    sum2 += a[atA + k + 2] * a[atB + k + 2]
    sum3 += a[atA + k + 3] * a[atB + k + 3]
  }
  for (; k < n; k++) sum0 += a[atA + k] * a[atB + k]
  return sum0 + sum1 + (sum2 + sum3)
}
