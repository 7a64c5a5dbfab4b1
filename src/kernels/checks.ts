import {
  type AlsProblem,
  type Csr,
  type DenseMatrix,
  type EaseProblem,
  KernelError,
  type NormalEquation,
  NotPositiveDefiniteError,
  type PartnersProblem,
  type TopKQuery,
} from './kernels.ts'

/**
 * The door of the core: both implementations refuse here what they could not answer for. Past it, sizes fit,
 * indices lie within bounds and every number is finite.
 */

/** @throws {KernelError} when the sizes disagree or an entry is NaN or infinite */
export function checkDense(matrix: DenseMatrix, what: string): void {
  const { rows, columns, data } = matrix
  if (data.length !== rows * columns) {
    throw new KernelError(
      `${what}: expected ${rows} × ${columns} = ${rows * columns} numbers, got ${data.length}`,
    )
  }
  checkFinite(data, what, columns)
}

/** @throws {KernelError} where the parts are not counts that sum to the columns */
export function checkParts(parts: readonly number[], columns: number): void {
  const sum = parts.reduce((total, part) => total + part, 0)
  if (sum === columns && parts.every((part) => Number.isInteger(part) && part >= 0)) return
  throw new KernelError(`parts: ${parts.join(' + ')} are not counts that sum to the ${columns} columns`)
}

/**
 * @param first  the number of the first row
 * @throws {KernelError} naming the first entry that is NaN or infinite, by row and column
 */
export function checkFinite(
  data: Float32Array | Float64Array,
  what: string,
  columns: number,
  first = 0,
): void {
  const at = firstNotFinite(data)
  if (at === data.length) return
  const row = first + Math.floor(at / columns)
  throw new KernelError(
    `${what}: ${data[at]} at row ${row}, column ${at % columns}; every number must be finite`,
  )
}

/** A loop by number: it runs over much for every search. */
function firstNotFinite(data: Float32Array | Float64Array): number {
  let at = 0
  while (at < data.length && Number.isFinite(data[at])) at++
  return at
}

/** @throws {KernelError} when row bounds do not ascend, an index lies outside, or a value is not finite */
export function checkCsr(matrix: Csr, what: string): void {
  const { rows, columns, indptr, indices, values } = matrix
  if (indptr.length !== rows + 1 || indptr[0] !== 0 || indptr[rows] !== indices.length) {
    throw new KernelError(
      `${what}: row bounds must be ${rows + 1} numbers from 0 to ${indices.length}, ` +
        `got ${indptr.length} from ${indptr[0]} to ${indptr[rows]}`,
    )
  }
  for (let r = 0; r < rows; r++) {
    if (indptr[r] > indptr[r + 1]) throw new KernelError(`${what}: row ${r} ends before it starts`)
  }
  for (let e = 0; e < indices.length; e++) {
    if (indices[e] >= columns) {
      throw new KernelError(`${what}: column ${indices[e]} in a matrix of ${columns} columns (entry ${e})`)
    }
  }
  if (values.length !== indices.length) {
    throw new KernelError(`${what}: ${indices.length} columns but ${values.length} values`)
  }
  checkFinite(values, what, Math.max(1, values.length))
}

/** @throws {KernelError} where an item is not one of `rows` */
export function checkItems(items: Uint32Array, rows: number): void {
  const outside = items.find((item) => item >= rows)
  if (outside !== undefined) throw new KernelError(`items: ${outside} lies outside the ${rows} items`)
}

/** @throws {KernelError} naming the field of the equation that is not a usable number */
export function checkEquation(equation: NormalEquation): void {
  for (const [name, value] of Object.entries(equation)) {
    if (!Number.isFinite(value)) throw new KernelError(`${name} is ${value}; it must be a finite number`)
  }
  for (const name of ['regularization', 'unobservedWeight', 'frequencyExponent'] as const) {
    if (equation[name] < 0) throw new KernelError(`${name} is ${equation[name]}; it must not be negative`)
  }
}

