import fc from 'fast-check'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  cheaperWay,
  solveByCustomers,
  solveByProducts,
  ease,
} from '../../../src/evaluation/baselines/ease.ts'
import { invertPositiveDefinite } from '../../../src/evaluation/baselines/positive-definite-inverse.ts'
import { purchasesOf } from '../../../src/evaluation/baselines/purchases.ts'
import { UnsuitableDataError } from '../../../src/evaluation/system.ts'
import { csrFromTriples } from '../../../src/kernels/csr.ts'
import type { Kernels } from '../../../src/kernels/kernels.ts'
import { openKernels } from '../../../src/kernels/open.ts'
import { referenceKernels } from '../../../src/kernels/reference.ts'
import { cholesky, choleskySolve } from '../../../src/kernels/reference-als.ts'
import { Work } from '../../../src/kernels/work.ts'
import type { LinkedProducts } from '../../../src/model/linked-products.ts'
import { linkedProducts } from '../../../src/model/linked-products.ts'
import type { Sale } from '../../model/small-shop.ts'
import { smallShop } from '../../model/small-shop.ts'
import { cornerShop, listOf } from './corner-shop.ts'

const plain = referenceKernels()
let core: Kernels
beforeAll(async () => {
  core = await openKernels({ threads: 2 })
})
afterAll(() => core.close())

/** Each way to solve, with the decimal places that its precision leaves of a score. */
const solutions = [
  ['products', 6, (linked: LinkedProducts, lambda: number) => solveByProducts(linked, lambda, plain)],
  [
    'products in the core',
    4,
    (linked: LinkedProducts, lambda: number) => solveByProducts(linked, lambda, core),
  ],
  ['customers', 9, (linked: LinkedProducts, lambda: number) => solveByCustomers(linked, lambda)],
] as const

/** Customers by what they bought, such as ['xy', 'x']. */
function shopOf(customers: readonly string[]) {
  const sales: Sale[] = customers.flatMap((products, i) =>
    Array.from(products, (product) => ({ customer: `customer ${i}`, product })),
  )
  return smallShop(sales)
}

describe.each(solutions)('EASE solved by %s', (_, digits, solve) => {
  const close = (values: number[]) => values.map((value) => expect.closeTo(value, digits))

  test('of two products is the closed form: common customers / (customers of the one bought + λ)', async () => {
    // Inverting (n_x + λ, c; c, n_y + λ) by hand: B_xy = c / (n_x + λ), B_yx = c / (n_y + λ).
    const [linked] = linkedProducts(purchasesOf(shopOf(['xy', 'xy', 'xy', 'x', 'y', 'y'])))
    const solution = await solve(linked, 2)
    expect([...solution.scores([0])]).toEqual(close([0, 3 / (4 + 2)]))
    expect([...solution.scores([1])]).toEqual(close([3 / (5 + 2), 0]))
    expect([...solution.scores([])].map(Math.abs)).toEqual([0, 0])
    solution.close()
  })

  test('of the corner shop is what elimination on paper gives', async () => {
    // λ = 1: XᵀX + I = (4 2 1 0; 2 3 1 0; 1 1 3 1; 0 0 1 3); column j of B is the solution of the rows without j.
    const [linked] = linkedProducts(purchasesOf(cornerShop()))
    const solution = await solve(linked, 1)
    expect([...solution.scores([2])]).toEqual(close([1 / 7, 6 / 29, 0, 8 / 21]))
    expect([...solution.scores([3])]).toEqual(close([-1 / 21, -2 / 29, 1 / 3, 0]))
    // Histories add up.
    expect([...solution.scores([2, 3])]).toEqual(close([2 / 21, 4 / 29, 1 / 3, 8 / 21]))
    solution.close()
  })

  test('is what inverting the whole of XᵀX + λI gives', async () => {
    const customers = fc.array(fc.uniqueArray(fc.nat(6), { minLength: 1, maxLength: 5 }), {
      minLength: 1,
      maxLength: 9,
    })
    // Single precision needs a matrix that is not nearly singular.
    const regularization = fc.double({ min: digits < 6 ? 0.5 : 0.01, max: 100, noNaN: true })
    await fc.assert(
      fc.asyncProperty(
        customers,
        regularization,
        fc.uniqueArray(fc.nat(6)),
        async (baskets, lambda, history) => {
          const purchases = csrOf(baskets, 7)
          const whole = easeOf(baskets, 7, lambda, history)
          const scores = new Float64Array(7)
          for (const linked of linkedProducts(purchases)) {
            const solution = await solve(linked, lambda)
            const places = history.map((product) => linked.products.indexOf(product))
            solution
              .scores(places.filter((place) => place >= 0))
              .forEach((score, place) => (scores[linked.products[place]] = score))
            solution.close()
          }
          scores.forEach((score, j) => expect(score).toBeCloseTo(whole[j], digits))
        },
      ),
      { numRuns: digits < 6 ? 20 : 100 },
    )
  }, 30_000)

  test('is that also of three hundred products, a fifth of which anybody has', async () => {
    const random = xoroshiro128plus(3)
    const baskets = Array.from({ length: 400 }, () =>
      Array.from({ length: 300 }, (_, product) => product).filter(
        (product) => uniformInt(random, 0, 299) > product + 10,
      ),
    )
    const [linked] = linkedProducts(csrOf(baskets, 300))
    const solution = await solve(linked, 20)
    const history = [0, 4, 77, 150]
    const expected = easeOf(
      baskets,
      300,
      20,
      Array.from(history, (place) => linked.products[place]),
    )
    const found = solution.scores(history)
    linked.products.forEach((product, place) => expect(found[place]).toBeCloseTo(expected[product], digits))
    solution.close()
  }, 30_000)
})

