import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addressOf } from '../../src/server/caller.ts'
import { randomServerToken } from '../../src/server/server-token.ts'
import { type RunningServer, type ServerOptions, startServer } from '../../src/server/server.ts'
import { ApiKeyStore } from '../../src/store/api-key-store.ts'
import { smallRecommender } from '../api/shop.ts'
import { temporaryFile } from '../explanations/writer.ts'

const recommender = await smallRecommender()
const file = temporaryFile('store.sqlite')
/** The keys as the server has them open, and as another process would. */
const [apiKeys, otherKeys] = [new ApiKeyStore(file), new ApiKeyStore(file)]
const running: RunningServer[] = []

async function serve(options: Partial<ServerOptions> = {}): Promise<RunningServer> {
  const logger = pino({ level: 'silent' })
  const server = await startServer({
    recommender,
    host: '127.0.0.1',
    port: 0,
    production: true,
    logger,
    ...options,
  })
  running.push(server)
  return server
}

afterAll(async () => {
  await Promise.all(running.map((server) => server.close()))
  await apiKeys.close()
  await otherKeys.close()
  recommender.close()
})

const QUERY = '{ modelInfo { version } }'

const TOKEN = 'a-token-of-sixteen-letters'

const ABOUT_CUSTOMERS = [
  '{ viewer { externalId } }',
  '{ customers(first: 1) { edges { node { externalId } } } }',
  '{ searchCustomers(text: "customer", first: 1) { edges { node { externalId } } } }',
  '{ customer(externalId: "customer-1") { __typename } }',
  '{ recommendations(externalIds: ["customer-1"]) { __typename } }',
  `{ node(id: "${Buffer.from('Customer:customer-1').toString('base64')}") { id } }`,
  '{ segments { name } }',
  'mutation { setProductAvailability(input: { products: [] }) { __typename } }',
]

async function ask({ port }: RunningServer, headers: Record<string, string> = {}, query = QUERY) {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  })
  const body = (await response.json()) as any
  return { status: response.status, headers: response.headers, body, error: body.errors?.[0] }
}

const bearer = (key: string) => ({ Authorization: `Bearer ${key}` })

