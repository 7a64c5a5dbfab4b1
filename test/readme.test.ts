import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readDataset } from '../src/index.ts'
import { answersOf, blocks, DOCUMENTS } from './document-answers.ts'

const documents = DOCUMENTS.map((document) => readFileSync(document, 'utf8'))
const [readme] = documents

/** The same value with every number allowed to differ by what the README rounds away. */
function rounded(value: unknown): unknown {
  if (typeof value === 'number') return expect.closeTo(value, 2)
  if (Array.isArray(value)) return value.map(rounded)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rounded(inner)]))
}

test('the queries of the README and of docs/queries.md get the answers shown there from the demo shop', async () => {
  const queries = documents.flatMap((document) => blocks(document, 'graphql'))
  const answers = documents.flatMap((document) => blocks(document, 'json'))
  expect(queries).toHaveLength(5)
  expect(answers).toHaveLength(5)
  const given = await answersOf(queries)
  expect(given).toEqual(answers.map((answer) => rounded(JSON.parse(answer))))
})

test('the first query of the README fits on its first screen: at most 12 lines', () => {
  expect(blocks(readme, 'graphql')[0].trimEnd().split('\n').length).toBeLessThanOrEqual(12)
})

test('the README has at most 1,500 words', () => {
  expect(readme.split(/\s+/).length).toBeLessThanOrEqual(1500)
})

test("the README's rows of data are read as they stand", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rationale-readme-'))
  await writeFile(join(folder, 'orders.csv'), blocks(readme, 'csv')[0])
  const dataset = await readDataset(join(folder, 'orders.csv'))
  await rm(folder, { recursive: true })
  expect(dataset.customers.size).toBe(2)
  expect(dataset.products.size).toBe(2)
})
