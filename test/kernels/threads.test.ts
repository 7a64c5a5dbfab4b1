import type { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { normalEquation } from '../../src/data/confidence.ts'
import { csrFromTriples } from '../../src/kernels/csr.ts'
import type { AlsProblem, Csr } from '../../src/kernels/kernels.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { patience } from '../patience.ts'
import { denseSolution, randomCsr, randomDense, relativeDistance, uniform } from './problems.ts'

const equation = normalEquation('hu-koren-volinsky', 40, 0.1)

/** A shop in small: most customers have one or two products, and many have the same. */
function shop(seed: number, customers: number, products: number): Csr {
  const next = uniform(seed)
  const [row, column]: [number[], number[]] = [[], []]
  for (let u = 0; u < customers; u++) {
    const count = next(0, 1) < 0.7 ? 1 : Math.ceil(next(0, 40))
    for (let e = 0; e < count; e++) {
      row.push(u)
      column.push(Math.floor(products * next(0, 1) ** 3))
    }
  }
  return csrFromTriples(customers, products, Uint32Array.from(row), Uint32Array.from(column))
}

function problemOf(interactions: Csr, factors: number, iterations: number): AlsProblem {
  const itemFactors = randomDense(1, interactions.columns, factors).data
  return { interactions, equation, factors, iterations, itemFactors }
}

describe('threads', () => {
  test.each([
    [0, 20, 'exact'],
    // Long rows enough for a preconditioner to pay with 20 factors, and not with 50.
    [3, 20, 'three steps, preconditioned'],
    [3, 50, 'three steps, not preconditioned'],
  ])(
    'do not change a single bit of the factors and losses (%i conjugate gradient steps, %i factors: %s)',
    async (steps, factors) => {
      const problem = { ...problemOf(shop(1, 3000, 400), factors, 4), conjugateGradientSteps: steps }
      const results = []
      for (const threads of [1, 2, 4]) {
        const kernels = await openKernels({ threads })
        const losses: (number | undefined)[] = []
        const onIteration = (_: number, loss: number | undefined) => losses.push(loss)
        const result = await kernels.fitAls({ ...problem, trackLoss: true, onIteration })
        results.push({ ...result, losses })
        await kernels.close()
      }
      for (const other of results.slice(1)) expect(other).toEqual(results[0])
    },
  )

  test('do not change a single bit of a search', async () => {
    const vectors = randomDense(1, 3000, 32)
    const { data: queries } = randomDense(2, 700, 32)
    const results = []
    for (const threads of [1, 2, 4]) {
      const kernels = await openKernels({ threads })
      results.push(
        await kernels.openVectors(vectors).topK({
          queries,
          k: 9,
          additions: (q, row) => row.set(randomDense(q, 1, 3000).data),
        }),
      )
      await kernels.close()
    }
    for (const other of results.slice(1)) expect(other).toEqual(results[0])
  })

  test('do not change the partners of items', async () => {
    const problem = { interactions: shop(1, 3000, 700), most: 50, sharedFirst: 2 }
    const expected = await referenceKernels().findPartners(problem)
    for (const threads of [1, 2, 4]) {
      const kernels = await openKernels({ threads })
      expect(await kernels.findPartners(problem)).toEqual(expected)
      await kernels.close()
    }
  })

  test('find the partners of more items than are in memory at once', async () => {
    // User i has the items i and 20,000 + i.
    const half = 20_000
    const user = Uint32Array.from({ length: 2 * half }, (_, item) => item % half)
    const interactions = csrFromTriples(half, 2 * half, user, Uint32Array.from(user.keys()))
    const kernels = await openKernels({ threads: 2 })
    const { indptr, indices, together } = await kernels.findPartners({ interactions, most: 5 })
    expect(indptr).toEqual(Uint32Array.from({ length: 2 * half + 1 }, (_, i) => i))
    expect(indices).toEqual(Uint32Array.from(user.keys(), (item) => (item + half) % (2 * half)))
    expect(together).toEqual(new Uint32Array(2 * half).fill(1))
    await kernels.close()
  })

  test('do not change a single bit of the weights of EASE', async () => {
    const problem = { interactions: shop(1, 600, 400), regularization: 2, neighbours: 50 }
    const results = []
    for (const threads of [1, 2, 4]) {
      const kernels = await openKernels({ threads })
      const ease = await kernels.openEase(problem)
      const scores = new Float32Array(400)
      ease.scores(Uint32Array.of(3, 17, 399), scores)
      results.push({ weights: ease.weights, scores })
      await kernels.close()
    }
    for (const other of results.slice(1)) expect(other).toEqual(results[0])
  })

  test('that die fail the job with a clear error and are replaced for the next', async () => {
    const started: Worker[] = []
    const remember = (worker: Worker) => started.push(worker)
    process.on('worker', remember)
    const kernels = await openKernels({ threads: 2 })
    const endless = {
      ...problemOf(shop(2, 2000, 300), 16, 1_000_000),
      onIteration: (done: number) => {
        if (done === 1) void started[1].terminate()
      },
    }
    await expect(kernels.fitAls(endless)).rejects.toThrow(/worker thread died/)
    const { loss } = await kernels.fitAls(problemOf(shop(2, 200, 30), 4, 3))
    expect(loss).toBeGreaterThan(0)
    expect(started).toHaveLength(4)
    await kernels.close()
    process.off('worker', remember)
  })

  test('leave within 100 ms of a cancel', async () => {
    const kernels = await openKernels({ threads: 2 })
    const abort = new AbortController()
    let cancelled = 0
    const fit = kernels.fitAls({
      ...problemOf(shop(3, 20_000, 3000), 64, 100_000),
      signal: abort.signal,
      onIteration: () => {
        cancelled ||= performance.now()
        abort.abort()
      },
    })
    await expect(fit).rejects.toThrow('cancelled')
    expect(performance.now() - cancelled).toBeLessThan(patience(100))
    await kernels.close()
  })

  test('leave a search for partners soon after a cancel, long before its end', async () => {
    const kernels = await openKernels({ threads: 2 })
    // Everybody has everything: 4,000 × 2,000² counts, some ten seconds.
    const interactions = randomCsr(1, 4000, 2000, 1)
    const abort = new AbortController()
    let cancelled = 0
    const search = kernels.findPartners({ interactions, most: 10, signal: abort.signal })
    setTimeout(() => {
      cancelled = performance.now()
      abort.abort()
    }, 200)
    await expect(search).rejects.toThrow('cancelled')
    expect(performance.now() - cancelled).toBeLessThan(patience(1000))
    await kernels.close()
  })

  test('run jobs asked for at once one after the other', async () => {
    const kernels = await openKernels({ threads: 2 })
    const problem = problemOf(shop(4, 300, 50), 8, 2)
    const [a, b] = await Promise.all([kernels.fitAls(problem), kernels.fitAls(problem)])
    expect(a.itemFactors).toEqual(b.itemFactors)
    await kernels.close()
  })

  test.each([0, 65, 1.5])('cannot be %d', async (threads) => {
    await expect(openKernels({ threads })).rejects.toThrow(/from 1 to 64/)
  })
})

describe('identical customers', () => {
  test('are solved once and counted as often as they come', async () => {
    // 40 customers, of whom only 6 differ.
    const kinds = randomCsr(5, 6, 25, 0.3)
    const rows = Array.from({ length: 40 }, (_, u) => (u * u + 1) % 6)
    const triples = rows.flatMap((kind, u) =>
      Array.from(kinds.indices.subarray(kinds.indptr[kind], kinds.indptr[kind + 1]), (item, e) => ({
        u,
        item,
        r: kinds.values[kinds.indptr[kind] + e],
      })),
    )
    const interactions = csrFromTriples(
      40,
      25,
      Uint32Array.from(triples, ({ u }) => u),
      Uint32Array.from(triples, ({ item }) => item),
      triples.map(({ r }) => r),
    )
    const kernels = await openKernels({ threads: 2 })
    const problem = problemOf(interactions, 5, 1)
    const { userFactors, itemFactors } = await kernels.fitAls(problem)
    const byItem = csrFromTriples(
      25,
      40,
      Uint32Array.from(triples, ({ item }) => item),
      Uint32Array.from(triples, ({ u }) => u),
      triples.map(({ r }) => r),
    )
    for (let u = 0; u < 40; u++) {
      const expected = denseSolution(interactions, u, problem.itemFactors, 5, equation)
      expect(relativeDistance(userFactors.subarray(u * 5, u * 5 + 5), expected)).toBeLessThan(1e-4)
    }
    for (let i = 0; i < 25; i++) {
      const expected = denseSolution(byItem, i, userFactors, 5, equation)
      expect(relativeDistance(itemFactors.subarray(i * 5, i * 5 + 5), expected)).toBeLessThan(1e-4)
    }
    await kernels.close()
  })
})

describe('conjugate gradients', () => {
  test('three steps come within 1 % of the loss of the exact solver, and never rise', async () => {
    const kernels = await openKernels({ threads: 2 })
    for (const factors of [8, 50]) {
      const problem = { ...problemOf(shop(6, 2000, 150), factors, 15), trackLoss: true }
      // As a fit starts in earnest: small. From a start as large as the factors themselves it takes longer.
      problem.itemFactors.forEach((x, i) => {
        problem.itemFactors[i] = 0.01 * x
      })
      const exact = await kernels.fitAls(problem)
      const losses: number[] = []
      await kernels.fitAls({
        ...problem,
        conjugateGradientSteps: 3,
        onIteration: (_, loss) => losses.push(loss ?? Number.NaN),
      })
      for (let i = 1; i < losses.length; i++)
        expect(losses[i]).toBeLessThanOrEqual(losses[i - 1] * (1 + 1e-5))
      expect(losses[14] / exact.loss).toBeLessThan(1.01)
    }
    await kernels.close()
  })

  test('enough of them solve every row as exactly as elimination does', async () => {
    const kernels = await openKernels({ threads: 1 })
    const interactions = randomCsr(9, 40, 60, 0.6)
    const problem = { ...problemOf(interactions, 6, 1), conjugateGradientSteps: 40 }
    const { userFactors } = await kernels.fitAls(problem)
    for (let u = 0; u < 40; u++) {
      const expected = denseSolution(interactions, u, problem.itemFactors, 6, equation)
      expect(relativeDistance(userFactors.subarray(u * 6, u * 6 + 6), expected)).toBeLessThan(1e-4)
    }
    await kernels.close()
  })
})

describe('a problem too large for WebAssembly', () => {
  test('is refused before anything is allocated, with what would fit', async () => {
    const kernels = await openKernels({ threads: 1 })
    const users = Uint32Array.from({ length: 1_200_000 }, (_, user) => user)
    // One item each, and no two users as much of it.
    const interactions = csrFromTriples(
      users.length,
      20,
      users,
      new Uint32Array(users.length),
      Float32Array.from(users),
    )
    await expect(kernels.fitAls(problemOf(interactions, 1000, 1))).rejects.toThrow(
      /1200000 users × 20 items × 1000 factors needs 4\.6 GiB.* 4 GiB.*at most 8\d\d factors/,
    )
    await kernels.close()
  })
})
