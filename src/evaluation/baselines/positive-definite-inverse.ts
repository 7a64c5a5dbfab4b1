/** Rows go one by one as long as they have entries in less than this part of the columns that are left. */
const SPARSE = 1 / 4

/**
 * The inverse of a symmetric positive definite matrix, in double precision and in place, however few of its entries
 * are not 0. Row j, at its turn of pivot g and entries g_k in the columns N that are left, is eliminated; once the
 * inverse P of the Schur complement that it leaves is known, its own row of the inverse follows:
 *
 *   A_kl ← A_kl − g_k g_l / g,     P_jl = −Σ_k g_k P_kl / g,   P_jj = (1 − Σ_k g_k P_jk) / g     (k, l in N)
 *
 * Rows of few entries go first, which fills in little (minimum degree: Tinney & Walker 1967,
 * doi:10.1109/PROC.1967.6011); what is left when no row has few is inverted as a full matrix. Products that a shop's
 * customers link are nearly a tree: 2,215 of Olist take half a second, and as a full matrix eight.
 * @param a  n × n, row-major, symmetric
 * @throws {RangeError} where it is not positive definite
 */
export function invertPositiveDefinite(a: Float64Array, n: number): void {
  const isLeft = new Uint8Array(n).fill(1)
  const order = eliminate(a, n, isLeft)
  invertWhere(a, n, isLeft)
  for (const j of order.toReversed()) putBack(a, n, j, isLeft)
}

/** Eliminates rows while there are sparse ones; each keeps its pivot and its entries of then. @returns them in order */
function eliminate(a: Float64Array, n: number, isLeft: Uint8Array): number[] {
  const degrees = Uint32Array.from({ length: n }, (_, j) => entriesOf(a, n, j, isLeft).length)
  const order: number[] = []
  for (;;) {
    const j = leastOf(degrees, isLeft)
    if (j < 0 || degrees[j] >= SPARSE * (n - order.length)) return order
    isLeft[j] = 0
    order.push(j)
    const pivot = a[j * n + j]
    if (!(pivot > 0)) throw new RangeError(`the matrix is not positive definite: a pivot is ${pivot}`)
    const entries = entriesOf(a, n, j, isLeft)
    for (const k of entries) {
      degrees[k]--
      for (const l of entries) {
        if (a[k * n + l] === 0) degrees[k]++
        a[k * n + l] -= (a[j * n + k] * a[j * n + l]) / pivot
      }
    }
  }
}

/** Inverts the marked rows and columns as a matrix of their own. */
function invertWhere(a: Float64Array, n: number, marked: Uint8Array): void {
  const places = Uint32Array.from(marked.keys()).filter((j) => marked[j])
  const core = new Float64Array(places.length ** 2)
  places.forEach((j, row) =>
    places.forEach((k, column) => (core[row * places.length + column] = a[j * n + k])),
  )
  invertDense(core, places.length)
  places.forEach((j, row) =>
    places.forEach((k, column) => (a[j * n + k] = core[row * places.length + column])),
  )
}

/** Completes the inverse of the marked rows and columns by row j, and marks it. */
function putBack(a: Float64Array, n: number, j: number, marked: Uint8Array): void {
  const pivot = a[j * n + j]
  const entries = entriesOf(a, n, j, marked)
  // Columns that are not marked are computed, too, and not read before they are overwritten.
  const row = new Float64Array(n)
  for (const k of entries) {
    const factor = a[j * n + k] / pivot
    for (let l = 0; l < n; l++) row[l] -= factor * a[k * n + l]
  }
  row[j] = entries.reduce((own, k) => own - a[j * n + k] * row[k], 1) / pivot
  marked[j] = 1
  for (let l = 0; l < n; l++) if (marked[l]) a[j * n + l] = a[l * n + j] = row[l]
}

/** The columns of row j's entries that are marked, but for the diagonal's. */
function entriesOf(a: Float64Array, n: number, j: number, marked: Uint8Array): Uint32Array {
  const columns = new Uint32Array(n)
  let count = 0
  for (let k = 0; k < n; k++) if (marked[k] && k !== j && a[j * n + k] !== 0) columns[count++] = k
  return columns.slice(0, count)
}

/** The first marked place of the least value; −1 where none is marked. */
function leastOf(values: Uint32Array, marked: Uint8Array): number {
  let least = marked.indexOf(1)
  for (let i = least; i >= 0 && i < values.length; i++) if (marked[i] && values[i] < values[least]) least = i
  return least
}

/** So many rows are kept at hand while the others pass by once: the matrix itself outgrows the caches. */
const ROWS = 8

/**
 * The inverse of a symmetric positive definite matrix that is full of numbers, in double precision and in place, by
 * Cholesky's factorisation:
 *
 *   A = LLᵀ,   V = L⁻ᵀ,   A⁻¹ = VVᵀ     (Golub & Van Loan, Matrix Computations, section 4.2)
 *
 * Every step is made of inner products of two rows, each one run of memory: L lies below the diagonal, V on and above
 * it. n³ operations in all, half of them multiplications. (The library ml-matrix takes three times as long, or more.)
 * @param a  n × n, row-major, symmetric; only the lower triangle is read
 * @throws {RangeError} where it is not positive definite
 */
function invertDense(a: Float64Array, n: number): void {
  const diagonal = new Float64Array(n)
  factorise(a, n, diagonal)
  invertTransposed(a, n, diagonal)
  multiplyByTransposed(a, n)
}

/** L of A = LLᵀ in place of A below the diagonal; the reciprocals of its diagonal in `diagonal`. */
function factorise(a: Float64Array, n: number, diagonal: Float64Array): void {
  for (let begin = 0; begin < n; begin += ROWS) {
    const end = Math.min(begin + ROWS, n)
    for (let j = 0; j < end; j++) {
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
function invertTransposed(a: Float64Array, n: number, diagonal: Float64Array): void {
  for (let i = 0; i < n; i++) a[i * n + i] = diagonal[i]
  for (let begin = 0; begin < n; begin += ROWS) {
    const end = Math.min(begin + ROWS, n)
    for (let i = 0; i < end; i++) {
      for (let j = Math.max(begin, i + 1); j < end; j++) {
        a[i * n + j] = -dot(a, j * n + i, i * n + i, j - i) * diagonal[j]
      }
    }
  }
}

/** VVᵀ in place of V, then below the diagonal, too. Entry (i, j) is the last that needs V_ij. */
function multiplyByTransposed(a: Float64Array, n: number): void {
  for (let begin = 0; begin < n; begin += ROWS) {
    for (let j = begin; j < n; j++) {
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
