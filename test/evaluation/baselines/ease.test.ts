import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  solveByCustomers,
  solveByProducts,
  ease,
  linkedProducts,
} from '../../../src/evaluation/baselines/ease.ts'
import type { LinkedProducts } from '../../../src/evaluation/baselines/ease.ts'
import { invertPositiveDefinite } from '../../../src/evaluation/baselines/positive-definite-inverse.ts'
import { purchasesOf } from '../../../src/evaluation/baselines/purchases.ts'
import { UnsuitableDataError } from '../../../src/evaluation/system.ts'
import { csrFromTriples } from '../../../src/kernels/csr.ts'
import { cholesky, choleskySolve } from '../../../src/kernels/reference-als.ts'
import type { Sale } from '../../model/small-shop.ts'
import { smallShop } from '../../model/small-shop.ts'
import { cornerShop, listOf } from './corner-shop.ts'

const solutions = [
  ['products', solveByProducts],
  ['customers', solveByCustomers],
] as const

const close = (values: number[]) => values.map((value) => expect.closeTo(value, 12))

/** Customers by what they bought, such as ['xy', 'x']. */
function shopOf(customers: readonly string[]) {
  const sales: Sale[] = customers.flatMap((products, i) =>
    Array.from(products, (product) => ({ customer: `customer ${i}`, product })),
  )
  return smallShop(sales)
}

describe.each(solutions)('EASE solved by %s', (_, solve) => {
  test('of two products is the closed form: common customers / (customers of the one bought + λ)', () => {
    // Inverting (n_x + λ, c; c, n_y + λ) by hand: B_xy = c / (n_x + λ), B_yx = c / (n_y + λ).
    const [linked] = linkedProducts(purchasesOf(shopOf(['xy', 'xy', 'xy', 'x', 'y', 'y'])))
    const scores = solve(linked, 2)
    expect([...scores([0])]).toEqual([expect.closeTo(0, 12), expect.closeTo(3 / (4 + 2), 12)])
    expect([...scores([1])]).toEqual([expect.closeTo(3 / (5 + 2), 12), expect.closeTo(0, 12)])
    expect([...scores([])]).toEqual([0, 0])
  })

  test('of the corner shop is what elimination on paper gives', () => {
    // λ = 1: XᵀX + I = (4 2 1 0; 2 3 1 0; 1 1 3 1; 0 0 1 3); column j of B is the solution of the rows without j.
    const [linked] = linkedProducts(purchasesOf(cornerShop()))
    const scores = solve(linked, 1)
    expect([...scores([2])]).toEqual(close([1 / 7, 6 / 29, 0, 8 / 21]))
    expect([...scores([3])]).toEqual(close([-1 / 21, -2 / 29, 1 / 3, 0]))
    // Histories add up.
    expect([...scores([2, 3])]).toEqual(close([2 / 21, 4 / 29, 1 / 3, 8 / 21]))
  })
})

test('Both ways to solve EASE give what inverting the whole of XᵀX + λI gives', () => {
  const customers = fc.array(fc.uniqueArray(fc.nat(6), { minLength: 1, maxLength: 5 }), {
    minLength: 1,
    maxLength: 9,
  })
  const regularization = fc.double({ min: 0.01, max: 100, noNaN: true })
  fc.assert(
    fc.property(customers, regularization, fc.uniqueArray(fc.nat(6)), (baskets, lambda, history) => {
      const pairs = baskets.flatMap((products, customer) => products.map((product) => [customer, product]))
      const column = (at: number) => Uint32Array.from(pairs, (pair) => pair[at])
      const purchases = csrFromTriples(baskets.length, 7, column(0), column(1))
      const whole = easeOf(baskets, 7, lambda, history)
      const linked = linkedProducts(purchases)
      for (const [, solve] of solutions) {
        const scores = new Float64Array(7)
        for (const component of linked) addScores(scores, component, solve(component, lambda), history)
        scores.forEach((score, j) => expect(score).toBeCloseTo(whole[j], 9))
      }
    }),
  )
})

function addScores(
  scores: Float64Array,
  { products }: LinkedProducts,
  solution: (history: readonly number[]) => Float64Array,
  history: readonly number[],
): void {
  const places = history.map((product) => products.indexOf(product)).filter((place) => place >= 0)
  solution(places).forEach((score, place) => (scores[products[place]] = score))
}

/** Straight from the paper: P = (XᵀX + λI)⁻¹ column by column, B = −P/diag(P), 0 on the diagonal, x B. */
function easeOf(
  baskets: readonly (readonly number[])[],
  n: number,
  lambda: number,
  history: readonly number[],
): number[] {
  const gram = new Float64Array(n * n)
  for (let j = 0; j < n; j++) gram[j * n + j] = lambda
  for (const basket of baskets) for (const i of basket) for (const j of basket) gram[i * n + j]++
  expect(cholesky(gram, n)).toBe(-1)
  const columns = Array.from({ length: n }, (_, j) => {
    const unit = Float64Array.from({ length: n }, (_, i) => (i === j ? 1 : 0))
    choleskySolve(gram, n, unit)
    return unit
  })
  return columns.map((column, j) =>
    history.reduce((sum, i) => sum - (i === j ? 0 : column[i] / column[j]), 0),
  )
}

