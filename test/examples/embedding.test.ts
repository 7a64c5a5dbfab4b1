import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createClient } from '../../src/client/index.ts'
import { configure } from '../../src/model/configuration.ts'
import { writeModel } from '../../src/model/model-file.ts'
import { Rationale } from '../../src/rationale/rationale.ts'
import { customerId, sku, smallShop } from '../api/shop.ts'
import { startChild } from '../child-process.ts'

const root = join(import.meta.dirname, '../..')
const folder = await mkdtemp(join(tmpdir(), 'embedding-'))
const modelFile = join(folder, 'shop.model')
afterAll(() => rm(folder, { recursive: true }))

const configuration = configure('default', { factors: 8, iterations: 5 })
const trained = await Rationale.train(smallShop(), { configuration, threads: 1 })
await writeModel(trained.model, modelFile)
const { items } = await trained.recommend(customerId(5), { first: 3 })
await trained.close()

/** An example, run as a program of its own. @returns where it says that it serves GraphQL */
async function example(name: string): Promise<string> {
  const port = await freePort()
  const args = ['--conditions=@rationale-engine/source', `examples/embedding/${name}.ts`, modelFile]
  const child = startChild(process.execPath, args, {
    cwd: root,
    env: { ...process.env, PORT: String(port), NODE_ENV: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(child.stdout, 'data')
  return String(line).trim()
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

const LIST = `query ($id: String!) {
  customer(externalId: $id) {
    ... on Customer { recommendations(first: 3) { edges { node { rank product { sku } reasons { amount } } } } }
    ... on UnknownCustomerError { message }
  }
}`
const expected = items.map((item) => ({
  node: {
    rank: item.rank,
    product: { sku: item.sku },
    reasons: item.reasons.map(({ amount }) => ({ amount })),
  },
}))

const NAMES = ['yoga', 'apollo-server', 'express', 'fastify'] as const
const urls = new Map(await Promise.all(NAMES.map(async (name) => [name, await example(name)] as const)))

describe.each(NAMES)('embedded in %s', (name) => {
  const client = createClient({ url: urls.get(name)! })

  test('it recommends, with reasons', async () => {
    const recommended = { customer: { recommendations: { edges: expected } } }
    expect(await client.query(LIST, { id: customerId(5) })).toEqual(recommended)
  })

  test('who is unknown is told so', async () => {
    expect(await client.query(LIST, { id: 'nobody' })).toEqual({
      customer: { message: 'There is no customer nobody: customers are named as in the order history.' },
    })
  })

  test('its schema can be asked about', async () => {
    const { __schema } = await client.query<{ __schema: { queryType: { name: string } } }>(
      '{ __schema { queryType { name } } }',
    )
    expect(__schema.queryType.name).toBe('Query')
  })
})

test('in a yoga of its own, a product has a field of the shop’s own', async () => {
  const query = 'query ($sku: String!) { product(sku: $sku) { ... on Product { sku stock } } }'
  const client = createClient({ url: urls.get('yoga')! })
  expect(await client.query(query, { sku: sku(12) })).toEqual({ product: { sku: sku(12), stock: 6 } })
})

test.each(['yoga', 'express', 'fastify'] as const)(
  'in %s, no page of another site may read',
  async (name) => {
    const headers = { 'Content-Type': 'application/json', Origin: 'https://elsewhere.example' }
    const body = JSON.stringify({ query: '{ __typename }' })
    const response = await fetch(urls.get(name)!, { method: 'POST', headers, body })
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  },
)

describe.each(['express', 'fastify'] as const)('mounted in %s', (name) => {
  const url = urls.get(name)!

  test('the server’s own routes stay its own', async () => {
    const welcome = await fetch(new URL('/shop', url))
    expect(await welcome.text()).toBe('Welcome to the shop.')
    expect((await fetch(new URL('/graphql', url))).status).toBe(404)
  })

  test('what is deferred comes after the list', async () => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'multipart/mixed' },
      body: JSON.stringify({
        query: `{ customer(externalId: "${customerId(5)}") { ... on Customer {
        recommendations(first: 1) { edges { node { rank ... @defer { explanation { text } } } } } } } }`,
      }),
    })
    const parts = (await response.text()).split(/\r\n---(?:--)?/).filter((part) => part.includes('{'))
    const [list, ...later] = parts.map((part) =>
      JSON.parse(part.slice(part.indexOf('{'), part.lastIndexOf('}') + 1)),
    )
    expect(list).toMatchObject({
      data: { customer: { recommendations: { edges: [{ node: { rank: 1 } }] } } },
      hasNext: true,
    })
    expect(JSON.stringify(list)).not.toContain('text')
    expect(JSON.stringify(later)).toContain('"text":"')
  })

  test('subscriptions are server-sent events', async () => {
    const ranks = new Set<number>()
    const stream = createClient({ url }).subscribe<{
      explanationStream: { recommendation: { rank: number } }
    }>(
      'subscription ($id: String!) { explanationStream(externalId: $id, first: 3) { recommendation { rank } } }',
      { id: customerId(5) },
    )
    for await (const { explanationStream } of stream) ranks.add(explanationStream.recommendation.rank)
    expect(ranks).toEqual(new Set([1, 2, 3]))
  })

  test('GraphiQL stands at the same path', async () => {
    const page = await fetch(url, { headers: { Accept: 'text/html' } })
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(await page.text()).toContain('<title>Rationale</title>')
  })

  test('its limits hold', async () => {
    const body = JSON.stringify({ query: `{ __typename ${'#'.repeat(300_000)} }` })
    const refused = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
    })
    expect(refused.status).toBe(413)
    expect(refused.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })
})
