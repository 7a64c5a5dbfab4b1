import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { stripTypeScriptTypes } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createEmbeddedHandler } from '../src/server/embedded-handler.ts'
import { Recommender } from '../src/engine/recommender.ts'
import { referenceKernels } from '../src/kernels/reference.ts'
import { IN_MEMORY } from '../src/store/sqlite/database-file.ts'
import { openEvents } from '../src/store/open-events.ts'
import { customerId, sku, smallRecommender } from './api/shop.ts'
import { openChromium } from './examples/chromium.ts'

const chromium = await openChromium()
const events = openEvents(IN_MEMORY)
const { model } = await smallRecommender()
/** GraphQL for the customer who is signed in. */
const signedIn = await createEmbeddedHandler({
  signedIn: () => customerId(5),
  recommender: new Recommender(model, referenceKernels(), { events }),
  production: true,
})
const graphql = await createEmbeddedHandler({
  scopes: ['read'],
  recommender: await smallRecommender(),
  production: true,
})

/** A shop's own server: its page, the client's modules as a bundler would leave them, and GraphQL. */
const server = createServer((request, response) => {
  const [, file] = /^\/client\/([\w-]+\.ts)$/.exec(request.url!) ?? []
  if (file !== undefined) {
    const source = readFileSync(join(import.meta.dirname, '../src/client', file), 'utf8')
    response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(stripTypeScriptTypes(source))
  } else if (request.url === '/graphql') graphql(request, response)
  else if (request.url === '/signed-in') signedIn(request, response)
  else response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>Shop</title>')
}).listen(0, '127.0.0.1')
await once(server, 'listening')
afterAll(async () => {
  await chromium?.close()
  server.close()
  await events.close()
})

test.skipIf(chromium === null)('the client works in a page, without anything of Node', async () => {
  const page = await chromium!.newPage()
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  const seen = await page.evaluate(`(async () => {
    const { createClient, RequestError } = await import('/client/index.ts')
    const client = createClient({ url: '/graphql', fetch: window.fetch })
    const { modelInfo } = await client.query('{ modelInfo { __typename } }')
    const refused = await client.query('{ oracle }').catch((error) => error)
    const ranks = []
    const events = client.subscribe(\`subscription { explanationStream(externalId: "${customerId(5)}", first: 3) {
      recommendation { rank } explanation { text } } }\`)
    for await (const { explanationStream } of events) ranks.push(explanationStream.recommendation.rank)
    const gone = new AbortController()
    gone.abort('gone')
    const aborted = await client.query('{ __typename }', {}, { signal: gone.signal }).catch((reason) => reason)
    return {
      modelInfo,
      refused: refused instanceof RequestError && { codes: refused.codes, requestId: refused.requestId },
      ranks: ranks.sort(),
      aborted,
    }
  })()`)
  expect(seen).toEqual({
    modelInfo: { __typename: 'ModelInfo' },
    refused: { codes: ['GRAPHQL_VALIDATION_FAILED'], requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    ranks: [1, 2, 3],
    aborted: 'gone',
  })
})

test.skipIf(chromium === null)(
  'the beacon records what the customer looked at, also when the page is left at once',
  async () => {
    const page = await chromium!.newPage()
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    await page.goto(address)
    await page.evaluate(`(async () => {
      const { createBeacon } = await import('/client/beacon.ts')
      const beacon = createBeacon({ url: '/signed-in', interval: 3_600_000 })
      beacon.record({ product: '${sku(1)}', kind: 'VIEW', placement: 'first' })
      await beacon.flush()
      beacon.record({ product: '${sku(2)}', kind: 'CLICK', placement: 'last' })
    })()`)
    await page.goto('about:blank')
    await page.close()
    await expect
      .poll(async () => (await events.exportOf(customerId(5), 10)).events, { timeout: 10_000 })
      .toMatchObject([
        { product: sku(1), kind: 'VIEW', placement: 'first' },
        { product: sku(2), kind: 'CLICK', placement: 'last' },
      ])
  },
)
