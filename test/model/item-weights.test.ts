import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { csrFromTriples } from '../../src/kernels/csr.ts'
import type { Csr, Kernels } from '../../src/kernels/kernels.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { cholesky, choleskySolve } from '../../src/kernels/reference-als.ts'
import type { ItemWeights } from '../../src/model/item-weights.ts'
import { fitItemWeights, weightsSharedBy } from '../../src/model/item-weights.ts'

let core: Kernels
beforeAll(async () => {
  core = await openKernels({ threads: 1 })
})
afterAll(() => core?.close())

const histories = (rows: readonly (readonly number[])[], products: number): Csr => {
  const entries = rows.flatMap((row, customer) => row.map((product) => [customer, product]))
  return csrFromTriples(
    rows.length,
    products,
    Uint32Array.from(entries, ([customer]) => customer),
    Uint32Array.from(entries, ([, product]) => product),
    new Float32Array(entries.length).fill(1),
  )
}

/** B = −P_ij / P_jj from P = (XᵀX + λI)⁻¹, the whole matrix inverted at once (Steck 2019, equation 8). */
function denseWeights(rows: readonly (readonly number[])[], products: number, lambda: number): number[][] {
  const gram = new Float64Array(products * products)
  for (let j = 0; j < products; j++) gram[j * products + j] = lambda
  for (const row of rows) for (const a of row) for (const b of row) gram[a * products + b]++
  cholesky(gram, products)
  const inverse = Array.from({ length: products }, (_, j) => {
    const column = new Float64Array(products)
    column[j] = 1
    choleskySolve(gram, products, column)
    return column
  })
  return inverse.map((own, i) => Array.from(own, (_, j) => (i === j ? 0 : -inverse[j][i] / inverse[j][j])))
}

const entriesOf = ({ weights: { indptr, indices, values }, customers }: ItemWeights, row: number) =>
  Array.from(indices.subarray(indptr[row], indptr[row + 1]), (to, i) => ({
    to,
    weight: values[indptr[row] + i],
    customers: customers[indptr[row] + i],
  }))

describe('item weights', () => {
  test('are those of EASE over the whole matrix, with how many bought both', async () => {
    const products = 9
    const anyRow = fc.uniqueArray(fc.nat(products - 1), { maxLength: 4 }).map((row) => row.toSorted())
    await fc.assert(
      fc.asyncProperty(fc.array(anyRow, { minLength: 1, maxLength: 12 }), async (rows) => {
        const fitted = await fitItemWeights(histories(rows, products), core, {
          regularization: 2,
          mostProducts: 100,
        })
        const expected = denseWeights(rows, products, 2)
        for (let from = 0; from < products; from++) {
          const entries = new Map(entriesOf(fitted, from).map((entry) => [entry.to, entry]))
          for (let to = 0; to < products; to++) {
            const entry = entries.get(to)
            expect(entry?.weight ?? 0).toBeCloseTo(expected[from][to], 4)
            if (entry)
              expect(entry.customers).toBe(
                rows.filter((row) => row.includes(from) && row.includes(to)).length,
              )
          }
        }
      }),
      { numRuns: 30 },
    )
  })

  test('are of the products that the most customers bought beside others, where not all may have some', async () => {
    const rows = [[0, 1], [0, 1], [0, 2], [3], [3], [3], [4]]
    const fitted = await fitItemWeights(histories(rows, 5), core, { regularization: 1, mostProducts: 2 })
    expect([0, 1, 2, 3, 4].map((row) => entriesOf(fitted, row).map(({ to }) => to))).toEqual([
      [1],
      [0],
      [],
      [],
      [],
    ])
  })

  test('are none where nobody bought two products, or no product may have any', async () => {
    const options = { regularization: 1, mostProducts: 10 }
    expect((await fitItemWeights(histories([[0], [1]], 2), core, options)).customers).toHaveLength(0)
    const none = await fitItemWeights(histories([[0, 1]], 2), core, { ...options, mostProducts: 0 })
    expect(none.customers).toHaveLength(0)
  })

  test('under a floor are those of pairs that enough customers bought', async () => {
    const rows = [
      [0, 1],
      [0, 1],
      [0, 2],
      [1, 2, 3],
    ]
    const fitted = await fitItemWeights(histories(rows, 4), core, { regularization: 1, mostProducts: 10 })
    const shared = weightsSharedBy(2, fitted)
    expect([0, 1, 2, 3].map((row) => entriesOf(shared, row).map(({ to }) => to))).toEqual([[1], [0], [], []])
    expect(entriesOf(shared, 0)[0]).toEqual(entriesOf(fitted, 0).find(({ to }) => to === 1))
  })
})
