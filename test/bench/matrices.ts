import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { Dataset } from '../../src/data/dataset.ts'
import { readDataset } from '../../src/data/read.ts'
import { csrFromTriples } from '../../src/kernels/csr.ts'
import type { Csr } from '../../src/kernels/kernels.ts'

export const matrixNames = ['olist', 'ml20m', 'shop1m'] as const
export type MatrixName = (typeof matrixNames)[number]

/** Where Olist's files lie; a clone has none of them. */
export const olistFolder = join(process.env['RATIONALE_DATA'] ?? '../shared/data', 'olist')

/**
 * One of the matrices that the core is measured on, values r.
 *
 * - `olist`: customers who bought × products, how many of each.
 * - `ml20m`: MovieLens 20M's size. Row lengths: median 71, mean 145, longest 8,529; the most popular column stands
 *   in 28 % of the rows. All r = 1.
 * - `shop1m`: a large shop. 46 % of the rows have at most 3 entries, 61 % at most 5, 78 % at most 10, the longest
 *   1,185; the most popular column stands in 2 % of the rows; r ≥ 2 in 7 % of the entries.
 * @throws {DataError} for `olist` where its data is missing
 */
export async function loadMatrix(name: MatrixName): Promise<Csr> {
  switch (name) {
    case 'olist':
      return purchases(await readOlist()).matrix
    case 'ml20m':
      return generateMatrix({
        rows: 138_000,
        columns: 27_000,
        entries: 20_000_000,
        activitySpread: 1.2,
        repeatRate: 0,
      })
    case 'shop1m':
      return generateMatrix({
        rows: 1_000_000,
        columns: 200_000,
        entries: 10_000_000,
        activitySpread: 1.5,
        repeatRate: 0.07,
      })
  }
}

/** Whether there is Olist's data to measure on; where there is none, says so. */
export function olistIsThere(): boolean {
  if (existsSync(olistFolder)) return true
  console.error(
    `There is no ${olistFolder}: skipping Olist. Let RATIONALE_DATA name the folder that holds olist.`,
  )
  return false
}

/** @throws {DataError} where the data is missing */
export function readOlist(): Promise<Dataset> {
  // As others read it, whose figures stand beside ours.
  return readDataset(olistFolder, { countCancelled: true })
}

/**
 * Customers × products with the counts; customers who never bought are left out, since their empty rows would
 * lower the mean loss. `rowOf` leads from a customer to the row, −1 none.
 */
export function purchases(dataset: Dataset): { matrix: Csr; rowOf: Int32Array } {
  const { customer, product, quantity } = dataset.interactions
  const rowOf = new Int32Array(dataset.customers.size).fill(-1)
  let rows = 0
  const row = customer.map((c) => (rowOf[c] < 0 ? (rowOf[c] = rows++) : rowOf[c]))
  return { matrix: csrFromTriples(rows, dataset.products.size, row, product, quantity), rowOf }
}

export interface MatrixShape {
  readonly rows: number
  readonly columns: number
  readonly entries: number
  /** σ of the log-normal that row lengths follow, cut at ± 4 σ, at least 1 entry a row. */
  readonly activitySpread: number
  /** The probability of one more purchase after each: r − 1 is geometric. 0: all r = 1. */
  readonly repeatRate: number
}

/** Flattens the head of Zipf's law (Mandelbrot), or the most popular column would stand in every row. */
const popularityOffset = 50

/**
 * A matrix of exactly `entries` entries, the same for a seed: log-normal row lengths, column popularity
 * ∝ 1 / (rank + 50), columns distinct and ascending within a row, ranks scattered over the column numbers.
 */
export function generateMatrix(shape: MatrixShape, seed = 1): Csr {
  const { rows, columns, entries, repeatRate } = shape
  const generator = xoroshiro128plus(seed)
  const random = () => uniformFloat64(generator)
  const indptr = rowBounds(shape, random)
  const columnOfRank = shuffled(columns, random)
  const indices = new Uint32Array(entries)
  const lastRow = new Int32Array(columns).fill(-1)
  const logRange = Math.log1p(columns / popularityOffset)
  for (let r = 0; r < rows; r++) {
    for (let e = indptr[r]; e < indptr[r + 1]; ) {
      // Inverse of the distribution's integral; a column that the row has already is drawn again.
      const column = columnOfRank[Math.floor(popularityOffset * Math.expm1(random() * logRange))]
      if (lastRow[column] === r) continue
      lastRow[column] = r
      indices[e++] = column
    }
    indices.subarray(indptr[r], indptr[r + 1]).sort()
  }
  const values = new Float32Array(entries).fill(1)
  if (repeatRate > 0) {
    for (let e = 0; e < entries; e++) values[e] += Math.floor(Math.log(1 - random()) / Math.log(repeatRate))
  }
  return { rows, columns, indptr, indices, values }
}

function rowBounds({ rows, entries, activitySpread }: MatrixShape, random: () => number): Uint32Array {
  const activity = new Float64Array(rows + 1)
  for (let r = 0; r < rows; r++) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    activity[r + 1] = activity[r] + Math.exp(activitySpread * Math.max(-4, Math.min(4, normal)))
  }
  // Rounding the running sum, not each length, makes the lengths add up to `entries`.
  const scale = (entries - rows) / activity[rows]
  return Uint32Array.from(activity, (sum, r) => r + Math.round(sum * scale))
}

function shuffled(count: number, random: () => number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i)
  for (let i = count - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1))
    const held = order[i]
    order[i] = order[other]
    order[other] = held
  }
  return order
}