describe('who has access without a key', () => {
  test.each(['127.0.0.1', '::1', 'localhost'])(
    'whoever is on this machine, of a server on %s, about products',
    async (host) => {
      const server = await serve({ host })
      const response = await fetch(`${server.url}?query=${encodeURIComponent(QUERY)}`)
      expect(response.status).toBe(200)
    },
  )

  test.each(ABOUT_CUSTOMERS)('nobody, about customers, and nobody changes anything: %s', async (query) => {
    const { body, error } = await ask(await serve({ apiKeys }), {}, query)
    expect(Object.values(body.data ?? {}).every((value) => value === null)).toBe(true)
    expect(error.extensions.code).toBe('FORBIDDEN')
    expect(error.message).toMatch(/needs (an API key of scope|a customer token).*`rationale serve` prints/)
  })

  test('nobody, about customers, through a proxy that does not name its client', async () => {
    const server = await serve({ apiKeys })
    const proxy = createServer((asked, response) => {
      // nginx's plain `proxy_pass http://127.0.0.1:4000`: Host is the server's, and nothing says who asked.
      const headers = { ...asked.headers, host: `127.0.0.1:${server.port}` }
      const { method, url: path } = asked
      asked.pipe(
        httpRequest({ host: '127.0.0.1', port: server.port, method, path, headers }, (answer) => {
          response.writeHead(answer.statusCode!, answer.headers)
          answer.pipe(response)
        }),
      )
    }).listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const throughProxy = { ...server, port: (proxy.address() as AddressInfo).port }
    for (const query of ABOUT_CUSTOMERS) {
      expect((await ask(throughProxy, {}, query)).error.extensions.code).toBe('FORBIDDEN')
    }
    expect((await ask(throughProxy)).status).toBe(200)
    proxy.close()
  })

  test('a client with the token of the server, to everything', async () => {
    const server = await serve({ token: TOKEN })
    for (const query of ABOUT_CUSTOMERS.slice(1)) {
      expect((await ask(server, bearer(TOKEN), query)).error).toBeUndefined()
    }
  })

  test.each([`${TOKEN}x`, TOKEN.slice(0, -1), TOKEN.toUpperCase(), 'x'])(
    'nobody, with “%s” in place of it',
    async (wrong) => {
      const server = await serve({ token: TOKEN })
      for (const query of ABOUT_CUSTOMERS) {
        expect((await ask(server, bearer(wrong), query)).error.extensions.code).toBe('FORBIDDEN')
      }
    },
  )

  test('nobody, with the token of another server, or of an earlier start of this one', async () => {
    const server = await serve({ token: randomServerToken() })
    const { status, error } = await ask(server, bearer(randomServerToken()))
    expect(status).toBe(401)
    expect(error.message).toContain('prints a new one each time it starts')
  })

  test('a client with the token, even if the server needs keys', async () => {
    const server = await serve({ requireKeys: true, token: TOKEN })
    expect((await ask(server)).status).toBe(401)
    expect((await ask(server, bearer(TOKEN))).status).toBe(200)
  })

  test('not by a token in the URL', async () => {
    const server = await serve({ token: TOKEN })
    const asked = encodeURIComponent(ABOUT_CUSTOMERS[1])
    const response = await fetch(`${server.url}?token=${TOKEN}&query=${asked}`)
    expect(await response.text()).toContain('"FORBIDDEN"')
  })

  test('nobody, of a server on another host', async () => {
    const { status } = await ask(await serve({ host: '0.0.0.0', apiKeys }))
    expect(status).toBe(401)
  })

  test('nobody, if keys are required', async () => {
    const { status } = await ask(await serve({ requireKeys: true, apiKeys }))
    expect(status).toBe(401)
  })

  test('everybody who reaches it, with that option', async () => {
    const { status } = await ask(await serve({ host: '0.0.0.0', insecure: true }))
    expect(status).toBe(200)
  })

  test('nobody, on a server on this machine behind a proxy', async () => {
    const server = await serve({ trustProxy: 1, apiKeys })
    expect((await ask(server, { 'X-Forwarded-For': '192.0.2.7' })).status).toBe(401)
    expect((await ask(server)).status).toBe(401)
    const { key } = await otherKeys.create('web shop', ['read'], null)
    expect((await ask(server, { 'X-Forwarded-For': '192.0.2.7', ...bearer(key) })).status).toBe(200)
  })

  test('not clients of a proxy that the server on this machine does not know of', async () => {
    const server = await serve({ production: false })
    for (const header of ['X-Forwarded-For', 'Forwarded']) {
      for (const path of ['/graphql?query={__typename}', '/graphql', '/health']) {
        const { status, body } = await get(server, 'localhost', { [header]: 'for=192.0.2.7' }, path)
        expect(status).toBe(403)
        const [{ message, extensions }] = JSON.parse(body).errors
        expect(extensions).toEqual({ code: 'FORWARDED_REQUEST' })
        for (const name of [header, '--trust-proxy', 'trustProxy', '--require-keys', 'requireKeys']) {
          expect(message).toContain(name)
        }
      }
    }
    const open = await serve({ insecure: true })
    expect((await ask(open, { 'X-Forwarded-For': '192.0.2.7' })).status).toBe(200)
  })

  test('a server that needs keys does not start without a store for them', async () => {
    await expect(serve({ host: '0.0.0.0' })).rejects.toThrow(
      'A server on 0.0.0.0 needs API keys, and no store of keys was given',
    )
    await expect(serve({ trustProxy: 1 })).rejects.toThrow(
      'A server on 127.0.0.1 behind a proxy needs API keys, and no store of keys was given',
    )
  })
})

