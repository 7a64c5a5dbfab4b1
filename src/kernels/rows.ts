/** Rows of numbers that are asked for some at a time, so that a large matrix need not lie in memory as a whole. */
import { checkFinite } from './checks.ts'
import { type DenseMatrix, KernelError, type RowSource } from './kernels.ts'

/** Rows that are read at once. */
const PIECE = 1024

/**
 * A matrix as rows to read.
 * @param what  the matrix's name in an error
 * @throws {KernelError} when the sizes disagree
 */
export function rowSourceOf(matrix: DenseMatrix | RowSource, what: string): RowSource {
  if ('read' in matrix) return matrix
  const { rows, columns, data } = matrix
  if (data.length !== rows * columns) {
    throw new KernelError(
      `${what}: expected ${rows} × ${columns} = ${rows * columns} numbers, got ${data.length}`,
    )
  }
  return {
    rows,
    columns,
    read: (first, count, into) => into.set(data.subarray(first * columns, (first + count) * columns)),
  }
}

/** Some rows of a matrix. */
interface Piece {
  /** Whole rows; the next piece is written over them. */
  readonly piece: Float32Array
  readonly first: number
  readonly count: number
}

/** The rows from … to − 1, some at a time, in order. */
export function* eachPiece(
  source: RowSource,
  { from = 0, to = source.rows, most = PIECE } = {},
): Generator<Piece, void, void> {
  const { columns } = source
  const some = new Float32Array(Math.min(most, to - from) * columns)
  for (let first = from; first < to; first += most) {
    const count = Math.min(most, to - first)
    const piece = some.subarray(0, count * columns)
    source.read(first, count, piece)
    yield { piece, first, count }
  }
}

/** All rows at once. @throws {KernelError} when the sizes disagree, or naming the first number that is not finite */
export function denseOf(matrix: DenseMatrix | RowSource, what: string): DenseMatrix {
  const { rows, columns, read } = rowSourceOf(matrix, what)
  const data = new Float32Array(rows * columns)
  read(0, rows, data)
  checkFinite(data, what, columns)
  return { rows, columns, data }
}
