import { describe, expect, test } from 'vitest'
import { Arena } from '../../src/kernels/wasm-arena.ts'
import { compileKernels } from '../../src/kernels/wasm.ts'
import { normalEquation } from '../../src/data/confidence.ts'
import type { AlsProblem } from '../../src/kernels/kernels.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { transpose } from '../../src/kernels/csr.ts'
import { denseSolution, randomCsr, randomDense, relativeDistance } from './problems.ts'

const module = await compileKernels('simd')

/** MᵀM of a random tall matrix, n × n. */
function randomGram(seed: number, n: number): Float64Array {
  const { data } = randomDense(seed, 3 * n + 1, n)
  return multiply(transposed(data, 3 * n + 1, n), data, n, 3 * n + 1, n)
}

/** A·B for a rows × depth and a depth × columns matrix. */
function multiply(a: ArrayLike<number>, b: ArrayLike<number>, rows: number, depth: number, columns: number) {
  return Float64Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns]
    let sum = 0
    for (let k = 0; k < depth; k++) sum += a[i * depth + k] * b[k * columns + j]
    return sum
  })
}

function transposed(a: ArrayLike<number>, rows: number, columns: number): Float64Array {
  return Float64Array.from(
    { length: rows * columns },
    (_, at) => a[(at % rows) * columns + Math.floor(at / rows)],
  )
}

function diagonal(values: ArrayLike<number>): Float64Array {
  const n = values.length
  return Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? values[at / (n + 1)] : 0))
}

/** factorize in the core, of 0.7·gram + 0.3·I, with the matrices it leaves. */
function factorize(gram: Float64Array, mean: Float64Array | undefined, n: number, isShifted = false) {
  const arena = new Arena(module, { what: 'a trial', advice: 'ask for less' })
  const { exports } = arena
  const f = (n + 3) & ~3
  const put = (values: Float64Array) => {
    const at = arena.allocate(values.byteLength)
    new Float64Array(arena.memory.buffer, at, values.length).set(values)
    return at
  }
  const matrices = [0, 1, 2, 3].map(() => arena.allocate(f * f * 4))
  const [spectrum, shift] = [0, 1].map(() => arena.allocate(f * 4))
  const work = arena.allocate(exports.factorizeWork(n))
  const [g, m] = [put(gram), mean === undefined ? 0 : put(mean)]
  const [toZ, fromZ, toPlain, toSolve] = matrices
  const [s, k] = [mean === undefined ? 0 : spectrum, isShifted ? shift : 0]
  expect(exports.factorize(g, m, n, f, 0.7, 0.3, work, toZ, fromZ, toPlain, toSolve, s, k)).toBe(0)
  const [z, back, plain, solve] = matrices.map((at) => arena.takePadded(at, n, n).slice(0, n * n))
  const [spectrumOf, shiftOf] = [spectrum, shift].map((at) => arena.floats(at, n).slice())
  return { toZ: z, fromZ: back, toPlain: plain, toSolve: solve, spectrum: spectrumOf, shift: shiftOf }
}

