import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
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

/** The blocks of that language in the README. */
function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
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

test("the README's queries get the README's answers from the demo shop", async () => {
  const queries = blocks('graphql')
  const answers = blocks('json')
  expect(queries).toHaveLength(3)
  expect(answers).toHaveLength(3)
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
    // Of one recommendation the README shows the node.
    given.push(edges.length === 1 ? edges[0].node : edges)
  }
  await server.close()
  recommender.close()
  await kernels.close()
  await rm(folder, { recursive: true })
  expect(given).toEqual(answers.map((answer) => rounded(JSON.parse(answer))))
})
