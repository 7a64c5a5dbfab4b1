import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, describe, expect, test } from 'vitest'
import { ApiKeyStore } from '../../src/store/api-key-store.ts'
import { IN_MEMORY } from '../../src/store/sqlite/database-file.ts'
import { customerToken } from '../api/keyed-server.ts'
import { serving } from '../api/serving.ts'
import { customerId } from '../api/shop.ts'
import { openChromium } from '../examples/chromium.ts'
import { visit } from '../examples/visitor.ts'

/** A shop's pages, on an origin of their own. */
const pages = createServer((_request, response) => {
  response.setHeader('Content-Type', 'text/html')
  response.end('<!doctype html><link rel="icon" href="data:,"><title>Shop</title>')
}).listen(0, '127.0.0.1')
await once(pages, 'listening')
const { port } = pages.address() as AddressInfo
/** The same machine by two names is two origins. */
const [SHOP, STRANGER] = [`http://127.0.0.1:${port}`, `http://localhost:${port}`]

const chromium = await openChromium()
const apiKeys = new ApiKeyStore(IN_MEMORY)
afterAll(async () => {
  await chromium?.close()
  pages.close()
  await apiKeys.close()
})

const keys = { apiKeys, requireKeys: true }
const open = await serving({ ...keys, corsOrigins: ['https://other.example', SHOP] })
const closed = await serving(keys)

const token = await customerToken(apiKeys, customerId(1))

async function corsHeaders(url: string, origin: string | null, init: RequestInit = {}) {
  const headers = { ...(origin !== null && { Origin: origin }), ...(init.headers as object) }
  const response = await fetch(url, { ...init, headers })
  await response.arrayBuffer()
  return {
    status: response.status,
    vary: response.headers.get('vary'),
    cors: Object.fromEntries([...response.headers].filter(([name]) => name.startsWith('access-control-'))),
  }
}

const preflight = {
  method: 'OPTIONS',
  headers: {
    'Access-Control-Request-Method': 'POST',
    'Access-Control-Request-Headers': 'authorization,content-type',
  },
}
const post = {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: '{"query":"{ __typename }"}',
}

describe('a server that names origins', () => {
  test('lets pages of these ask before they ask, without a key, and without cookies', async () => {
    const { status, cors, vary } = await corsHeaders(open.url, SHOP, preflight)
    expect(status).toBe(204)
    expect(cors).toEqual({
      'access-control-allow-origin': SHOP,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'authorization,content-type',
      'access-control-expose-headers': 'Retry-After, X-Request-Id',
      'access-control-max-age': '600',
    })
    expect(vary).toContain('Origin')
  })

  test('lets them read its answers, those too that refuse', async () => {
    const { status, cors } = await corsHeaders(open.url, SHOP, post)
    expect(status).toBe(401)
    expect(cors['access-control-allow-origin']).toBe(SHOP)
  })

  test.each([
    'null',
    'https://other.example.evil.example',
    'http://other.example',
    STRANGER,
    '*',
    `${SHOP}0`,
  ])('says nothing to pages of %s', async (origin) => {
    for (const request of [preflight, post, {}]) {
      const { cors, vary } = await corsHeaders(open.url, origin, request)
      expect(cors).toEqual({})
      expect(vary).toContain('Origin')
    }
  })
})

test('a server without origins sends no CORS headers', async () => {
  for (const origin of [SHOP, 'null', null]) {
    for (const request of [preflight, post, {}])
      expect((await corsHeaders(closed.url, origin, request)).cors).toEqual({})
  }
})

const asking = (url: string) => `fetch(${JSON.stringify(url)}, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json', Authorization: 'Bearer ${token}' },
  body: JSON.stringify({ query: '{ viewer { externalId } }' }),
}).then((answer) => answer.json()).then(({ data }) => data.viewer.externalId, () => 'refused')`

describe.skipIf(chromium === null)('in Chromium', () => {
  test('a page of a named origin asks with a customer token, and one of another cannot', async () => {
    const shop = (await visit(chromium!, SHOP)).page
    expect(await shop.evaluate(asking(open.url))).toBe(customerId(1))
    expect(await shop.evaluate(asking(closed.url))).toBe('refused')
    const stranger = (await visit(chromium!, STRANGER)).page
    expect(await stranger.evaluate(asking(open.url))).toBe('refused')
  })
})