function csrOf(baskets: readonly (readonly number[])[], products: number) {
  const pairs = baskets.flatMap((bought, customer) => bought.map((product) => [customer, product]))
  const column = (at: number) => Uint32Array.from(pairs, (pair) => pair[at])
  return csrFromTriples(baskets.length, products, column(0), column(1))
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

/** Linked products of a size, with nothing known of them. */
const sized = (rows: number, columns: number): LinkedProducts => ({
  products: new Uint32Array(columns),
  loners: new Float64Array(columns),
  purchases: {
    rows,
    columns,
    indptr: new Uint32Array(rows + 1),
    indices: new Uint32Array(),
    values: new Float32Array(),
  },
})

describe('EASE', () => {
  test('lists what a score above 0 speaks for, then what is popular', async () => {
    // From c: d 8/21, b 6/29, a 1/7; from d: c 1/3, and a and b below 0.
    expect(await listOf(ease({ lambda: 1 }, plain), [['c']], 'discovery')).toBe('dbae')
    expect(await listOf(ease({ lambda: 1 }, plain), [['d']], 'discovery')).toBe('cabe')
    // By the company of c and d: d 8/21, c 1/3, b 4/29, a 2/21.
    expect(await listOf(ease({ lambda: 1 }, plain), [['c'], ['d', 3]], 'next-order')).toBe('dcbae')
  })

  test('is popularity for a history that co-purchase leads nowhere from', async () => {
    expect(await listOf(ease({ lambda: 1 }, plain), [['e']], 'discovery')).toBe('abcd')
    const loners = await ease({ lambda: 1 }, plain).fit(shopOf(['a', 'a', 'b']), 1)
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
    const fitted = await ease({ lambda: 1 }, plain).fit(shopOf(['ab', 'ab', 'cd', 'c', 'e']), 1)
    // From a: b 2/3; from c: d 1/(2 + 1).
    expect(await listOf(fitted, [['c'], ['a']], 'discovery')).toBe('bde')
  })

  test('refuses what would take a larger matrix than it inverts, and says how large', async () => {
    // The corner shop links four products by three customers of several.
    expect(
      await listOf(ease({ lambda: 1 }, plain, { products: 3, customers: 3 }), [['c']], 'discovery'),
    ).toBe('dbae')
    const fit = ease({ lambda: 1 }, plain, { products: 3, customers: 1 }).fit(cornerShop(), 1)
    await expect(fit).rejects.toThrow(UnsuitableDataError)
    await expect(fit).rejects.toThrow(
      /4 × 4 products, where 3 are the limit, or of 3 × 3 customers, where 1 are/,
    )
  })

  test('takes the cheaper matrix of those within the limits', () => {
    const limits = { products: 10_000, customers: 6000 }
    expect(cheaperWay(sized(2, 3), limits)).toBe('customers')
    expect(cheaperWay(sized(2000, 2000), limits)).toBe('products')
    expect(cheaperWay(sized(600, 9700), limits)).toBe('customers')
    expect(cheaperWay(sized(2500, 68_000), limits)).toBe('customers')
    expect(cheaperWay(sized(140_000, 9000), limits)).toBe('products')
    expect(() => cheaperWay(sized(30_000, 40_000), limits)).toThrow(UnsuitableDataError)
  })

  test.each([0, -1, NaN, Infinity])('refuses a λ of %d', (lambda) => {
    expect(() => ease({ lambda }, plain)).toThrow(`lambda must be a finite number above 0, not ${lambda}`)
  })
})

async function expectInverse(matrix: Float64Array, n: number): Promise<void> {
  const inverse = matrix.slice()
  await invertPositiveDefinite(inverse, n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0
      for (let k = 0; k < n; k++) sum += matrix[i * n + k] * inverse[k * n + j]
      if (Math.abs(sum - (i === j ? 1 : 0)) > 1e-9) expect.fail(`entry ${i}, ${j} of the product is ${sum}`)
    }
  }
}

