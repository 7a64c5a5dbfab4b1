import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DEMO_SHOP } from '../src/cli/demo-shop.ts'
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

/** The first block of that language in the README. */
function firstBlock(language: string): string {
  const block = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(readme)
  if (block === null) throw new Error(`README.md has no block of ${language}`)
  return block[1]
}

/** The same value with every number allowed to differ by what the README rounds away. */
function rounded(value: unknown): unknown {
  if (typeof value === 'number') return expect.closeTo(value, 2)
  if (Array.isArray(value)) return value.map(rounded)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rounded(inner)]))
}

test("the README's first query gets the README's answer from the demo shop", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rationale-readme-'))
  const directory = join(folder, 'shop')
  await generateShop({ ...DEMO_SHOP, directory })
  const kernels = await openKernels()
  const model = await trainModel(await readDataset(directory), configure('default'), kernels)
  const recommender = new Recommender(model, kernels)
  const server = await startServer({ recommender, port: 0 })
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: firstBlock('graphql') }),
  })
  const { data } = (await response.json()) as any
  await server.close()
  recommender.close()
  await kernels.close()
  await rm(folder, { recursive: true })
  expect(data.customer.recommendations.edges).toHaveLength(1)
  expect(data.customer.recommendations.edges[0].node).toEqual(rounded(JSON.parse(firstBlock('json'))))
})
