import { checkFinite } from './checks.ts'
import type { DenseMatrix, RowSource } from './kernels.ts'
import { eachPiece, rowSourceOf } from './rows.ts'
import { Arena } from './wasm-arena.ts'
import { padded, padRows } from './wasm-layout.ts'

/** Rows whose products are summed in single precision: of more, the sums of so many each are added in double. */
export const SUMMED_TOGETHER = 2 ** 18

/** `Kernels.gram` in the core, of some rows at a time. */
export function gramOf(module: WebAssembly.Module, matrix: DenseMatrix | RowSource): Float32Array {
  const source = rowSourceOf(matrix, 'matrix')
  const { rows, columns } = source
  const arena = new Arena(module, {
    what: `a gram of ${rows} rows × ${columns} columns`,
    advice: 'use fewer factors, or fewer content columns',
  })
  const f = padded(columns)
  const most = Math.min(rows, SUMMED_TOGETHER)
  const y = arena.allocate(most * f * 4)
  const gram = arena.allocate(f * f * 4)
  const sums = new Float64Array(columns * columns)
  for (let from = 0; from < rows; from += most) {
    const to = Math.min(rows, from + most)
    for (const { piece, first, count } of eachPiece(source, { from, to })) {
      checkFinite(piece, 'matrix', columns, first)
      padRows(piece, columns, arena.floats(y + (first - from) * f * 4, count * f))
    }
    arena.exports.gram(y, to - from, f, 0, gram, 0)
    arena.takePadded(gram, columns, columns).forEach((sum, at) => (sums[at] += sum))
  }
  return Float32Array.from(sums)
}
