import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { normalEquation } from '../../src/data/confidence.ts'
import { csrFromTriples, transpose } from '../../src/kernels/csr.ts'
import type { AlsProblem, Csr, Kernels } from '../../src/kernels/kernels.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { denseSolution, EQUATIONS, randomCsr, randomDense, relativeDistance, rowLambda } from './problems.ts'

/**
 * Over 200 lines because it is the one suite that every implementation of the core must pass, and reads best whole:
 * the plain TypeScript one, SIMD and relaxed SIMD, with any number of threads.
 */
export function describeKernels(name: string, open: () => Promise<Kernels>): void {
  describe(name, () => {
    let kernels: Kernels
    beforeAll(async () => {
      kernels = await open()
    })
    afterAll(() => kernels.close())

    describe('gram', () => {
      test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 50, 64, 127])('of rows of %i columns is MᵀM', (columns) => {
        for (const rows of [0, 1, 2, 3, 5, 63, 64, 65, 130]) {
          const m = randomDense(rows * 1000 + columns, rows, columns)
          const expected = Array.from({ length: columns * columns }, (_, at) => {
            const [i, j] = [Math.floor(at / columns), at % columns]
            let sum = 0
            for (let r = 0; r < rows; r++) sum += m.data[r * columns + i] * m.data[r * columns + j]
            return sum
          })
          expect(relativeDistance(kernels.gram(m), expected)).toBeLessThan(1e-5)
        }
      })
    })

    describe('openEase', () => {
      test('gives the weights of two items by hand: one bought by three users, one by two, both by one', async () => {
        // XᵀX + λI = (3 + 2  1; 1  2 + 2), its inverse (4 −1; −1 5) / 19: B₀₁ = 1/5, B₁₀ = 1/4.
        const interactions = csrFromTriples(
          4,
          2,
          Uint32Array.of(0, 0, 1, 2, 3),
          Uint32Array.of(0, 1, 0, 0, 1),
          new Float32Array(5).fill(1),
        )
        const ease = await kernels.openEase({ interactions, regularization: 2, neighbours: 5 })
        const { indptr, indices, values } = ease.weights
        expect(Array.from(indptr)).toEqual([0, 1, 2])
        expect(Array.from(indices)).toEqual([1, 0])
        expect(values[0]).toBeCloseTo(1 / 5, 6)
        expect(values[1]).toBeCloseTo(1 / 4, 6)
        const scores = new Float32Array(2)
        for (const [items, expected] of [
          [[0], [0, 1 / 5]],
          [[1], [1 / 4, 0]],
          [
            [0, 1],
            [1 / 4, 1 / 5],
          ],
          [[], [0, 0]],
        ]) {
          ease.scores(Uint32Array.from(items), scores)
          expected.forEach((score, j) => expect(scores[j]).toBeCloseTo(score, 6))
        }
      })

      test.each([1, 7, 8, 9, 127, 128, 129, 260])(
        'agrees with the plain kernels for %i items',
        async (items) => {
          const interactions = randomCsr(items, 2 * items, items, 0.1)
          const problem = { interactions, regularization: 3, neighbours: items }
          const found = await kernels.openEase(problem)
          const expected = await referenceKernels().openEase(problem)
          expect(denseOf(found.weights)).toHaveLength(items * items)
          expect(relativeDistance(denseOf(found.weights), denseOf(expected.weights))).toBeLessThan(1e-5)
          // Of any history the sum of its items' rows, whatever was kept of them.
          const few = await kernels.openEase({ ...problem, neighbours: Math.min(2, items) })
          const history = Uint32Array.from({ length: Math.ceil(items / 3) }, (_, at) => 3 * at)
          const dense = denseOf(expected.weights)
          const sums = Float64Array.from({ length: items }, (_, j) =>
            history.reduce((sum, i) => sum + dense[i * items + j], 0),
          )
          const scores = new Float32Array(items).fill(9)
          few.scores(history, scores)
          if (items > 1) expect(relativeDistance(scores, sums)).toBeLessThan(1e-5)
          else expect([...scores]).toEqual([0])
        },
      )

      test('keeps the weights of the greatest size, whatever their sign', async () => {
        const interactions = randomCsr(3, 60, 30, 0.2)
        const { weights: all } = await kernels.openEase({ interactions, regularization: 1, neighbours: 30 })
        const { weights: few } = await kernels.openEase({ interactions, regularization: 1, neighbours: 4 })
        for (let i = 0; i < 30; i++) {
          const sizes = Array.from(all.values.subarray(all.indptr[i], all.indptr[i + 1]), Math.abs)
          const kept = Array.from(few.values.subarray(few.indptr[i], few.indptr[i + 1]), Math.abs)
          expect(kept.sort((a, b) => b - a)).toEqual(sizes.sort((a, b) => b - a).slice(0, 4))
        }
      })

      test('has no weights without items, users or neighbours', async () => {
        const problem = { regularization: 1, neighbours: 3 }
        const nobody = await kernels.openEase({ ...problem, interactions: randomCsr(1, 0, 3, 0) })
        const nothing = await kernels.openEase({ ...problem, interactions: randomCsr(1, 3, 0, 0) })
        expect([...nobody.weights.indptr, ...nothing.weights.indptr]).toEqual([0, 0, 0, 0, 0])
        const interactions = randomCsr(1, 9, 5, 0.5)
        const none = await kernels.openEase({ interactions, regularization: 1, neighbours: 0 })
        expect(Array.from(none.weights.indptr)).toEqual([0, 0, 0, 0, 0, 0])
        const scores = new Float32Array(3).fill(9)
        nobody.scores(Uint32Array.of(2), scores)
        expect(scores.map(Math.abs)).toEqual(new Float32Array(3))
      })

      test('scores nothing for an item that there is not, into other room, or once it is closed', async () => {
        const problem = { interactions: randomCsr(1, 4, 3, 0.5), regularization: 1, neighbours: 2 }
        const ease = await kernels.openEase(problem)
        expect(() => ease.scores(Uint32Array.of(1, 3), new Float32Array(3))).toThrow(
          'items: 3 is not below 3',
        )
        expect(() => ease.scores(Uint32Array.of(1), new Float32Array(4))).toThrow(
          'out: expected 3 numbers, got 4',
        )
        ease.close()
        expect(() => ease.scores(Uint32Array.of(1), new Float32Array(3))).toThrow('EASE is closed')
      })

      test.each([0, -1, NaN, Infinity])('refuses λ = %f', async (regularization) => {
        const problem = { interactions: randomCsr(1, 4, 3, 0.5), regularization, neighbours: 2 }
        await expect(kernels.openEase(problem)).rejects.toThrow(/regularization is .* above 0/)
      })

      test('stops when it is aborted', async () => {
        const problem = { interactions: randomCsr(1, 40, 30, 0.2), regularization: 1, neighbours: 2 }
        const signal = AbortSignal.abort(new Error('enough'))
        await expect(kernels.openEase({ ...problem, signal })).rejects.toThrow('cancelled')
      })
    })

    describe('normalizeRows', () => {
      test('scales (3, 4) to (0.6, 0.8) and leaves a row of zeros alone', () => {
        const unit = kernels.normalizeRows({ rows: 2, columns: 2, data: Float32Array.of(3, 4, 0, 0) })
        expect(Array.from(unit)).toEqual([Math.fround(0.6), Math.fround(0.8), 0, 0])
      })
      test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 64])('gives rows of %i numbers length 1', (columns) => {
        const unit = kernels.normalizeRows(randomDense(columns, 3, columns))
        for (let r = 0; r < 3; r++) {
          const row = unit.subarray(r * columns, (r + 1) * columns)
          expect(Math.hypot(...row)).toBeCloseTo(1, 5)
        }
      })
      test.each([1e-44, 1e-40, 1e-30, 1e-20, 1e18, 1e20, 3e38])(
        'gives rows of numbers about %f length 1',
        (size) => {
          const data = Float32Array.of(size, -size, size, 0, size, 0, 0, 0, 0, 0)
          const unit = kernels.normalizeRows({ rows: 2, columns: 5, data })
          expect(Array.from(unit.subarray(5))).toEqual([0, 0, 0, 0, 0])
          ;[0.5, -0.5, 0.5, 0, 0.5].forEach((value, c) => expect(unit[c]).toBeCloseTo(value, 6))
        },
      )
    })

    describe.each(EQUATIONS)('fitAls with the confidence of %s', (_, equation) => {
      test.each([1, 2, 3, 4, 5, 8, 9, 17, 50, 64])(
        'solves every row of one iteration exactly, %i factors',
        async (f) => {
          const interactions = randomCsr(f, 40, 30, 0.2)
          const { problem, userFactors, itemFactors } = await oneIteration(kernels, interactions, f, equation)
          for (let u = 0; u < interactions.rows; u++) {
            const expected = denseSolution(interactions, u, problem.itemFactors, f, equation)
            expect(relativeDistance(userFactors.subarray(u * f, u * f + f), expected)).toBeLessThan(1e-4)
          }
          const byItem = transpose(interactions)
          for (let i = 0; i < byItem.rows; i++) {
            const expected = denseSolution(byItem, i, userFactors, f, equation)
            expect(relativeDistance(itemFactors.subarray(i * f, i * f + f), expected)).toBeLessThan(1e-4)
          }
        },
      )

      test('counts every one of several customers who bought the same', async () => {
        const few = randomCsr(21, 12, 10, 0.3)
        const interactions = repeated(few, [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8])
        const { problem, userFactors, itemFactors } = await oneIteration(kernels, interactions, 5, equation)
        for (let u = 0; u < interactions.rows; u++) {
          const expected = denseSolution(interactions, u, problem.itemFactors, 5, equation)
          expect(relativeDistance(userFactors.subarray(u * 5, u * 5 + 5), expected)).toBeLessThan(1e-4)
        }
        const byItem = transpose(interactions)
        for (let i = 0; i < byItem.rows; i++) {
          const expected = denseSolution(byItem, i, userFactors, 5, equation)
          expect(relativeDistance(itemFactors.subarray(i * 5, i * 5 + 5), expected)).toBeLessThan(1e-4)
        }
      })

      test('with 127 factors and rows of up to every item', async () => {
        const interactions = randomCsr(7, 12, 90, 0.95)
        const { problem, userFactors } = await oneIteration(kernels, interactions, 127, equation)
        for (let u = 0; u < 12; u++) {
          const expected = denseSolution(interactions, u, problem.itemFactors, 127, equation)
          expect(relativeDistance(userFactors.subarray(u * 127, u * 127 + 127), expected)).toBeLessThan(2e-4)
        }
      })

      test('reports the loss of its definition, falling with every iteration', async () => {
        const interactions = randomCsr(3, 60, 40, 0.1)
        const losses: number[] = []
        const f = 8
        const result = await kernels.fitAls({
          ...problemOf(interactions, f, equation, 6),
          trackLoss: true,
          onIteration: (done, loss) => {
            expect(done).toBe(losses.length + 1)
            losses.push(loss ?? Number.NaN)
          },
        })
        expect(losses).toHaveLength(6)
        for (let i = 1; i < losses.length; i++)
          expect(losses[i]).toBeLessThanOrEqual(losses[i - 1] * (1 + 1e-6))
        const expected = denseLoss(interactions, result.userFactors, result.itemFactors, f, equation)
        expect(result.loss / expected).toBeCloseTo(1, 4)
        expect(losses[5]).toBe(result.loss)
      })

      test('reports of each iteration what a fit that ends there does, and the same factors unasked', async () => {
        const problem = problemOf(randomCsr(4, 60, 40, 0.1), 5, equation, 3)
        const losses: number[] = []
        const onIteration = (_: number, loss: number | undefined) => losses.push(loss ?? Number.NaN)
        const tracked = await kernels.fitAls({ ...problem, trackLoss: true, onIteration })
        const shorter = await Promise.all(
          [1, 2, 3].map((iterations) => kernels.fitAls({ ...problem, iterations })),
        )
        expect(losses).toEqual(shorter.map(({ loss }) => loss))
        expect(tracked).toEqual(shorter[2])
      })
    })

    describe('fitAls', () => {
      const hkv = normalEquation('hu-koren-volinsky', 40, 0.1)

      test('leaves customers without purchases and products never sold at zero', async () => {
        const interactions = csrFromTriples(4, 5, Uint32Array.of(1, 1, 3), Uint32Array.of(0, 2, 2))
        const { userFactors, itemFactors } = await kernels.fitAls(problemOf(interactions, 3, hkv, 2))
        for (const u of [0, 2]) expect(Array.from(userFactors.subarray(u * 3, u * 3 + 3))).toEqual([0, 0, 0])
        for (const i of [1, 3, 4])
          expect(Array.from(itemFactors.subarray(i * 3, i * 3 + 3))).toEqual([0, 0, 0])
        expect(userFactors.subarray(3, 6).some((x) => x !== 0)).toBe(true)
      })

      test('works for one customer with one product, by hand', async () => {
        const interactions = csrFromTriples(1, 1, Uint32Array.of(0), Uint32Array.of(0))
        const equation = normalEquation('hu-koren-volinsky', 2, 0.5)
        const { userFactors, itemFactors } = await kernels.fitAls({
          interactions,
          equation,
          factors: 1,
          iterations: 1,
          itemFactors: Float32Array.of(1),
        })
        // x = (1 + α)·y / (y² + α·y² + λ) = 3 / 3.5; y = 3x / (3x² + 0.5)
        const x = 3 / 3.5
        expect(userFactors[0]).toBeCloseTo(x, 5)
        expect(itemFactors[0]).toBeCloseTo((3 * x) / (3 * x * x + 0.5), 5)
      })

      test('takes an entry listed twice as two observations', async () => {
        const twice: Csr = {
          rows: 1,
          columns: 2,
          indptr: Uint32Array.of(0, 3),
          indices: Uint32Array.of(0, 0, 1),
          values: Float32Array.of(1, 2, 1),
        }
        const { problem, userFactors } = await oneIteration(kernels, twice, 2, hkv)
        expect(
          relativeDistance(userFactors, denseSolution(twice, 0, problem.itemFactors, 2, hkv)),
        ).toBeLessThan(1e-4)
      })

      test('allows weights of zero and below while the system stays positive definite', async () => {
        const interactions = randomCsr(11, 20, 40, 0.5)
        for (const alpha of [0.25, 0.9, 1]) {
          const equation = normalEquation('implicit', alpha, 1)
          const { problem, userFactors } = await oneIteration(kernels, interactions, 6, equation)
          for (let u = 0; u < 20; u++) {
            const expected = denseSolution(interactions, u, problem.itemFactors, 6, equation)
            expect(relativeDistance(userFactors.subarray(u * 6, u * 6 + 6), expected)).toBeLessThan(1e-4)
          }
        }
      })

      test('says what to do where a row cannot be solved', async () => {
        // Two items cannot determine three factors without regularization.
        const interactions = csrFromTriples(1, 2, Uint32Array.of(0, 0), Uint32Array.of(0, 1))
        const equation = normalEquation('hu-koren-volinsky', 1, 0)
        await expect(kernels.fitAls(problemOf(interactions, 3, equation, 1))).rejects.toThrow(
          'ALS solve failed at user 0: matrix not positive definite; increase regularization (now 0)',
        )
        // Confidence far below zero: an indefinite row among good ones.
        const negative = { ...csrFromTriples(3, 3, Uint32Array.of(0, 1, 2), Uint32Array.of(0, 1, 2)) }
        negative.values.set([1, -5, 1])
        const linear = { ...equation, regularization: 0.01, weightSlope: 10 }
        await expect(kernels.fitAls(problemOf(negative, 2, linear, 1))).rejects.toThrow(
          /failed at user 1: .*0\.01/,
        )
      })

      test('does without regularization where the data determine every factor', async () => {
        const interactions = randomCsr(5, 50, 30, 0.4)
        const equation = normalEquation('hu-koren-volinsky', 3, 0)
        const { problem, userFactors } = await oneIteration(kernels, interactions, 4, equation)
        const expected = denseSolution(interactions, 9, problem.itemFactors, 4, equation)
        expect(relativeDistance(userFactors.subarray(36, 40), expected)).toBeLessThan(1e-3)
      })

      test.each([
        [
          'itemFactors',
          { itemFactors: Float32Array.of(1, Number.NaN, 1, 1) },
          /itemFactors: NaN at row 0, column 1/,
        ],
        [
          'their number',
          { itemFactors: Float32Array.of(1, 1, 1) },
          /itemFactors: expected 2 × 2 = 4 numbers, got 3/,
        ],
        ['factors', { factors: 0 }, /factors is 0/],
        ['iterations', { iterations: 1.5 }, /iterations is 1.5/],
        ['regularization', { equation: { ...hkv, regularization: -1 } }, /regularization is -1/],
        [
          'weights',
          { equation: { ...hkv, weightSlope: Number.POSITIVE_INFINITY } },
          /weightSlope is Infinity/,
        ],
      ])('refuses unusable %s at the door', async (_, change, message) => {
        const interactions = csrFromTriples(1, 2, Uint32Array.of(0), Uint32Array.of(1))
        const problem: AlsProblem = {
          interactions,
          equation: hkv,
          factors: 2,
          iterations: 1,
          itemFactors: Float32Array.of(1, 2, 3, 4),
        }
        await expect(kernels.fitAls({ ...problem, ...change })).rejects.toThrow(message)
      })

      test('refuses values that are not finite and columns out of range', async () => {
        const good = csrFromTriples(1, 2, Uint32Array.of(0), Uint32Array.of(1))
        const infinite = { ...good, values: Float32Array.of(Number.POSITIVE_INFINITY) }
        await expect(kernels.fitAls(problemOf(infinite, 2, hkv, 1))).rejects.toThrow(/interactions: Infinity/)
        const outside = { ...good, indices: Uint32Array.of(2) }
        await expect(kernels.fitAls(problemOf(outside, 2, hkv, 1))).rejects.toThrow(
          /column 2 in a matrix of 2/,
        )
      })

      test('stops when asked to', async () => {
        const abort = new AbortController()
        const fit = kernels.fitAls({
          ...problemOf(randomCsr(2, 200, 100, 0.2), 16, hkv, 10_000),
          signal: abort.signal,
          onIteration: (done) => {
            if (done === 2) abort.abort()
          },
        })
        await expect(fit).rejects.toThrow('cancelled')
        await expect(kernels.fitAls(problemOf(randomCsr(2, 20, 10, 0.2), 4, hkv, 1))).resolves.toBeDefined()
      })
    })

    describe.each(EQUATIONS)('fold-in with the confidence of %s', (_, equation) => {
      test('gives each history the factors its row would have in the fit', () => {
        for (const [f, density] of [
          [1, 0.1],
          [3, 0.1],
          [8, 0.5],
          [50, 0.05],
          [64, 0.9],
        ] as const) {
          const factors = randomDense(f, 60, f)
          const histories = randomCsr(f + 1, 25, 60, density)
          const foldIn = kernels.openFoldIn(factors, equation)
          const solved = foldIn.solve(histories)
          for (let q = 0; q < histories.rows; q++) {
            const expected = denseSolution(histories, q, factors.data, f, equation)
            expect(relativeDistance(solved.subarray(q * f, q * f + f), expected)).toBeLessThan(1e-4)
          }
          foldIn.close()
        }
      })

      test('takes the factors apart into contributions that sum to them', () => {
        fc.assert(
          fc.property(
            fc.integer({ min: 1, max: 40 }),
            fc.integer({ min: 1, max: 30 }),
            fc.integer(),
            (n, f, seed) => {
              const items = 40
              const factors = randomDense(seed, items, f)
              const history = rowOf(seed, n, items)
              const foldIn = kernels.openFoldIn(factors, equation)
              const parts = foldIn.contributions(history)
              expect(parts).toHaveLength(n * f)
              const totals = Array.from({ length: f }, (_, i) => {
                let sum = 0
                for (let a = 0; a < n; a++) sum += parts[a * f + i]
                return sum
              })
              expect(relativeDistance(totals, foldIn.solve(history))).toBeLessThan(1e-4)
            },
          ),
          { numRuns: 30 },
        )
      })

      test.each([
        [6, 5],
        [6, 8],
        [30, 7],
      ])('gives each of %i purchases the %i factors that its own target alone would cause', (n, f) => {
        const factors = randomDense(1, 40, f)
        const history = rowOf(4, n, 40)
        const parts = kernels.openFoldIn(factors, equation).contributions(history)
        for (let a = 0; a < n; a++) {
          const x = denseSolution(history, 0, factors.data, f, equation, (entry) => entry === a)
          expect(relativeDistance(parts.subarray(a * f, a * f + f), x)).toBeLessThan(1e-4)
        }
      })
    })

    describe('fold-in', () => {
      test('gives an empty history zeros and no contributions', () => {
        const foldIn = kernels.openFoldIn(randomDense(1, 4, 3), EQUATIONS[0][1])
        const empty = csrFromTriples(1, 4, new Uint32Array(), new Uint32Array())
        expect(Array.from(foldIn.solve(empty))).toEqual([0, 0, 0])
        expect(foldIn.contributions(empty)).toHaveLength(0)
      })
      test('names the history that cannot be solved', () => {
        const foldIn = kernels.openFoldIn(randomDense(1, 2, 3), normalEquation('hu-koren-volinsky', 1, 0))
        const histories = csrFromTriples(2, 2, Uint32Array.of(1), Uint32Array.of(1))
        expect(() => foldIn.solve(histories)).toThrow('ALS solve failed at history 1')
      })
    })

    describe('top-K', () => {
      test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 64, 127])(
        'ranks %i items as a full sort does',
        async (rows) => {
          for (const columns of [1, 3, 4, 9, 64]) {
            const vectors = randomDense(rows + columns, rows, columns)
            const { data: queries } = randomDense(columns, 5, columns)
            for (const k of [0, 1, 3, 200]) {
              const query = { queries, k }
              const found = await kernels.openVectors(vectors).topK(query)
              const expected = await referenceKernels().openVectors(vectors).topK(query)
              expect(found.counts).toEqual(expected.counts)
              expect(found.indices).toEqual(expected.indices)
              expect(relativeDistance(found.scores, expected.scores)).toBeLessThan(1e-5)
            }
          }
        },
      )

      test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 64, 127])(
        'ranks %i items by the sum of inner product and addition, whatever is left out',
        async (rows) => {
          for (const [columns, count] of [
            [1, 1],
            [4, 3],
            [9, 5],
          ]) {
            const data = whole(rows, rows, columns)
            const queries = whole(columns, count, columns)
            const added = Array.from({ length: count }, (_, q) => whole(q + rows, 1, rows))
            const additions = (q: number, row: Float32Array) => row.set(added[q])
            const mask = randomCsr(rows, count, rows, 0.3)
            const excluded = { indptr: mask.indptr, indices: mask.indices }
            const eligible = new Uint32Array(Math.ceil(rows / 32)).fill(0x5a5a3cc3)
            const plain = kernels.openVectors({ rows, columns, data })
            const inParts = kernels.openVectors({ rows, columns, data }, [
              columns >> 1,
              0,
              columns - (columns >> 1),
            ])
            const filtered = [{}, { excluded }, { eligible }, { excluded, eligible }]
            for (const [index, filters] of [plain, inParts].flatMap((one) =>
              filtered.map((each) => [one, each] as const),
            ))
              for (const k of [0, 1, 3, 200]) {
                const found = await index.topK({ queries, k, additions, ...filters })
                for (let q = 0; q < count; q++) {
                  const row = mask.indices.subarray(mask.indptr[q], mask.indptr[q + 1])
                  const left = new Set('excluded' in filters ? row : [])
                  const sum = (i: number) =>
                    queries
                      .subarray(q * columns, (q + 1) * columns)
                      .reduce((total, x, c) => total + x * data[i * columns + c], added[q][i])
                  const expected = Array.from({ length: rows }, (_, i) => ({ i, score: sum(i) }))
                    .filter(({ i }) => !left.has(i))
                    .filter(({ i }) => !('eligible' in filters) || (eligible[i >> 5] >>> (i & 31)) % 2 === 1)
                    .sort((a, b) => b.score - a.score || a.i - b.i)
                    .slice(0, k)
                  const list = (of: Uint32Array | Float32Array) =>
                    Array.from(of.subarray(q * k, q * k + found.counts[q]))
                  expect(list(found.indices)).toEqual(expected.map(({ i }) => i))
                  expect(list(found.scores)).toEqual(expected.map(({ score }) => score))
                }
              }
          }
        },
      )

      test('finds an item whose whole worth is its addition, however late it comes', async () => {
        const vectors = randomDense(3, 3000, 20)
        vectors.data.fill(0, 2999 * 20)
        const { data } = randomDense(4, 1, 20)
        const queries = Float32Array.of(...data, ...data)
        const { indices } = await kernels.openVectors(vectors).topK({
          queries,
          k: 10,
          additions: (q, row) => row.fill(0).fill(q * 1000, 2999),
        })
        expect(indices.subarray(0, 10)).not.toContain(2999)
        expect([...indices.subarray(10)]).toEqual([2999, ...indices.subarray(0, 9)])
      })

      test('finds in parts what it finds in one, whichever part decides', async () => {
        const [rows, parts] = [2000, [20, 0, 7]]
        const vectors = randomDense(5, rows, 27)
        const { data } = randomDense(6, 9, 27)
        // Of queries of which one part, or the other, or neither weighs anything beside what is added.
        const weights = [1e-3, 1, 0]
        const queries = data.map(
          (value, at) => value * weights[(Math.trunc(at / 27) + (at % 27 < 20 ? 0 : 1)) % 3],
        )
        const added = randomDense(7, 9, rows).data
        for (const count of [1, 9]) {
          const query = {
            queries: queries.subarray(0, count * 27),
            k: 12,
            additions: (q: number, row: Float32Array) => row.set(added.subarray(q * rows, (q + 1) * rows)),
          }
          const expected = await kernels.openVectors(vectors).topK(query)
          expect(await kernels.openVectors(vectors, parts).topK(query)).toEqual(expected)
        }
      })

      test('passes over nothing whose length is beyond the range of single precision', async () => {
        const data = new Float32Array(40).fill(3e38)
        const queries = Float32Array.of(0, 0, 1e-38, 0)
        const index = kernels.openVectors({ rows: 10, columns: 4, data }, [2, 2])
        const { indices } = await index.topK({
          queries,
          k: 2,
          additions: (_, row) => row.set(row.map((_, i) => i)),
        })
        expect([...indices]).toEqual([9, 8])
      })

      test('refuses parts that are not counts that sum to the columns', () => {
        const vectors = randomDense(1, 4, 3)
        expect(() => kernels.openVectors(vectors, [2, 2])).toThrow(
          'parts: 2 + 2 are not counts that sum to the 3 columns',
        )
        expect(() => kernels.openVectors(vectors, [4, -1])).toThrow('parts: 4 + -1 are not counts')
      })

      test('gives ties to the lower index', async () => {
        const vectors = {
          rows: 20,
          columns: 1,
          data: new Float32Array(20).map((_, i) => (i % 4 === 3 ? 2 : 1)),
        }
        const { indices } = await kernels.openVectors(vectors).topK({ queries: Float32Array.of(1), k: 7 })
        expect(Array.from(indices)).toEqual([3, 7, 11, 15, 19, 0, 1])
      })

      test('returns exactly the best eligible items that are not excluded, as many as there are', async () => {
        await fc.assert(
          fc.asyncProperty(
            fc.integer({ min: 1, max: 100 }),
            fc.integer({ min: 0, max: 40 }),
            fc.integer({ min: 1, max: 6 }),
            fc.integer(),
            async (rows, k, queryCount, seed) => {
              const vectors = randomDense(seed, rows, 2)
              // Whole numbers: many ties, exact sums.
              vectors.data.forEach((x, i) => (vectors.data[i] = Math.round(2 * x)))
              const queries = Float32Array.from({ length: 2 * queryCount }, (_, i) => (i % 3) - 1)
              const mask = randomCsr(seed, queryCount, rows, 0.3)
              const eligible = new Uint32Array(Math.ceil(rows / 32)).fill(0x5a5a3cc3 ^ seed)
              const excluded = { indptr: mask.indptr, indices: mask.indices.slice() }
              // In no order within a query: callers need not sort.
              for (let q = 0; q < queryCount; q++) {
                excluded.indices.subarray(mask.indptr[q], mask.indptr[q + 1]).reverse()
              }
              const query = { queries, k, excluded, eligible }
              const found = await kernels.openVectors(vectors).topK(query)
              for (let q = 0; q < queryCount; q++) {
                const banned = new Set(excluded.indices.subarray(excluded.indptr[q], excluded.indptr[q + 1]))
                const allowed = Array.from({ length: rows }, (_, i) => i)
                  .filter((i) => !banned.has(i) && (eligible[i >> 5] >>> (i & 31)) % 2 === 1)
                  .map((i) => ({
                    i,
                    score:
                      queries[2 * q] * vectors.data[2 * i] + queries[2 * q + 1] * vectors.data[2 * i + 1],
                  }))
                  .sort((a, b) => b.score - a.score || a.i - b.i)
                  .slice(0, k)
                expect(found.counts[q]).toBe(allowed.length)
                const indices = found.indices.subarray(q * k, q * k + allowed.length)
                expect(Array.from(indices)).toEqual(allowed.map(({ i }) => i))
              }
            },
          ),
          { numRuns: 60 },
        )
      })

      test('answers a large batch as it answers each query alone, also asked for at once', async () => {
        const vectors = randomDense(1, 3000, 20)
        const { data: queries } = randomDense(2, 600, 20)
        const index = kernels.openVectors(vectors)
        const [batch, again, ...alone] = await Promise.all([
          index.topK({ queries, k: 9 }),
          index.topK({ queries, k: 9 }),
          ...[0, 301, 599].map((q) => index.topK({ queries: queries.subarray(q * 20, q * 20 + 20), k: 9 })),
        ])
        expect(again).toEqual(batch)
        for (const [at, q] of [0, 301, 599].entries()) {
          expect(batch.indices.subarray(q * 9, q * 9 + 9)).toEqual(alone[at].indices)
          expect(batch.scores.subarray(q * 9, q * 9 + 9)).toEqual(alone[at].scores)
        }
      })

      test('refuses queries that are not finite or not whole', async () => {
        const index = kernels.openVectors(randomDense(1, 4, 3))
        await expect(index.topK({ queries: Float32Array.of(1, Number.NaN, 0), k: 1 })).rejects.toThrow(
          /queries: NaN/,
        )
        await expect(index.topK({ queries: Float32Array.of(1, 0), k: 1 })).rejects.toThrow(
          /not whole rows of 3/,
        )
        const queries = Float32Array.of(1, 0, 0)
        await expect(index.topK({ queries, k: -1 })).rejects.toThrow(/k is -1/)
        const outside = { indptr: Uint32Array.of(0, 1), indices: Uint32Array.of(4) }
        await expect(index.topK({ queries, k: 1, excluded: outside })).rejects.toThrow(/excluded: column 4/)
        const eligible = new Uint32Array()
        await expect(index.topK({ queries, k: 1, eligible })).rejects.toThrow(/eligible: 4 items need 1 word/)
        await expect(
          index.topK({ queries, k: 1, additions: (_, row) => row.set([0, 0, Infinity, 0]) }),
        ).rejects.toThrow('additions: Infinity at row 0, column 2; every number must be finite')
      })
    })

    describe('cosine top-K', () => {
      test('leaves out the item itself and keeps its twin', async () => {
        const features = Float64Array.of(1, 0, 2, 0, 0, 1, 1, 1)
        const found = await kernels.openCosine(features, 4, 2).topK({ items: Uint32Array.of(0, 2), k: 3 })
        expect(Array.from(found.counts)).toEqual([3, 3])
        expect(Array.from(found.indices)).toEqual([1, 3, 2, 3, 0, 1])
        const half = Math.SQRT1_2
        expect(relativeDistance(found.similarities, [1, half, 0, half, 0, 0])).toBeLessThan(1e-12)
      })

      test('finds all products equally dissimilar where there is not one feature', async () => {
        const found = await kernels
          .openCosine(new Float64Array(), 3, 0)
          .topK({ items: Uint32Array.of(1), k: 5 })
        expect(Array.from(found.counts)).toEqual([2])
        expect(Array.from(found.indices.subarray(0, 2))).toEqual([0, 2])
        expect(Array.from(found.similarities.subarray(0, 2))).toEqual([0, 0])
      })

      test('orders neighbours that single precision cannot tell apart', async () => {
        const angles = Array.from({ length: 300 }, (_, i) => ((i * 7) % 300) * 1e-9)
        const features = Float64Array.from(
          angles.flatMap((angle) => [Math.cos(1 + angle), Math.sin(1 + angle)]),
        )
        const index = kernels.openCosine(Float64Array.of(0.2, 1, ...features), 301, 2)
        const { indices } = await index.topK({ items: Uint32Array.of(0), k: 5 })
        const expected = angles.map((angle, i) => ({ i, angle })).sort((a, b) => b.angle - a.angle)
        expect(Array.from(indices)).toEqual(expected.slice(0, 5).map(({ i }) => i + 1))
      })

      test('agrees with the plain implementation on random features with many twins', async () => {
        await fc.assert(
          fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 9 }), async (seed, columns) => {
            const { data } = randomDense(seed, 70, columns)
            const features = Float64Array.from(data, (x) => Math.round(x * 2))
            const query = { items: Uint32Array.of(0, 3, 69), k: 12 }
            const found = await kernels.openCosine(features, 70, columns).topK(query)
            const expected = await referenceKernels().openCosine(features, 70, columns).topK(query)
            expect(found.counts).toEqual(expected.counts)
            expect(found.indices).toEqual(expected.indices)
            expect(relativeDistance(found.similarities, expected.similarities)).toBeLessThan(1e-12)
          }),
          { numRuns: 40 },
        )
      })
    })

    describe('cosine top-K with labels', () => {
      test('counts labels as features, and leaves out what is not alike enough', async () => {
        // Rows (3, 4) and labels of two columns; the last row has nothing but its labels.
        const features = Float64Array.of(3, 4, 3, 4, 4, -3, 0, 0)
        const labels = {
          sizes: Float64Array.of(5, 5, 5, 1),
          columns: [Int32Array.of(0, 0, 1, 0), Int32Array.of(7, -1, 7, 9)],
        }
        const index = kernels.openCosine(features, 4, 2, labels)
        const found = await index.topK({ items: Uint32Array.of(0), k: 3 })
        expect([...found.indices]).toEqual([1, 3, 2])
        // Lengths √75, √50, √75 and √2: (25 + 25)/√(75·50), 5/√(75·2), 25/75.
        const expected = [50 / Math.sqrt(75 * 50), 5 / Math.sqrt(150), 25 / 75]
        expected.forEach((cosine, i) => expect(found.similarities[i]).toBeCloseTo(cosine, 12))
        const alike = await index.topK({ items: Uint32Array.of(0), k: 3, above: 0.4 })
        expect([...alike.counts]).toEqual([2])
      })

      test('agrees with the plain implementation on random labels', async () => {
        await fc.assert(
          fc.asyncProperty(fc.integer(), fc.integer({ min: 0, max: 5 }), async (seed, columns) => {
            const { data } = randomDense(seed, 70, 7)
            const features = Float64Array.from(data.subarray(0, 70 * columns), (x) => Math.round(x * 2))
            const codes = (at: number) =>
              Int32Array.from({ length: 70 }, (_, row) => Math.round(3 * data[(row * 7 + at) % data.length]))
            const labels = { sizes: new Float64Array(70).fill(1), columns: [codes(0), codes(3)] }
            const query = { items: Uint32Array.of(0, 3, 69), k: 12, above: 1e-4 }
            const found = await kernels.openCosine(features, 70, columns, labels).topK(query)
            const expected = await referenceKernels().openCosine(features, 70, columns, labels).topK(query)
            expect(found.counts).toEqual(expected.counts)
            expect(found.indices).toEqual(expected.indices)
            expect(relativeDistance(found.similarities, expected.similarities)).toBeLessThan(1e-12)
          }),
          { numRuns: 40 },
        )
      })
    })

    describe('partners', () => {
      test('are the items that most users have too, by hand', async () => {
        // Users {0, 1}, {0, 1}, {0, 2}, {3}: cos(0, 1) = 2/√(3·2), cos(0, 2) = 1/√3; item 3 has no partner, 4 no user.
        const user = Uint32Array.of(0, 0, 1, 1, 2, 2, 3)
        const item = Uint32Array.of(0, 1, 0, 1, 0, 2, 3)
        const interactions = csrFromTriples(4, 5, user, item)
        const found = await kernels.findPartners({ interactions, most: 3 })
        expect(found).toEqual({
          users: Uint32Array.of(3, 2, 1, 1, 0),
          indptr: Uint32Array.of(0, 2, 3, 4, 4, 4),
          indices: Uint32Array.of(1, 2, 0, 0),
          together: Uint32Array.of(2, 1, 2, 1),
        })
        const { indices } = await kernels.findPartners({ interactions, most: 1 })
        expect([...indices]).toEqual([1, 0, 0])
      })

      test('that enough users have come first, whatever their cosines', async () => {
        // Items 0 and 1 share users 0 and 1 of 2 and 8: 2/√16. Items 0 and 2 share user 0 of 2 and 1: 1/√2.
        const user = Uint32Array.of(0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7)
        const item = Uint32Array.of(0, 1, 2, 0, 1, 1, 1, 1, 1, 1, 1)
        const interactions = csrFromTriples(8, 3, user, item)
        const partnersOf0 = async (sharedFirst: number, most: number) => {
          const { indptr, indices } = await kernels.findPartners({ interactions, most, sharedFirst })
          return [...indices.subarray(0, indptr[1])]
        }
        expect(await partnersOf0(1, 2)).toEqual([2, 1])
        expect(await partnersOf0(2, 2)).toEqual([1, 2])
        expect(await partnersOf0(2, 1)).toEqual([1])
      })

      test('agree with the plain implementation, ties included', async () => {
        const part = fc.double({ min: 0.02, max: 0.4, noNaN: true })
        await fc.assert(
          fc.asyncProperty(
            fc.integer(),
            part,
            fc.integer({ min: 0, max: 80 }),
            fc.integer({ min: 1, max: 4 }),
            async (seed, density, most, sharedFirst) => {
              const problem = { interactions: randomCsr(seed, 40, 70, density), most, sharedFirst }
              expect(await kernels.findPartners(problem)).toEqual(
                await referenceKernels().findPartners(problem),
              )
            },
          ),
          { numRuns: 40 },
        )
      })

      test('of no items, and of items without users, are none', async () => {
        const none = csrFromTriples(0, 0, Uint32Array.of(), Uint32Array.of())
        expect((await kernels.findPartners({ interactions: none, most: 5 })).indptr).toEqual(
          Uint32Array.of(0),
        )
        const idle = csrFromTriples(1, 3, Uint32Array.of(), Uint32Array.of())
        const { indptr, users } = await kernels.findPartners({ interactions: idle, most: 5 })
        expect([indptr, users]).toEqual([new Uint32Array(4), new Uint32Array(3)])
      })

      test('refuses what it cannot read, and stops when it is aborted', async () => {
        const interactions = randomCsr(1, 4, 5, 0.5)
        const refused = (wrong: object) => kernels.findPartners({ interactions, most: 1, ...wrong })
        await expect(refused({ most: -1 })).rejects.toThrow(
          'most is -1; it must be a whole number of at least 0',
        )
        await expect(refused({ sharedFirst: 0 })).rejects.toThrow('sharedFirst is 0')
        const falling = { ...interactions, indices: interactions.indices.toReversed() }
        await expect(refused({ interactions: falling })).rejects.toThrow('do not ascend')
        await expect(refused({ signal: AbortSignal.abort() })).rejects.toThrow('cancelled')
      })
    })
  })
}

