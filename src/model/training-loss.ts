import type { Csr, DenseMatrix, Kernels, NormalEquation } from '../kernels/kernels.ts'
import { columnBounds } from '../kernels/csr.ts'
import { scaledRegularization } from '../kernels/regularization.ts'

/** Customers that are folded in at a time. */
const ROWS = 2 ** 14

/**
 * The training loss (AlsResult.loss) of item factors that another solver fitted, with each customer's factors as they
 * fold in: those that make it least.
 * @param observed  customers × products, values r
 */
export function trainingLoss(
  observed: Csr,
  itemFactors: DenseMatrix,
  equation: NormalEquation,
  kernels: Kernels,
): number {
  const { rows, columns, indptr, indices, values } = observed
  const { columns: f, data: y } = itemFactors
  const { unobservedWeight, weightSlope, weightIntercept, targetSlope, targetIntercept } = equation
  const squared = (factors: Float32Array, row: number) => {
    let sum = 0
    for (let k = row * f; k < (row + 1) * f; k++) sum += factors[k] * factors[k]
    return sum
  }
  const gramOfItems = kernels.gram(itemFactors)
  const foldIn = kernels.openFoldIn(itemFactors, equation)
  let [loss, targets] = [0, 0]
  try {
    for (let from = 0; from < rows; from += ROWS) {
      const to = Math.min(rows, from + ROWS)
      const [first, last] = [indptr[from], indptr[to]]
      const x = foldIn.solve({
        rows: to - from,
        columns,
        indptr: indptr.slice(from, to + 1).map((bound) => bound - first),
        indices: indices.slice(first, last),
        values: values.slice(first, last),
      })
      // Σᵤ xᵤᵀ(YᵀY)xᵤ = Σ of (XᵀX)·(YᵀY), entry by entry.
      const gram = kernels.gram({ rows: to - from, columns: f, data: x })
      gram.forEach((value, k) => (loss += unobservedWeight * value * gramOfItems[k]))
      for (let row = from; row < to; row++) {
        const n = indptr[row + 1] - indptr[row]
        loss += scaledRegularization(equation, columns, n) * squared(x, row - from)
        for (let entry = indptr[row]; entry < indptr[row + 1]; entry++) {
          let score = 0
          for (let k = 0; k < f; k++) score += x[(row - from) * f + k] * y[indices[entry] * f + k]
          const target = targetSlope * values[entry] + targetIntercept
          const weight = weightSlope * values[entry] + weightIntercept
          loss += weight * score * score - 2 * target * score + target
          targets += target
        }
      }
    }
  } finally {
    foldIn.close()
  }
  const bounds = columnBounds(observed)
  for (let item = 0; item < columns; item++)
    loss += scaledRegularization(equation, rows, bounds[item + 1] - bounds[item]) * squared(y, item)
  return loss / (targets + unobservedWeight * (rows * columns - indices.length))
}
