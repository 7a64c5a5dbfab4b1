import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { stripTypeScriptTypes } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createEmbeddedHandler } from '../src/server/embedded-handler.ts'
import { customerId, smallRecommender } from './api/shop.ts'
import { openChromium } from './examples/chromium.ts'

const chromium = await openChromium()
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
  else response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>Shop</title>')
}).listen(0, '127.0.0.1')
await once(server, 'listening')
afterAll(async () => {
  await chromium?.close()
  server.close()
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