function problemOf(
  interactions: Csr,
  factors: number,
  equation: AlsProblem['equation'],
  iterations: number,
): AlsProblem {
  const itemFactors = randomDense(factors * 31 + interactions.columns, interactions.columns, factors).data
  return { interactions, equation, factors, iterations, itemFactors }
}

async function oneIteration(
  kernels: Kernels,
  interactions: Csr,
  f: number,
  equation: AlsProblem['equation'],
) {
  const problem = problemOf(interactions, f, equation, 1)
  return { problem, ...(await kernels.fitAls(problem)) }
}

/** Each row of a matrix so many times, the copies apart from each other. */
function repeated({ rows, columns, indptr, indices, values }: Csr, times: readonly number[]): Csr {
  const copies = Array.from({ length: Math.max(...times) }, (_, round) =>
    Array.from({ length: rows }, (__, row) => row).filter((row) => times[row] > round),
  ).flat()
  const triples = copies.flatMap((row, copy) =>
    Array.from(indices.subarray(indptr[row], indptr[row + 1]), (column, i) => ({
      copy,
      column,
      value: values[indptr[row] + i],
    })),
  )
  return csrFromTriples(
    copies.length,
    columns,
    Uint32Array.from(triples, ({ copy }) => copy),
    Uint32Array.from(triples, ({ column }) => column),
    triples.map(({ value }) => value),
  )
}