/** @throws {KernelError} when any part of the problem is unusable */
export function checkProblem(problem: AlsProblem): void {
  const { interactions, factors, iterations, itemFactors, userFactors } = problem
  checkEquation(problem.equation)
  if (!Number.isInteger(factors) || factors < 1 || factors > 1024) {
    throw new KernelError(`factors is ${factors}; it must be a whole number from 1 to 1024`)
  }
  if (!Number.isInteger(iterations) || iterations < 1) {
    throw new KernelError(`iterations is ${iterations}; it must be a whole number of at least 1`)
  }
  const steps = problem.conjugateGradientSteps ?? 0
  if (!Number.isInteger(steps) || steps < 0) {
    throw new KernelError(`conjugateGradientSteps is ${steps}; it must be a whole number from 0`)
  }
  checkCsr(interactions, 'interactions')
  checkDense({ rows: interactions.columns, columns: factors, data: itemFactors }, 'itemFactors')
  if (userFactors !== undefined) {
    checkDense({ rows: interactions.rows, columns: factors, data: userFactors }, 'userFactors')
  }
}

/**
 * @throws {KernelError} when the queries are not whole rows of `columns` finite numbers, k is not a count, or the
 * filters do not fit the queries and the `rows` items
 */
export function checkTopKQuery(
  { queries, k, excluded, eligible }: TopKQuery,
  rows: number,
  columns: number,
): void {
  if (!Number.isInteger(k) || k < 0) throw new KernelError(`k is ${k}; it must be a whole number from 0`)
  if (columns > 0 && queries.length % columns !== 0) {
    throw new KernelError(`queries: ${queries.length} numbers are not whole rows of ${columns}`)
  }
  checkFinite(queries, 'queries', columns)
  const count = columns === 0 ? 0 : queries.length / columns
  if (excluded !== undefined) {
    const values = new Float32Array(excluded.indices.length)
    checkCsr({ rows: count, columns: rows, ...excluded, values }, 'excluded')
  }
  checkEligible(eligible, rows)
}

/** @throws {KernelError} naming the first addition to a query's scores that is NaN or infinite */
export function checkAdditions(row: Float32Array, query: number): void {
  const at = firstNotFinite(row)
  if (at === row.length) return
  throw new KernelError(`additions: ${row[at]} at row ${query}, column ${at}; every number must be finite`)
}

/** @throws {KernelError} when there is not a bit for every item */
export function checkEligible(eligible: Uint32Array | undefined, rows: number): void {
  const words = Math.ceil(rows / 32)
  if (eligible !== undefined && eligible.length < words) {
    throw new KernelError(`eligible: ${rows} items need ${words} words of 32 bits, got ${eligible.length}`)
  }
}

/** @throws {NotPositiveDefiniteError} the one sentence for a system that cannot be solved */
export function notPositiveDefinite(side: string, row: number, regularization: number): never {
  throw new NotPositiveDefiniteError(
    `ALS solve failed at ${side} ${row}: matrix not positive definite; ` +
      `increase regularization (now ${regularization})`,
  )
}

/** @throws {KernelError} when the interactions cannot be read, or λ or the number of weights is out of range */
export function checkEaseProblem({ interactions, regularization, neighbours }: EaseProblem): void {
  checkSets(interactions)
  if (!(regularization > 0 && regularization < Infinity)) {
    throw new KernelError(`regularization is ${regularization}; it must be a finite number above 0`)
  }
  checkCount('neighbours', neighbours, 0)
}

/** @throws {KernelError} when an item is none of `count`, or `out` has no room for just so many scores */
export function checkEaseItems(items: Uint32Array, out: Float32Array, count: number): void {
  const beyond = items.find((item) => item >= count)
  if (beyond !== undefined) throw new KernelError(`items: ${beyond} is not below ${count}`)
  if (out.length !== count) throw new KernelError(`out: expected ${count} numbers, got ${out.length}`)
}

/** @throws {KernelError} when the interactions cannot be read, or a number is out of range */
export function checkPartnersProblem({ interactions, most, sharedFirst = 1 }: PartnersProblem): void {
  checkSets(interactions)
  checkCount('most', most, 0)
  checkCount('sharedFirst', sharedFirst, 1)
}

/** @throws {KernelError} as checkCsr, and where the items of a row do not ascend */
function checkSets(interactions: Csr): void {
  checkCsr(interactions, 'interactions')
  const { rows, indptr, indices } = interactions
  for (let r = 0; r < rows; r++) {
    for (let e = indptr[r] + 1; e < indptr[r + 1]; e++) {
      if (indices[e] <= indices[e - 1]) {
        throw new KernelError(`interactions: the items of row ${r} do not ascend`)
      }
    }
  }
}

function checkCount(name: string, count: number, least: number): void {
  if (Number.isSafeInteger(count) && count >= least) return
  throw new KernelError(`${name} is ${count}; it must be a whole number of at least ${least}`)
}
