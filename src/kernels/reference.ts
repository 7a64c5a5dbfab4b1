import {
  checkAdditions,
  checkCsr,
  checkDense,
  checkEaseItems,
  checkEaseProblem,
  checkEquation,
  checkFinite,
  checkParts,
  checkPartnersProblem,
  checkTopKQuery,
  notPositiveDefinite,
} from './checks.ts'
import { transpose } from './csr.ts'
import {
  type CosineIndex,
  type CosineTopKResult,
  type DenseMatrix,
  type Ease,
  type EaseProblem,
  type FoldIn,
  KernelError,
  type Kernels,
  type NormalEquation,
  type Partners,
  type PartnersProblem,
  type RowSource,
  type TopKResult,
  type VectorIndex,
} from './kernels.ts'
import { denseOf } from './rows.ts'
import { labelProduct, NO_LABELS, type RowLabels, unitRows } from './row-labels.ts'
import { cholesky, choleskySolve, fitAlsReference, gramOf, solveRows, systemMatrix } from './reference-als.ts'

/**
 * The core in plain TypeScript and double precision: slow, obvious, and the yardstick of every other variant.
 */
export function referenceKernels(): Kernels {
  return {
    variant: 'reference',
    gram(matrix) {
      const { data, rows, columns } = denseOf(matrix, 'matrix')
      return Float32Array.from(gramOf(data, rows, columns))
    },
    normalizeRows(matrix) {
      checkDense(matrix, 'matrix')
      return Float32Array.from(unitRows(matrix.data, matrix.rows, matrix.columns, NO_LABELS).units)
    },
    fitAls: fitAlsReference,
    openEase,
    openFoldIn,
    openVectors,
    *openVectorsInPieces(vectors, parts) {
      yield
      return openVectors(vectors, parts)
    },
    openCosine,
    *openCosineInPieces(features, rows, columns, labels) {
      yield
      return openCosine(features, rows, columns, labels)
    },
    findPartners,
    async close() {},
  }
}

function openFoldIn(itemFactors: DenseMatrix, equation: NormalEquation): FoldIn {
  checkDense(itemFactors, 'itemFactors')
  checkEquation(equation)
  const { data: y, rows, columns: f } = itemFactors
  return {
    solve(histories) {
      checkCsr(histories, 'histories')
      return Float32Array.from(solveRows(histories, y, f, equation, 'history'))
    },
    contributions(history) {
      checkCsr(history, 'history')
      const gram = gramOf(y, rows, f, equation.unobservedWeight)
      const a = systemMatrix(history, 0, y, f, gram, equation)
      if (cholesky(a, f) >= 0) notPositiveDefinite('history', 0, equation.regularization)
      const result = new Float32Array(history.indices.length * f)
      for (let e = 0; e < history.indices.length; e++) {
        const at = history.indices[e] * f
        const solved = Float64Array.from(y.subarray(at, at + f))
        choleskySolve(a, f, solved)
        const target = equation.targetSlope * history.values[e] + equation.targetIntercept
        result.set(
          solved.map((value) => target * value),
          e * f,
        )
      }
      return result
    },
    close() {},
  }
}

async function openEase({ interactions, regularization, neighbours, signal }: EaseProblem): Promise<Ease> {
  checkEaseProblem({ interactions, regularization, neighbours })
  if (signal?.aborted === true) throw new KernelError('the fit was cancelled', { cause: signal.reason })
  const { rows: users, columns: n, indptr, indices } = interactions
  const a = new Float64Array(n * n)
  for (let i = 0; i < n; i++) a[i * n + i] = regularization
  for (let u = 0; u < users; u++) {
    const items = indices.subarray(indptr[u], indptr[u + 1])
    for (const i of items) for (const j of items) a[i * n + j]++
  }
  cholesky(a, n)
  const inverse = Array.from({ length: n }, (_, i) => {
    const column = new Float64Array(n)
    column[i] = 1
    choleskySolve(a, n, column)
    return column
  })
  const b = inverse.map((row, i) => row.map((value, j) => (i === j ? 0 : -value / inverse[j][j])))
  const kept = b.map((row) =>
    Array.from(row, (weight, j) => ({ j, weight }))
      .filter(({ weight }) => weight !== 0)
      .sort((one, other) => Math.abs(other.weight) - Math.abs(one.weight) || one.j - other.j)
      .slice(0, neighbours)
      .sort((one, other) => one.j - other.j),
  )
  const bounds = new Uint32Array(n + 1)
  kept.forEach((row, i) => (bounds[i + 1] = bounds[i] + row.length))
  let isClosed = false
  return {
    weights: {
      rows: n,
      columns: n,
      indptr: bounds,
      indices: Uint32Array.from(kept.flatMap((row) => row.map(({ j }) => j))),
      values: Float32Array.from(kept.flatMap((row) => row.map(({ weight }) => weight))),
    },
    scores(items, out) {
      if (isClosed) throw new KernelError('EASE is closed')
      checkEaseItems(items, out, n)
      for (let j = 0; j < n; j++) out[j] = items.reduce((sum, i) => sum + b[i][j], 0)
    },
    close() {
      isClosed = true
    },
  }
}