describe('The inverse of a positive definite matrix', () => {
  test('of two rows is what one writes down', async () => {
    const a = Float64Array.of(4, 2, 2, 3)
    await invertPositiveDefinite(a, 2)
    expect([...a]).toEqual([3 / 8, -2 / 8, -2 / 8, 4 / 8].map((value) => expect.closeTo(value, 15)))
  })

  const sizes = fc.integer({ min: 1, max: 40 })

  test('times the matrix is the identity, where the matrix is full of numbers', async () => {
    const numbers = fc.infiniteStream(fc.double({ min: -1, max: 1, noNaN: true }))
    await fc.assert(
      fc.asyncProperty(sizes, numbers, async (n, stream) => {
        const factor = Float64Array.from({ length: n * n }, () => stream.next().value)
        const entry = (i: number, j: number) => {
          let sum = i === j ? 1 : 0
          for (let k = 0; k < n; k++) sum += factor[i * n + k] * factor[j * n + k]
          return sum
        }
        await expectInverse(
          Float64Array.from({ length: n * n }, (_, at) => entry(Math.floor(at / n), at % n)),
          n,
        )
      }),
      { numRuns: 50 },
    )
  })

  test('times the matrix is the identity, where few entries are not 0', async () => {
    const weight = fc.double({ min: -1, max: 1, noNaN: true })
    const shops = sizes.chain((n) =>
      fc.record({
        n: fc.constant(n),
        edges: fc.array(fc.tuple(fc.nat(n - 1), fc.nat(n - 1), weight), { maxLength: n }),
      }),
    )
    await fc.assert(
      fc.asyncProperty(shops, async ({ n, edges }) => {
        const matrix = new Float64Array(n * n)
        for (let i = 0; i < n; i++) matrix[i * n + i] = 1
        // Each adds a positive semidefinite part: (1, w)ᵀ(1, w).
        for (const [i, j, w] of edges.filter(([one, other]) => one !== other)) {
          matrix[i * n + i] += 1
          matrix[j * n + j] += w * w
          matrix[i * n + j] += w
          matrix[j * n + i] += w
        }
        await expectInverse(matrix, n)
      }),
      { numRuns: 200 },
    )
  })

  test('does not exist of a matrix that is not, and the pivot is named', async () => {
    await expect(invertPositiveDefinite(Float64Array.of(1, 2, 2, 1), 2)).rejects.toThrow(
      'the matrix is not positive definite: a pivot is -3',
    )
  })

  test('is given up when that is asked for', async () => {
    const abort = new AbortController()
    const n = 700
    const matrix = new Float64Array(n * n)
    for (let i = 0; i < n; i++) matrix[i * (n + 1)] = 1
    setImmediate(() => abort.abort(new Error('enough')))
    const inverting = invertPositiveDefinite(matrix, n, new Work({ signal: abort.signal }))
    await expect(inverting).rejects.toThrow('enough')
  })
})
