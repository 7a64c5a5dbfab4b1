import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Dataset } from '../../src/data/dataset.ts'
import { readRatings } from '../../src/data/ratings.ts'
import { failureOf, folderOf, REAL_DATA } from './folders.ts'

const FILES = {
  'ratings.csv': `userId,movieId,rating,timestamp
1,31,2.5,1260759144
1,10,4.0,1260759144
2,10,5.0,835355493
2,17,3.5,835355681
3,31,4.5,1298921840
`,
  'movies.csv': `movieId,title,genres
10,GoldenEye (1995),Action|Adventure|Thriller
17,"Sense, and Sensibility (1995)",Drama|Romance
31,Dangerous Minds (1995),Drama
99,Nobody's film,Drama
`,
}

function ids(table: Dataset['customers']): string[] {
  return Array.from({ length: table.size }, (_, i) => table.at(i))
}

describe('Ratings', () => {
  test('of four stars or more are purchases, one each', async () => {
    const dataset = await readRatings(await folderOf(FILES))
    expect(ids(dataset.customers)).toEqual(['1', '2', '3'])
    expect(ids(dataset.products)).toEqual(['10', '31'])
    expect(dataset.interactions).toMatchObject({
      count: 3,
      customer: Uint32Array.of(0, 1, 2),
      product: Uint32Array.of(0, 0, 1),
      quantity: Float32Array.of(1, 1, 1),
    })
    expect(dataset.orders.timestamp).toEqual(Float64Array.of(1260759144e3, 835355493e3, 1298921840e3))
    expect(dataset.productNames?.at(0)).toBe('GoldenEye (1995)')
    expect(dataset.category).toMatchObject({ name: 'genres', codes: Int32Array.of(0, 1) })
  })

  test('may all be taken for purchases', async () => {
    const dataset = await readRatings(await folderOf(FILES), { least: 0 })
    expect(dataset.interactions.count).toBe(5)
    expect(ids(dataset.products)).toEqual(['31', '10', '17'])
    expect([...dataset.interactions.quantity]).toEqual([1, 1, 1, 1, 1])
  })

  test('that are nowhere as good as asked for are an error', async () => {
    const failure = await failureOf(readRatings(await folderOf(FILES), { least: 6 }))
    expect(failure.message).toMatch(/ratings\.csv, column rating: holds no rating of 6 or more: ask for less/)
  })

  test('without their column are an error that names it', async () => {
    const files = { ...FILES, 'ratings.csv': 'userId,movieId,timestamp\n1,2,835355493\n' }
    const failure = await failureOf(readRatings(await folderOf(files)))
    expect(failure.message).toMatch(/lacks rating/)
  })
})

const folder = join(REAL_DATA, 'ml-latest-small')
const missing = !existsSync(folder)
if (missing)
  console.warn(`SKIPPED: tests on MovieLens, since there is no ${folder} (RATIONALE_DATA names its parent).`)

describe.skipIf(missing)(missing ? `MovieLens (SKIPPED: no ${folder})` : 'MovieLens', () => {
  // Counted by a Python script over ratings.csv: rows, distinct userId, distinct movieId.
  test.each([
    [0, 100_004, 671, 9_066],
    [4, 51_568, 671, 6_170],
  ])('rated %d or more', async (least, ratings, users, movies) => {
    const { interactions, customers, products } = await readRatings(folder, { least })
    expect([interactions.count, customers.size, products.size]).toEqual([ratings, users, movies])
  })
})
