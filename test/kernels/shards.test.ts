import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TopKQuery } from '../../src/kernels/kernels.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { atOnce } from '../../src/kernels/pieces.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { WorkerPool } from '../../src/kernels/wasm-pool.ts'
import { openVectors as openInPieces, type SearchJob } from '../../src/kernels/wasm-topk.ts'
import { bestVariant, compileKernels, machineMemory } from '../../src/kernels/wasm.ts'
import { randomCsr, randomDense, uniform } from './problems.ts'

/** As `Kernels.openVectors`, divided as is said. */
const openVectors = (...given: Parameters<typeof openInPieces>) => atOnce(openInPieces(...given))

let module: WebAssembly.Module
let pools: readonly WorkerPool<SearchJob>[]

beforeAll(async () => {
  module = await compileKernels(bestVariant())
  pools = [1, 2, 3].map((threads) => new WorkerPool<SearchJob>(module, threads))
})

afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.close()))
})

/** Of few different whole numbers, so that many scores are the same; or of any. */
const matrixOf = (seed: number, rows: number, columns: number, isTied: boolean) => {
  const matrix = randomDense(seed, rows, columns)
  if (isTied) matrix.data.forEach((x, i) => (matrix.data[i] = Math.round(x)))
  return matrix
}

describe('an index in shards', () => {
  test('answers as a single one does, to the last bit, whatever is asked', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          rows: fc.integer({ min: 1, max: 400 }),
          parts: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 3 }),
          queries: fc.integer({ min: 1, max: 150 }),
          k: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 500 })),
          seed: fc.integer(),
          isTied: fc.boolean(),
          isExcluding: fc.boolean(),
          isFiltered: fc.boolean(),
          isAdding: fc.boolean(),
          hasParts: fc.boolean(),
          mostRows: fc.integer({ min: 1, max: 200 }),
          pool: fc.constantFrom(0, 1, 2),
        }),
        async ({ rows, parts, queries: count, k, seed, isTied, mostRows, pool, ...kinds }) => {
          const columns = parts.reduce((sum, part) => sum + part, 0)
          fc.pre(columns > 0)
          const vectors = matrixOf(seed, rows, columns, isTied)
          const next = uniform(seed)
          const mask = randomCsr(seed, count, rows, 0.3)
          const added = matrixOf(seed + 1, count, rows, isTied).data
          const query: TopKQuery = {
            queries: matrixOf(seed + 2, count, columns, isTied).data,
            k,
            ...(kinds.isExcluding && { excluded: { indptr: mask.indptr, indices: mask.indices } }),
            ...(kinds.isFiltered && {
              eligible: Uint32Array.from({ length: Math.ceil(rows / 32) }, () => next(0, 2 ** 32)),
            }),
            ...(kinds.isAdding && {
              additions: (q: number, row: Float32Array) => row.set(added.subarray(q * rows, (q + 1) * rows)),
            }),
          }
          const given = kinds.hasParts ? parts : undefined
          const whole = openVectors(module, pools[0], vectors, given)
          const sharded = openVectors(module, pools[pool], vectors, given, { mostRows })
          expect(await sharded.topK(query)).toEqual(await whole.topK(query))
          if (isTied) {
            // Whole numbers have no rounding: the plain kernels give the same to the last bit, too.
            expect(await referenceKernels().openVectors(vectors).topK(query)).toMatchObject(
              await sharded.topK(query),
            )
          }
          whole.close()
          sharded.close()
        },
      ),
      { numRuns: 60 },
    )
  })

  test('answers as a single one where it is searched by several threads', async () => {
    const vectors = randomDense(1, 3000, 32)
    const { data: queries } = randomDense(2, 600, 32)
    const query = {
      queries,
      k: 9,
      additions: (q: number, row: Float32Array) => row.set(randomDense(q, 1, 3000).data),
    }
    const whole = await openVectors(module, pools[0], vectors).topK(query)
    for (const pool of pools)
      expect(await openVectors(module, pool, vectors, [20, 12], { mostRows: 700 }).topK(query)).toEqual(whole)
  })

  test('gives ties across shards to the lower index', async () => {
    const vectors = { rows: 100, columns: 1, data: new Float32Array(100).fill(1) }
    const index = openVectors(module, pools[0], vectors, undefined, { mostRows: 32 })
    const { counts, indices } = await index.topK({
      queries: Float32Array.of(1),
      k: 5,
      excluded: { indptr: Uint32Array.of(0, 2), indices: Uint32Array.of(33, 1) },
      eligible: Uint32Array.of((0b1111 << 28) | 0b10, 0b111, 0, 1),
    })
    expect([...counts]).toEqual([5])
    expect([...indices]).toEqual([28, 29, 30, 31, 32])
  })

  test('names the row, of all rows, that holds no number, and the item that a query adds none to', async () => {
    const vectors = randomDense(1, 3000, 2)
    const index = openVectors(module, pools[0], vectors, undefined, { mostRows: 1000 })
    const query = {
      queries: new Float32Array(2),
      k: 1,
      additions: (_: number, row: Float32Array) => row.fill(0).fill(Number.NaN, 2500, 2501),
    }
    await expect(index.topK(query)).rejects.toThrow(
      'additions: NaN at row 0, column 2500; every number must be finite',
    )
    vectors.data[2 * 2900 + 1] = Infinity
    expect(() => openVectors(module, pools[0], vectors, undefined, { mostRows: 1000 })).toThrow(
      'vectors: Infinity at row 2900, column 1; every number must be finite',
    )
  })
})

test('rows may be made when they are read', async () => {
  const { rows, columns, data } = randomDense(1, 2500, 3)
  const kernels = await openKernels({ threads: 1 })
  const source = {
    rows,
    columns,
    read: (first: number, count: number, into: Float32Array) =>
      into.set(data.subarray(first * columns, (first + count) * columns)),
  }
  const query = { queries: randomDense(2, 5, 3).data, k: 7 }
  const expected = await kernels.openVectors({ rows, columns, data }).topK(query)
  expect(await kernels.openVectors(source).topK(query)).toEqual(expected)
  expect(kernels.gram(source)).toEqual(kernels.gram({ rows, columns, data }))
  await kernels.close()
})

test('the gram of many rows is that of all of them', async () => {
  const kernels = await openKernels({ threads: 1 })
  // 600,000 rows of whole numbers: 200,000 each of (1, 0), (1, 1) and (0, 2).
  const data = new Float32Array(1_200_000)
  for (let row = 0; row < 600_000; row++)
    data.set(
      [
        [1, 0],
        [1, 1],
        [0, 2],
      ][row % 3],
      2 * row,
    )
  expect([...kernels.gram({ rows: 600_000, columns: 2, data })]).toEqual([
    400_000, 200_000, 200_000, 1_000_000,
  ])
  await kernels.close()
})

test('an index larger than the machine is refused before a row is read, with both sizes', () => {
  const rows = Math.ceil(machineMemory() / 600)
  const source = { rows, columns: 144, read: () => expect.unreachable() }
  expect(() => openVectors(module, pools[0], source, undefined)).toThrow(
    /^a search index of \d+ vectors × 144 columns needs \d+\.\d GiB, and this machine has \d+\.\d GiB: use fewer factors, or/,
  )
})
