/**
 * The queries that documents show, and what the demo shop answers. `npm run answers:write` puts the answers into the
 * documents: after a change of what training makes of the demo shop.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

/** The documents whose queries are asked, in their order. */
export const DOCUMENTS = ['README.md', 'docs/queries.md'].map((name) => join(import.meta.dirname, '..', name))

/** The blocks of that language in a document. */
export function blocks(document: string, language: string): string[] {
  return [...document.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, block]) => block,
  )
}

/** What the demo shop answers to queries. Of one recommendation the documents show the node. */
export async function answersOf(queries: readonly string[]): Promise<unknown[]> {
  const folder = await mkdtemp(join(tmpdir(), 'rationale-documents-'))
  const directory = join(folder, 'shop')
  await generateShop({ ...DEMO_SHOP, directory })
  const kernels = await openKernels()
  const model = await trainModel(await readDataset(directory), configure('default'), kernels)
  const recommender = new Recommender(model, kernels)
  const server = await startServer({ recommender, port: 0, keyless: DEMO_SCOPES })
  const answers: unknown[] = []
  for (const query of queries) {
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    })
    const { data } = (await response.json()) as any
    const { edges } = data.trending ?? data.customer.recommendations
    answers.push(edges.length === 1 ? edges[0].node : edges)
  }
  await server.close()
  recommender.close()
  await kernels.close()
  await rm(folder, { recursive: true })
  return answers
}

/** Characters of a line; what is longer is broken up. */
const WIDTH = 155

/** JSON with numbers to three digits after the point, on few lines. */
function jsonText(value: unknown, isRoot = true, indent = '', before = indent.length): string {
  if (typeof value === 'number') return String(Number(value.toFixed(3)))
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const deeper = `${indent}  `
  const isList = Array.isArray(value)
  const entries = Object.entries(value).map(([key, inner]) => ({ label: isList ? '' : `"${key}": `, inner }))
  const flat = entries.map(({ label, inner }) => label + jsonText(inner, false, '', -Infinity)).join(', ')
  const inline = isList ? `[${flat}]` : `{ ${flat} }`
  if (!isRoot && before + inline.length <= WIDTH) return inline
  const lines = entries.map(
    ({ label, inner }) => deeper + label + jsonText(inner, false, deeper, deeper.length + label.length),
  )
  const [open, close] = isList ? '[]' : '{}'
  return `${open}\n${lines.join(',\n')}\n${indent}${close}`
}

if (import.meta.main) {
  for (const document of DOCUMENTS) {
    const text = readFileSync(document, 'utf8')
    const answers = (await answersOf(blocks(text, 'graphql'))).values()
    const written = text.replaceAll(/(```json\n)[\s\S]*?(```)/g, (_, open: string, close: string) => {
      return `${open}${jsonText(answers.next().value)}\n${close}`
    })
    writeFileSync(document, written)
  }
}
