import fc from 'fast-check'
import { expect, test } from 'vitest'
import { csrFromTriples } from '../../src/kernels/csr.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { latestEntries, partnersOf, PRODUCTS_READ, sharedBy } from '../../src/model/partners.ts'
import { partnersAmong } from '../engine/small-model.ts'

const reference = referenceKernels()

/** By hand: customer 0 bought products 0 to 9, of which 6 to 9 last. */
const histories = csrFromTriples(
  3,
  12,
  Uint32Array.from([...Array<number>(10).fill(0), 1, 1, 2, 2]),
  Uint32Array.from([...Array(10).keys(), 1, 10, 9, 11]),
)
const times = Float64Array.from([...Array(10).keys(), 5, 5, 5, 5])

test('of a long history the latest products are kept', () => {
  const cut = latestEntries(histories, times, 4)
  expect([...cut.indptr]).toEqual([0, 4, 6, 8])
  expect([...cut.indices]).toEqual([6, 7, 8, 9, 1, 10, 9, 11])
  expect(latestEntries(histories, times, 10)).toBe(histories)
})

test('those of unknown time are kept last, ties to the lower index', () => {
  const unknown = Float64Array.from(times, (time, entry) => (entry > 1 && entry < 10 ? NaN : time))
  expect([...latestEntries(histories, unknown, 4).indices.subarray(0, 4)]).toEqual([0, 1, 2, 3])
})

test('partners are counted over what is read of each history', async () => {
  const bought = PRODUCTS_READ + 1
  // Customer 0 bought the products in a row, and product 0 first; customer 1 bought products 0 and 1.
  const long = csrFromTriples(
    2,
    bought,
    Uint32Array.from({ length: bought + 2 }, (_, e) => Number(e >= bought)),
    Uint32Array.from({ length: bought + 2 }, (_, e) => e % bought),
  )
  const inARow = Float64Array.from({ length: bought + 2 }, (_, e) => e)
  const { users, indptr, indices, together } = await partnersOf(long, inARow, reference)
  expect([...users.subarray(0, 3)]).toEqual([1, 2, 1])
  expect([...indices.subarray(0, indptr[1])]).toEqual([1])
  expect([...together.subarray(0, indptr[1])]).toEqual([1])
})

const someHistories = fc
  .array(fc.uniqueArray(fc.nat(240), { maxLength: 230, minLength: 0 }), { minLength: 1, maxLength: 12 })
  .map((rows) =>
    csrFromTriples(
      rows.length,
      241,
      Uint32Array.from(rows.flatMap((row, customer) => row.map(() => customer))),
      Uint32Array.from(rows.flat()),
    ),
  )

test('are what counting every pair finds, with any number of threads', async () => {
  const cores = await Promise.all([1, 2, 3].map((threads) => openKernels({ threads })))
  await fc.assert(
    fc.asyncProperty(someHistories, async (rows) => {
      const expected = partnersAmong(rows)
      const unknown = new Float64Array(rows.indices.length).fill(NaN)
      for (const kernels of [reference, ...cores])
        expect(await partnersOf(rows, unknown, kernels)).toEqual(expected)
    }),
    { numRuns: 30 },
  )
  for (const kernels of cores) await kernels.close()
})

test('a floor leaves those that so many customers share, in their order', () => {
  fc.assert(
    fc.property(someHistories, fc.integer({ min: 1, max: 4 }), (rows, least) => {
      const whole = partnersAmong(rows)
      const { users, indptr, indices, together } = sharedBy(least, whole)
      expect(users).toEqual(whole.users)
      for (let product = 0; product < users.length; product++) {
        const kept: [number, number][] = []
        for (let entry = whole.indptr[product]; entry < whole.indptr[product + 1]; entry++)
          if (whole.together[entry] >= least) kept.push([whole.indices[entry], whole.together[entry]])
        const entries = Array.from(
          { length: indptr[product + 1] - indptr[product] },
          (_, i): [number, number] => [indices[indptr[product] + i], together[indptr[product] + i]],
        )
        expect(entries).toEqual(kept)
      }
    }),
    { numRuns: 30 },
  )
})