/** One history of n distinct items with counts 1 … 3. */
function rowOf(seed: number, n: number, items: number): Csr {
  const { data } = randomDense(seed, items, 1)
  const order = Array.from(data.keys()).sort((a, b) => data[a] - data[b])
  const indices = Uint32Array.from(order.slice(0, n)).sort()
  const values = Float32Array.from(indices, (i) => 1 + (i % 3))
  return { rows: 1, columns: items, indptr: Uint32Array.of(0, n), indices, values }
}

/** The loss of AlsResult from its definition: every cell of the matrix, observed or not. */
function denseLoss(
  matrix: Csr,
  x: Float32Array,
  y: Float32Array,
  f: number,
  equation: AlsProblem['equation'],
): number {
  const byItem = transpose(matrix)
  const lambda = (n: number, columns: number) => rowLambda(equation, n, columns)
  let [loss, confidence] = [0, 0]
  for (let u = 0; u < matrix.rows; u++) {
    const entries = new Map<number, number>()
    for (let e = matrix.indptr[u]; e < matrix.indptr[u + 1]; e++)
      entries.set(matrix.indices[e], matrix.values[e])
    for (let i = 0; i < matrix.columns; i++) {
      let score = 0
      for (let k = 0; k < f; k++) score += x[u * f + k] * y[i * f + k]
      loss += equation.unobservedWeight * score * score
      const r = entries.get(i)
      if (r === undefined) {
        confidence += equation.unobservedWeight
        continue
      }
      const target = equation.targetSlope * r + equation.targetIntercept
      loss +=
        (equation.weightSlope * r + equation.weightIntercept) * score * score - 2 * target * score + target
      confidence += target
    }
    for (let k = 0; k < f; k++) loss += lambda(entries.size, matrix.columns) * x[u * f + k] ** 2
  }
  for (let i = 0; i < matrix.columns; i++) {
    const n = byItem.indptr[i + 1] - byItem.indptr[i]
    for (let k = 0; k < f; k++) loss += lambda(n, matrix.rows) * y[i * f + k] ** 2
  }
  return loss / confidence
}

/** Numbers from −3 to 3: exact sums, many ties. */
function whole(seed: number, rows: number, columns: number): Float32Array {
  return randomDense(seed, rows, columns).data.map((x) => Math.round(3 * x) + 0)
}

/** A sparse matrix with its zeros. */
function denseOf({ rows, columns, indptr, indices, values }: Csr): Float64Array {
  const dense = new Float64Array(rows * columns)
  for (let r = 0; r < rows; r++) {
    for (let e = indptr[r]; e < indptr[r + 1]; e++) dense[r * columns + indices[e]] = values[e]
  }
  return dense
}