function openVectors(vectors: DenseMatrix | RowSource, parts?: readonly number[]): VectorIndex {
  const { data, rows, columns } = denseOf(vectors, 'vectors')
  if (parts !== undefined) checkParts(parts, columns)
  return {
    async topK(query) {
      checkTopKQuery(query, rows, columns)
      const queryCount = query.queries.length / columns
      return collect(queryCount, query.k, (q) => {
        const excluded = new Set(
          query.excluded?.indices.subarray(query.excluded.indptr[q], query.excluded.indptr[q + 1]),
        )
        const added = new Float32Array(rows)
        query.additions?.(q, added)
        checkAdditions(added, q)
        return rank(rows, (i) => {
          if (excluded.has(i) || !isEligible(query.eligible, i)) return undefined
          const product = Math.fround(dot(query.queries, q * columns, data, i * columns, columns))
          return Math.fround(product + added[i])
        })
      })
    },
    close() {},
  }
}

function openCosine(
  features: Float32Array | Float64Array,
  rows: number,
  columns: number,
  labels: RowLabels = NO_LABELS,
): CosineIndex {
  checkFinite(features, 'features', columns)
  const { units, sizes } = unitRows(features, rows, columns, labels)
  const unitLabels = { sizes, columns: labels.columns }
  return {
    async topK({ items, k, eligible, above = -Infinity }) {
      const found = collect(items.length, k, (q) =>
        rank(rows, (i) => {
          if (i === items[q] || !isEligible(eligible, i)) return undefined
          const cosine =
            dot(units, items[q] * columns, units, i * columns, columns) +
            labelProduct(unitLabels, items[q], i)
          return cosine > above ? cosine : undefined
        }),
      )
      return { counts: found.counts, indices: found.indices, similarities: found.doubles }
    },
    close() {},
  }
}

async function findPartners(problem: PartnersProblem): Promise<Partners> {
  checkPartnersProblem(problem)
  const { interactions, most, sharedFirst = 1, signal } = problem
  if (signal?.aborted === true) throw new KernelError('the fit was cancelled', { cause: signal.reason })
  const byItem = transpose(interactions)
  const usersOf = Array.from(
    { length: byItem.rows },
    (_, i) => new Set(byItem.indices.subarray(byItem.indptr[i], byItem.indptr[i + 1])),
  )
  const partners = usersOf.map((own, i) =>
    usersOf
      .map((others, j) => ({ j, together: i === j ? 0 : [...own].filter((user) => others.has(user)).length }))
      .filter(({ together }) => together > 0)
      .map(({ j, together }) => ({
        j,
        together,
        isFirst: together >= sharedFirst,
        cosine: together / Math.sqrt(own.size * usersOf[j].size),
      }))
      .sort((a, b) => Number(b.isFirst) - Number(a.isFirst) || b.cosine - a.cosine || a.j - b.j)
      .slice(0, most),
  )
  const indptr = new Uint32Array(byItem.rows + 1)
  partners.forEach((row, i) => (indptr[i + 1] = indptr[i] + row.length))
  return {
    users: Uint32Array.from(usersOf, ({ size }) => size),
    indptr,
    indices: Uint32Array.from(partners.flat(), ({ j }) => j),
    together: Uint32Array.from(partners.flat(), ({ together }) => together),
  }
}

function isEligible(bits: Uint32Array | undefined, item: number): boolean {
  return bits === undefined || ((bits[item >>> 5] >>> (item & 31)) & 1) === 1
}

/** All items that have a score, best first, ties to the lower index. */
function rank(rows: number, score: (item: number) => number | undefined): { item: number; score: number }[] {
  const scored: { item: number; score: number }[] = []
  for (let item = 0; item < rows; item++) {
    const value = score(item)
    if (value !== undefined) scored.push({ item, score: value })
  }
  return scored.sort((a, b) => b.score - a.score || a.item - b.item)
}

function collect(
  queries: number,
  k: number,
  ranked: (query: number) => { item: number; score: number }[],
): TopKResult & { doubles: CosineTopKResult['similarities'] } {
  const counts = new Uint32Array(queries)
  const indices = new Uint32Array(queries * k)
  const doubles = new Float64Array(queries * k)
  for (let q = 0; q < queries; q++) {
    const best = ranked(q).slice(0, k)
    counts[q] = best.length
    best.forEach(({ item, score }, at) => {
      indices[q * k + at] = item
      doubles[q * k + at] = score
    })
  }
  return { counts, indices, scores: Float32Array.from(doubles), doubles }
}

function dot(a: ArrayLike<number>, atA: number, b: ArrayLike<number>, atB: number, n: number): number {
  let sum = 0
  for (let i = 0; i < n; i++) sum += a[atA + i] * b[atB + i]
  return sum
}