describe('EASE', () => {
  test('lists what a score above 0 speaks for, then what is popular', async () => {
    // From c: d 8/21, b 6/29, a 1/7; from d: c 1/3, and a and b below 0.
    expect(await listOf(ease({ lambda: 1 }), [['c']], 'discovery')).toBe('dbae')
    expect(await listOf(ease({ lambda: 1 }), [['d']], 'discovery')).toBe('cabe')
    // By the company of c and d: d 8/21, c 1/3, b 4/29, a 2/21.
    expect(await listOf(ease({ lambda: 1 }), [['c'], ['d', 3]], 'next-order')).toBe('dcbae')
  })

  test('is popularity for a history that co-purchase leads nowhere from', async () => {
    expect(await listOf(ease({ lambda: 1 }), [['e']], 'discovery')).toBe('abcd')
    const loners = await ease({ lambda: 1 }).fit(shopOf(['a', 'a', 'b']), 1)
    expect(await listOf(loners, [['a']], 'next-order')).toBe('ab')
  })

  test('is solved for each group of linked products alone', async () => {
    // Both x and y beside z: c / (n + λ) = 2/3; v beside w 1/2.
    const groups = linkedProducts(purchasesOf(shopOf(['ab', 'ab', 'cd', 'c', 'e'])))
    expect(groups.map(({ products }) => [...products])).toEqual([
      [0, 1],
      [2, 3],
    ])
    expect(groups.map(({ loners }) => [...loners])).toEqual([
      [0, 0],
      [1, 0],
    ])
    expect(groups.map(({ purchases }) => purchases.rows)).toEqual([2, 1])
    const fitted = await ease({ lambda: 1 }).fit(shopOf(['ab', 'ab', 'cd', 'c', 'e']), 1)
    // From a: b 2/3; from c: d 1/(2 + 1).
    expect(await listOf(fitted, [['c'], ['a']], 'discovery')).toBe('bde')
  })

  test('refuses what would take a larger matrix than it inverts, and says how large', async () => {
    // The corner shop links four products by three customers.
    expect(await listOf(ease({ lambda: 1 }, 3), [['c']], 'discovery')).toBe('dbae')
    const fit = ease({ lambda: 1 }, 2).fit(cornerShop(), 1)
    await expect(fit).rejects.toThrow(UnsuitableDataError)
    await expect(fit).rejects.toThrow('a matrix of 3 × 3 numbers, and 2 × 2 is the limit')
  })

  test.each([0, -1, NaN, Infinity])('refuses a λ of %d', (lambda) => {
    expect(() => ease({ lambda })).toThrow(`lambda must be a finite number above 0, not ${lambda}`)
  })
})

function expectInverse(matrix: Float64Array, n: number): void {
  const inverse = matrix.slice()
  invertPositiveDefinite(inverse, n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0
      for (let k = 0; k < n; k++) sum += matrix[i * n + k] * inverse[k * n + j]
      if (Math.abs(sum - (i === j ? 1 : 0)) > 1e-9) expect.fail(`entry ${i}, ${j} of the product is ${sum}`)
    }
  }
}

describe('The inverse of a positive definite matrix', () => {
  test('of two rows is what one writes down', () => {
    const a = Float64Array.of(4, 2, 2, 3)
    invertPositiveDefinite(a, 2)
    expect([...a]).toEqual([3 / 8, -2 / 8, -2 / 8, 4 / 8].map((value) => expect.closeTo(value, 15)))
  })

  const sizes = fc.integer({ min: 1, max: 40 })

  test('times the matrix is the identity, where the matrix is full of numbers', () => {
    const numbers = fc.infiniteStream(fc.double({ min: -1, max: 1, noNaN: true }))
    fc.assert(
      fc.property(sizes, numbers, (n, stream) => {
        const factor = Float64Array.from({ length: n * n }, () => stream.next().value)
        const entry = (i: number, j: number) => {
          let sum = i === j ? 1 : 0
          for (let k = 0; k < n; k++) sum += factor[i * n + k] * factor[j * n + k]
          return sum
        }
        expectInverse(
          Float64Array.from({ length: n * n }, (_, at) => entry(Math.floor(at / n), at % n)),
          n,
        )
      }),
      { numRuns: 50 },
    )
  })

  test('times the matrix is the identity, where few entries are not 0', () => {
    const weight = fc.double({ min: -1, max: 1, noNaN: true })
    const shops = sizes.chain((n) =>
      fc.record({
        n: fc.constant(n),
        edges: fc.array(fc.tuple(fc.nat(n - 1), fc.nat(n - 1), weight), { maxLength: n }),
      }),
    )
    fc.assert(
      fc.property(shops, ({ n, edges }) => {
        const matrix = new Float64Array(n * n)
        for (let i = 0; i < n; i++) matrix[i * n + i] = 1
        // Each adds a positive semidefinite part: (1, w)ᵀ(1, w).
        for (const [i, j, w] of edges.filter(([one, other]) => one !== other)) {
          matrix[i * n + i] += 1
          matrix[j * n + j] += w * w
          matrix[i * n + j] += w
          matrix[j * n + i] += w
        }
        expectInverse(matrix, n)
      }),
      { numRuns: 200 },
    )
  })

  test('does not exist of a matrix that is not, and the pivot is named', () => {
    expect(() => invertPositiveDefinite(Float64Array.of(1, 2, 2, 1), 2)).toThrow(
      'the matrix is not positive definite: a pivot is -3',
    )
    // Rows without an entry but their own go first.
    const diagonal = new Float64Array(36)
    for (let i = 0; i < 6; i++) diagonal[i * 7] = i - 2
    expect(() => invertPositiveDefinite(diagonal, 6)).toThrow(
      'the matrix is not positive definite: a pivot is -2',
    )
  })
})