describe('the change of basis', () => {
  const sizes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 50, 64]

  test.each(sizes)('makes what a λ of its own adds to a row a diagonal, %i factors', (n) => {
    const gram = randomGram(n, n)
    const shared = gram.map((g, at) => 0.7 * g + (at % (n + 1) === 0 ? 0.3 : 0))
    const identity = diagonal(new Float64Array(n).fill(1))
    for (const mean of [undefined, randomGram(n + 100, n)]) {
      const { toZ, toPlain, toSolve, shift } = factorize(gram, mean, n, true)
      expect(
        relativeDistance(multiply(multiply(toPlain, shared, n, n, n), toZ, n, n, n), identity),
      ).toBeLessThan(1e-4)
      expect(relativeDistance(multiply(toPlain, toSolve, n, n, n), identity)).toBeLessThan(1e-4)
      // K = L⁻¹L⁻ᵀ: L⁻¹ times its own transpose, which is L⁻ᵀ.
      expect(
        relativeDistance(multiply(toPlain, toZ, n, n, n), diagonal(Float64Array.from(shift))),
      ).toBeLessThan(1e-5)
    }
  })

  test.each(sizes)(
    'makes the shared part the identity and has an inverse, turned or not, %i factors',
    (n) => {
      const gram = randomGram(n, n)
      const shared = gram.map((g, at) => 0.7 * g + (at % (n + 1) === 0 ? 0.3 : 0))
      const identity = diagonal(new Float64Array(n).fill(1))
      for (const mean of [undefined, randomGram(n + 100, n)]) {
        const { toZ, fromZ, toPlain, toSolve } = factorize(gram, mean, n)
        expect(
          relativeDistance(multiply(multiply(toPlain, shared, n, n, n), toZ, n, n, n), identity),
        ).toBeLessThan(1e-4)
        expect(relativeDistance(multiply(toZ, fromZ, n, n, n), identity)).toBeLessThan(1e-4)
        expect(relativeDistance(multiply(toPlain, toSolve, n, n, n), identity)).toBeLessThan(1e-4)
        expect(Array.from(toPlain)).toEqual(Array.from(transposed(toZ, n, n)))
      }
    },
  )

  test.each(sizes)('is turned until the mean of what rows add is diagonal, %i factors', (n) => {
    const mean = randomGram(n + 200, n)
    const { toZ, toPlain, spectrum } = factorize(randomGram(n, n), mean, n)
    const turned = multiply(multiply(toPlain, mean, n, n, n), toZ, n, n, n)
    expect(relativeDistance(turned, diagonal(spectrum))).toBeLessThan(1e-3)
  })

  test('is turned by 45° for a mean whose two factors go together: eigenvalues 3 and 1', () => {
    // G = 0.7·0 + 0.3·I, so S = mean / 0.3.
    const { spectrum } = factorize(new Float64Array(4), Float64Array.of(2, 1, 1, 2), 2)
    const [first, second] = Array.from(spectrum).sort((a, b) => b - a)
    expect(first).toBeCloseTo(3 / 0.3, 4)
    expect(second).toBeCloseTo(1 / 0.3, 4)
  })
})

describe('preconditioned rows', () => {
  const equation = normalEquation('hu-koren-volinsky', 40, 0.1)

  // Rows of 36 entries on average, and 24: all are left to conjugate gradients, and long enough to be worth turning for.
  test.each([2, 5, 8, 50])(
    'are solved as exactly as by elimination, given steps enough, %i factors',
    async (f) => {
      const kernels = await openKernels({ threads: 2 })
      const interactions = randomCsr(f, 90, 60, 0.6)
      const { data: start } = randomDense(1, 60, f)
      const problem = { interactions, equation, factors: f, iterations: 1, itemFactors: start }
      const { userFactors, itemFactors } = await kernels.fitAls({ ...problem, conjugateGradientSteps: 80 })
      for (let u = 0; u < 90; u++) {
        const expected = denseSolution(interactions, u, start, f, equation)
        expect(relativeDistance(userFactors.subarray(u * f, u * f + f), expected)).toBeLessThan(2e-4)
      }
      const byItem = transpose(interactions)
      for (let i = 0; i < 60; i++) {
        const expected = denseSolution(byItem, i, userFactors, f, equation)
        expect(relativeDistance(itemFactors.subarray(i * f, i * f + f), expected)).toBeLessThan(2e-4)
      }
      await kernels.close()
    },
  )
})

/** A small fit, its arrays made anew each time. */
function freshProblem(): AlsProblem {
  return {
    interactions: randomCsr(3, 50, 40, 0.1),
    equation: normalEquation('implicit', 40, 0.1),
    factors: 6,
    iterations: 3,
    itemFactors: randomDense(1, 40, 6).data,
  }
}

describe('a fit that may have its input', () => {
  test('leaves the matrix and the start detached, and gives the same factors', async () => {
    const kernels = await openKernels({ threads: 2 })
    const kept = await kernels.fitAls(freshProblem())
    const given = { ...freshProblem(), handOver: true, itemsOnly: true }
    const { itemFactors, userFactors, loss } = await kernels.fitAls(given)
    expect(given.interactions.indices).toHaveLength(0)
    expect(given.interactions.values).toHaveLength(0)
    expect(given.itemFactors).toHaveLength(0)
    expect(itemFactors).toEqual(kept.itemFactors)
    expect(userFactors).toHaveLength(0)
    expect(loss).toBe(kept.loss)
    await kernels.close()
  })
})