describe('a server that needs keys', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await serve({ requireKeys: true, apiKeys, production: false })
  })

  test('answers clients that have one', async () => {
    const { key } = await otherKeys.create('web shop', ['read'], null)
    const { status, body } = await ask(server, bearer(key))
    expect({ status, body }).toMatchObject({ status: 200, body: { data: { modelInfo: {} } } })
  })

  test.each([
    'application/json',
    'application/graphql-response+json',
    'text/event-stream',
    'multipart/mixed',
  ])('answers 401 without one, to clients of %s', async (accept) => {
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: accept },
      body: JSON.stringify({ query: QUERY }),
    })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    expect(response.headers.get('content-type')).toContain(accept)
    const text = await response.text()
    expect(text).toContain('"code":"UNAUTHENTICATED"')
    expect(text).toContain('send it as \\"Authorization: Bearer rk_…\\"')
  })

  test.each(['Basic cms6cms=', 'Bearer', 'Bearer rk_0 b', 'Bearer YOUR_API_KEY', 'rk_0'])(
    '“Authorization: %s” is none',
    async (value) => {
      const { status, error } = await ask(server, { Authorization: value })
      expect(status).toBe(401)
      expect(error.message).toMatch(/^This needs an API key/)
    },
  )

  test('does not look for one in the URL', async () => {
    const { key } = await otherKeys.create('web shop', ['read'], null)
    for (const name of ['key', 'apiKey', 'api_key', 'access_token', 'authorization']) {
      const response = await fetch(`${server.url}?query=${encodeURIComponent(QUERY)}&${name}=${key}`)
      expect(response.status).toBe(401)
    }
  })

  test('says at once that a key is mistyped, unknown, revoked or expired', async () => {
    const stranger = new ApiKeyStore(temporaryFile('store.sqlite'))
    const revoked = await otherKeys.create('revoked', ['read'], null)
    const expired = await otherKeys.create('expired', ['read'], 0)
    expect((await ask(server, bearer(revoked.key))).status).toBe(200)
    await otherKeys.revoke([revoked.id])
    const answers = await Promise.all(
      ['rk_1', (await stranger.create('elsewhere', ['read'], null)).key, revoked.key, expired.key].map(
        (key) => ask(server, bearer(key)),
      ),
    )
    expect(answers.map(({ error }) => error.message)).toEqual([
      'The API key is mistyped or cut off: copy it again.',
      'The API key is not known here: was it created for another store?',
      expect.stringMatching(`^The API key ${revoked.id} was revoked on .* UTC: ask for a new one.$`),
      expect.stringMatching(`^The API key ${expired.id} expired on .* UTC: ask for a new one.$`),
    ])
    for (const { status, headers, error } of answers) {
      expect(status).toBe(401)
      expect(error.extensions.code).toBe('UNAUTHENTICATED')
      expect(headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
    }
    await stranger.close()
  })

  test('is opened by no key with a character changed', async () => {
    const { key } = await otherKeys.create('web shop', ['read'], null)
    const change = fc.tuple(fc.nat(key.length - 1), fc.constantFrom(...'0123456789abcdefABCDEFrk_-'))
    await fc.assert(
      fc.asyncProperty(change, async ([place, character]) => {
        const changed = key.slice(0, place) + character + key.slice(place + 1)
        fc.pre(changed !== key)
        expect((await ask(server, bearer(changed))).status).toBe(401)
      }),
      { numRuns: 200 },
    )
  })

  test('answers no question about its schema without one', async () => {
    const { status, body } = await ask(server, {}, '{ __schema { queryType { name } } }')
    expect(status).toBe(401)
    expect(body.data).toBeUndefined()
  })

  test('answers its health check for anybody', async () => {
    const response = await fetch(new URL('/health', server.url))
    expect(response.status).toBe(200)
  })

  test('is asked by another name without being misled: a key is no browser’s to send by itself', async () => {
    const { key } = await otherKeys.create('web shop', ['read'], null)
    expect(await statusFor(server, 'shop.example', bearer(key))).toBe(200)
  })
})

describe('a store that is not there yet', () => {
  test('is found when its first key is created, without a restart', async () => {
    const later = temporaryFile('store.sqlite')
    const [served, other] = [new ApiKeyStore(later), new ApiKeyStore(later)]
    const server = await serve({ requireKeys: true, apiKeys: served })
    expect((await ask(server)).status).toBe(401)
    const { key } = await other.create('web shop', ['read'], null)
    expect((await ask(server, bearer(key))).status).toBe(200)
    await served.close()
    await other.close()
  })
})

describe('a server that needs no keys', () => {
  test('checks one that is given, so that its scopes can be tried', async () => {
    const server = await serve({ apiKeys })
    const { key } = await otherKeys.create('feed', ['write'], null)
    expect((await ask(server)).status).toBe(200)
    expect((await ask(server, bearer(key))).error.extensions).toMatchObject({
      code: 'FORBIDDEN',
      scope: 'catalog',
    })
    expect((await ask(server, bearer(`${key}0`))).status).toBe(401)
  })

  test('says if it has none', async () => {
    const { key } = await otherKeys.create('web shop', ['read'], null)
    const { status, error } = await ask(await serve(), bearer(key))
    expect(status).toBe(401)
    expect(error.message).toBe('This server has no API keys: leave Authorization out.')
  })

  test('leaves alone what a gateway before it was shown', async () => {
    const server = await serve({ apiKeys })
    expect((await ask(server, bearer('eyJhbGciOiJIUzI1NiJ9.e30.x'))).status).toBe(200)
    expect((await ask(server, { Authorization: 'Basic cms6cms=' })).status).toBe(200)
  })
})

describe('a page that has its own name resolved to this machine', () => {
  test.each([
    'shop.example',
    'shop.example:4000',
    'localhost.shop.example',
    '127.0.0.1.shop.example',
    '10.0.0.1',
    '@',
  ])('is refused as %s, whatever it asks for', async (host) => {
    const server = await serve({ production: false })
    for (const path of ['/graphql?query={__typename}', '/graphql', '/health']) {
      expect(await statusFor(server, host, { Accept: 'text/html,*/*' }, path)).toBe(421)
    }
  })

  test('gets a message with what to do', async () => {
    const server = await serve()
    const { body } = await get(server, 'shop.example', {})
    expect(JSON.parse(body).errors[0]).toMatchObject({
      message: expect.stringContaining('not as shop.example'),
      extensions: { code: 'MISDIRECTED_REQUEST' },
    })
  })

  test.each(['localhost', 'LOCALHOST:1', '127.0.0.1:4000', '127.1.2.3', '[::1]:4000'])(
    'is not %s',
    async (host) => {
      expect(await statusFor(await serve(), host)).toBe(200)
    },
  )

  test('does not matter if anybody is let in', async () => {
    expect(await statusFor(await serve({ insecure: true }), 'shop.example')).toBe(200)
  })
})

