import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DEMO_SCOPES, DEMO_SHOP } from '../src/cli/serve.ts'
import {
  configure,
  generateShop,
  openKernels,
  Recommender,
  readDataset,
  startServer,
  trainModel,
} from '../src/index.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const documents = [readme, readFileSync(new URL('../docs/queries.md', import.meta.url), 'utf8')]

/** The blocks of that language in a document. */
function blocks(document: string, language: string): string[] {
  return [...document.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, block]) => block,
  )
}

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
  const folder = await mkdtemp(join(tmpdir(), 'rationale-readme-'))
  const directory = join(folder, 'shop')
  await generateShop({ ...DEMO_SHOP, directory })
  const kernels = await openKernels()
  const model = await trainModel(await readDataset(directory), configure('default'), kernels)
  const recommender = new Recommender(model, kernels)
  const server = await startServer({ recommender, port: 0, keyless: DEMO_SCOPES })
  const given: unknown[] = []
  for (const query of queries) {
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    })
    const { data } = (await response.json()) as any
    const { edges } = data.trending ?? data.customer.recommendations
    // Of one recommendation the documents show the node.
    given.push(edges.length === 1 ? edges[0].node : edges)
  }
  await server.close()
  recommender.close()
  await kernels.close()
  await rm(folder, { recursive: true })
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
