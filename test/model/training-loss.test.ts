import { expect, test } from 'vitest'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { lossOf, solveRows } from '../../src/kernels/reference-als.ts'
import { trainingLoss } from '../../src/model/training-loss.ts'
import { EQUATIONS, randomCsr, randomDense } from '../kernels/problems.ts'

test.each(EQUATIONS)('the loss of given factors is that of its definition: %s', (_, equation) => {
  const observed = randomCsr(5, 60, 20, 0.15)
  const items = randomDense(6, 20, 4)
  const folded = solveRows(observed, items.data, 4, equation, 'user')
  const expected = lossOf(observed, folded, items.data, 4, equation)
  expect(trainingLoss(observed, items, equation, referenceKernels())).toBeCloseTo(expected, 6)
})