describe('an address that asks too often without a good key', () => {
  test('has to wait, but a valid key from there is accepted', async () => {
    const server = await serve({
      requireKeys: true,
      apiKeys,
      // 50 attempts at once, and one more every 100 s.
      limits: { rateLimit: { capacity: 5000, perSecond: 1 } },
    })
    const answers: Awaited<ReturnType<typeof ask>>[] = []
    for (let attempt = 0; attempt < 52; attempt++) answers.push(await ask(server, bearer('rk_1')))
    expect(answers.map(({ status }) => status)).toEqual([...Array(50).fill(401), 429, 429])
    const { headers, error } = answers[50]
    expect(error.extensions).toMatchObject({ code: 'THROTTLED', retryAfter: expect.any(Number) })
    expect(Math.abs(Number(headers.get('retry-after')) - 100)).toBeLessThan(20)
    const { key } = await otherKeys.create('web shop', ['read'], null)
    expect((await ask(server, bearer(key))).status).toBe(200)
  })
})

/** A request over a connection from an address. */
const from = (remoteAddress: string, forwarded?: string) =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as unknown as IncomingMessage

const hexadecimal = (groups: number[]) => groups.map((group) => group.toString(16)).join(':')

describe('the address of a caller', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8::5', '2001:db8:0:0::/64'],
    ['2001:db8:1::5:6', '2001:db8:1:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s is %s', (address, name) => {
    expect(addressOf(from(address), 0)).toBe(name)
  })

  test('is that of the connection, not of X-Forwarded-For, if no proxy is trusted', () => {
    expect(addressOf(from('192.0.2.7', '198.51.100.1'), 0)).toBe('192.0.2.7')
  })

  test('is the one that the outermost trusted proxy saw, not one that its client wrote', () => {
    const written = '203.0.113.9, 198.51.100.1, 10.0.0.2'
    expect(addressOf(from('10.0.0.1', written), 1)).toBe('10.0.0.2')
    expect(addressOf(from('10.0.0.1', written), 2)).toBe('198.51.100.1')
    expect(addressOf(from('10.0.0.1', '2001:db8:1:2:3:4:5:6'), 1)).toBe('2001:db8:1:2::/64')
  })

  test.each(['', 'unknown', 'localhost', '<script>'])(
    'is that of the connection where “%s” is none',
    (written) => {
      expect(addressOf(from('192.0.2.7', written), 1)).toBe('192.0.2.7')
    },
  )

  test('is one for the 2⁶⁴ of a household, and another for the next', () => {
    const group = fc.integer({ min: 0, max: 0xffff })
    const half = fc.tuple(group, group, group, group)
    fc.assert(
      fc.property(half, half, half, (network, host, other) => {
        const name = addressOf(from(hexadecimal([...network, ...host])), 0)
        expect(addressOf(from(hexadecimal([...network, ...other])), 0)).toBe(name)
        // The same address, as browsers would write it.
        const short = new URL(`http://[${hexadecimal([...network, ...host])}]`).hostname.slice(1, -1)
        expect(addressOf(from(short), 0)).toBe(name)
        if (hexadecimal(other) !== hexadecimal(network)) {
          expect(addressOf(from(hexadecimal([...other, ...host])), 0)).not.toBe(name)
        }
      }),
    )
  })
})

/** Asks over a connection to this machine for another host: `fetch` does not let `Host` be set. */
function get(
  { port }: RunningServer,
  host: string,
  headers: Record<string, string>,
  path = '/graphql?query={__typename}',
) {
  const answered = Promise.withResolvers<{ status: number | undefined; body: string }>()
  httpRequest({ host: '127.0.0.1', port, path, headers: { ...headers, Host: host } }, async (response) => {
    let body = ''
    for await (const text of response.setEncoding('utf8')) body += text
    answered.resolve({ status: response.statusCode, body })
  })
    .on('error', answered.reject)
    .end()
  return answered.promise
}

async function statusFor(...request: Parameters<typeof get> | [RunningServer, string]) {
  const [server, host, headers = {}, path] = request as Parameters<typeof get>
  return (await get(server, host, headers, path)).status
}
