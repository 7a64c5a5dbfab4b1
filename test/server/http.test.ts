import { request as httpRequest, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { serving } from '../api/serving.ts'
import { post, talk } from './raw-http.ts'

const { url } = await serving()
const QUERY = JSON.stringify({ query: '{ __typename }' })
const ANSWER = '"data":{"__typename":"Query"}'

const DEFERRED = JSON.stringify({
  query: `{ recommend(input: { history: [{ sku: "sku-1" }] }, first: 2) { ... on RecommendationConnection {
    edges { node { rank ... @defer { explanation { text } } } }
  } } }`,
})

/** Over HTTP as Node speaks it. */
async function send(
  method: string,
  headers: Record<string, string> = {},
  body?: string | Buffer,
  behind = '',
) {
  const answered = Promise.withResolvers<IncomingMessage>()
  const sending = httpRequest(`${url}${behind}`, { method, headers, agent: false }, answered.resolve)
  sending.on('error', answered.reject)
  sending.end(body)
  const answer = await answered.promise
  const content = await text(answer)
  const { statusCode: status } = answer
  const errors = content.startsWith('{') ? JSON.parse(content).errors : undefined
  return { status, headers: answer.headers, content, error: errors?.[0] }
}
const sendJson = (headers: Record<string, string>, body: string | Buffer = QUERY) =>
  send('POST', { 'Content-Type': 'application/json', ...headers }, body)

describe('the type of a body', () => {
  test.each([
    'application/json',
    'Application/JSON',
    'APPLICATION/JSON;CHARSET=UTF-8',
    'application/json; charset="utf-8"',
    'application/json ; charset=utf-8 ; profile=x',
    'application/json;',
    ' application/json ',
    'application/json; charset=utf8',
  ])('"%s" is JSON', async (type) => {
    expect(await send('POST', { 'Content-Type': type }, QUERY)).toMatchObject({ status: 200 })
  })

  test.each([
    ['application/json; charset=iso-8859-1', 'not in iso-8859-1'],
    ['application/jsonp', 'not application/jsonp'],
    ['application/graphql+json', 'not application/graphql+json'],
    ['text/json', 'not text/json'],
    ['application/json, text/plain', 'not application/json, text/plain'],
    ['', 'not a body without a content type'],
  ])('"%s" is refused, and said to be', async (type, message) => {
    const { status, error, headers } = await send('POST', { 'Content-Type': type }, QUERY)
    expect(status).toBe(415)
    expect(error.message).toContain(message)
    expect(error.extensions).toEqual({ code: 'UNSUPPORTED_MEDIA_TYPE' })
    expect(headers['accept']).toContain('application/json')
  })
})

/** The head of a POST whose body comes in a transfer coding. */
const inCoding = (coding: string) =>
  'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n' +
  `Transfer-Encoding: ${coding}\r\n\r\n`

describe('a body that is', () => {
  test.each([
    ['gzip', gzipSync(QUERY)],
    ['GZIP', gzipSync(QUERY)],
    ['x-gzip', gzipSync(QUERY)],
    ['deflate', deflateSync(QUERY)],
    ['deflate', deflateRawSync(QUERY)],
    ['br', brotliCompressSync(QUERY)],
    ['identity', Buffer.from(QUERY)],
    ['identity, gzip', gzipSync(QUERY)],
  ])('encoded as %s is inflated', async (encoding, body) => {
    const { status, content } = await sendJson({ 'Content-Encoding': encoding }, body)
    expect({ status, content }).toEqual({ status: 200, content: expect.stringContaining(ANSWER) })
  })

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('too long once it is inflated is refused (%s)', async (encoding, compress) => {
    const bomb = compress(Buffer.alloc(50e6, 32))
    expect(bomb.length).toBeLessThan(100_000)
    const { status, error } = await sendJson({ 'Content-Encoding': encoding }, bomb)
    expect(status).toBe(413)
    expect(error.extensions).toMatchObject({ code: 'LIMIT_EXCEEDED', limit: 'bodyBytes', maximum: 262_144 })
    const fits = compress(JSON.stringify({ query: `{ __typename } #${'-'.repeat(102_000)}` }))
    expect(await sendJson({ 'Content-Encoding': encoding }, fits)).toMatchObject({ status: 200 })
  })

  test.each(['zstd', 'compress', 'aes', 'gzip, br', '__proto__'])(
    'encoded as %s is refused by that name',
    async (encoding) => {
      const { status, error, headers } = await sendJson({ 'Content-Encoding': encoding })
      expect(status).toBe(415)
      expect(error.message).toContain(`not as ${encoding}`)
      expect(headers['accept-encoding']).toBe('gzip, deflate, br')
    },
  )

  test.each(['gzip', 'deflate', 'br'])('not what its encoding says is refused (%s)', async (encoding) => {
    for (const body of [QUERY, '']) {
      const { status, error } = await sendJson({ 'Content-Encoding': encoding }, body)
      expect(status).toBe(400)
      expect(error.message).toContain(`not what its Content-Encoding says, ${encoding}`)
    }
  })

  test.each([
    ['', 'it is empty'],
    ['{"query":', 'JSON'],
    ['null', 'not null'],
    ['"query"', 'not a string'],
    [Buffer.from([0x7b, 0xff, 0x7d]), 'utf-8'],
  ])('%j is refused as no request', async (body, message) => {
    const { status, error } = await sendJson({}, body)
    expect(status).toBe(400)
    expect(error.message).toContain(message)
    expect(error.extensions).toEqual({ code: 'BAD_REQUEST' })
  })

  test('announced as too long is rejected before it is sent, and any other is accepted', async () => {
    const long = await talk(url, post('', { Expect: '100-continue', 'Content-Length': '300000' }), (heard) =>
      heard.includes('bodyBytes'),
    )
    expect(long.text).toMatch(/^HTTP\/1\.1 413 /)
    const head = post(QUERY, { Expect: '100-continue', Connection: 'close' }).slice(0, -QUERY.length)
    const { text: heard } = await talk(url, head, undefined, QUERY)
    expect(heard).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/)
    expect(heard).toContain(ANSWER)
  })

  test('sent in chunks is read, and in another coding refused', async () => {
    const chunks = `${QUERY.length.toString(16)}\r\n${QUERY}\r\n0\r\n\r\n`
    expect((await talk(url, inCoding('chunked') + chunks)).text).toMatch(/^HTTP\/1\.1 200 /)
    expect((await talk(url, inCoding('Chunked') + chunks)).text).toMatch(/^HTTP\/1\.1 200 /)
    const { text: heard } = await talk(url, inCoding('gzip, chunked') + chunks)
    expect(heard).toMatch(/^HTTP\/1\.1 501 /)
    expect(heard).toContain('not as \\"gzip, chunked\\"')
  })
})

describe('a method', () => {
  test('HEAD is answered as GET is, without a body', async () => {
    const get = await send('GET', {}, undefined, '?query={__typename}')
    const head = await send('HEAD', {}, undefined, '?query={__typename}')
    expect(head.status).toBe(200)
    expect(head.content).toBe('')
    for (const name of ['content-type', 'content-length']) expect(head.headers[name]).toBe(get.headers[name])
    expect((await send('HEAD')).status).toBe((await send('GET')).status)
    expect(await send('HEAD', {}, undefined, '?query=mutation{__typename}')).toMatchObject({ status: 405 })
  })

  test('OPTIONS lists them', async () => {
    const { status, headers, content } = await send('OPTIONS')
    expect({ status, allow: headers['allow'], content }).toEqual({
      status: 204,
      allow: 'GET, HEAD, POST, OPTIONS',
      content: '',
    })
    expect(headers['access-control-allow-origin']).toBeUndefined()
    expect(
      (await talk(url, 'OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')).text,
    ).toMatch(/^HTTP\/1\.1 204 [\s\S]*Allow: GET, HEAD, POST, OPTIONS/)
  })

  test.each(['PUT', 'DELETE', 'PATCH', 'PROPFIND', 'QUERY', 'TRACE'])(
    '%s is refused, whatever is accepted',
    async (method) => {
      for (const accept of ['*/*', 'image/png']) {
        const { status, headers, error } = await send(method, { Accept: accept })
        expect(status).toBe(405)
        expect(headers['allow']).toBe('GET, HEAD, POST, OPTIONS')
        expect(error.extensions).toEqual({ code: 'METHOD_NOT_ALLOWED' })
      }
    },
  )
})

describe('an address', () => {
  test.each(['', '/', '?a=b&', '/?'])('…/graphql%s is answered', async (behind) => {
    const query = behind.includes('?') ? 'query={__typename}' : '?query={__typename}'
    expect(await send('GET', {}, undefined, behind + query)).toMatchObject({ status: 200 })
  })

  test.each(['/x', '//', '/health', 'x', '/../graphql/x', '%2F'])('…/graphql%s is not', async (behind) => {
    const { status, error } = await send('GET', {}, undefined, `${behind}?query={__typename}`)
    expect(status).toBe(404)
    expect(error.message).toContain('GraphQL is at /graphql')
  })

  test.each(['/x/graphql', '/?a=/graphql', '/x/health', '//graphql', '/GraphQL', '*'])(
    '%s is not',
    async (target) => {
      const { text: heard } = await talk(
        url,
        `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      )
      expect(heard).toMatch(/^HTTP\/1\.1 404 /)
    },
  )

  test('whole, as proxies send it, is answered', async () => {
    const target = 'http://localhost/graphql?query=%7B__typename%7D'
    const { text: heard } = await talk(
      url,
      `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    )
    expect(heard).toContain(ANSWER)
  })

  test('of health is answered to GET and HEAD alone', async () => {
    const health = new URL('/health?now', url)
    expect((await fetch(health)).status).toBe(200)
    expect((await fetch(health, { method: 'HEAD' })).status).toBe(200)
    expect((await fetch(health, { method: 'POST' })).status).toBe(405)
  })
})

describe('what a request has twice', () => {
  test.each([
    ['Host', 'other.example'],
    ['Content-Type', 'text/plain'],
    ['Authorization', 'Bearer x'],
    ['Content-Encoding', 'gzip'],
  ])('is refused where one of them is to be believed (%s)', async (name, value) => {
    const twice = post(QUERY, {
      Authorization: 'Bearer y',
      'Content-Encoding': 'identity',
      Connection: 'close',
    }).replace('\r\n\r\n', `\r\n${name}: ${value}\r\n\r\n`)
    const { text: heard } = await talk(url, twice)
    expect(heard).toMatch(/^HTTP\/1\.1 400 /)
    expect(heard).toContain(`\\"${name.toLowerCase()}\\" more than once`)
  })

  test('is joined if that means the same (Accept)', async () => {
    const twice = post(QUERY, { Accept: 'text/plain', Connection: 'close' }).replace(
      '\r\n\r\n',
      '\r\nAccept: application/json\r\n\r\n',
    )
    expect((await talk(url, twice)).text).toMatch(/^HTTP\/1\.1 200 /)
  })

  test('is rejected by HTTP itself if the length of the body is ambiguous', async () => {
    const length = post(QUERY, { Connection: 'close' }).replace('\r\n\r\n', '\r\nContent-Length: 1\r\n\r\n')
    expect((await talk(url, length)).text).toMatch(/^HTTP\/1\.1 400 /)
    const both = post(QUERY, { Connection: 'close', 'Transfer-Encoding': 'chunked' })
    expect((await talk(url, both)).text).toMatch(/^HTTP\/1\.1 400 /)
  })
})

test.each(['a b', '[::', 'localhost:99999999', 'x'.repeat(300)])(
  'a host that is none (%s) is no internal error',
  async (host) => {
    const open = await serving({ insecure: true, host: '127.0.0.1' })
    const { text: heard } = await talk(
      open.url,
      `GET /graphql?query={__typename} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    )
    expect(heard).toMatch(/^HTTP\/1\.1 (200|400) /)
  },
)

describe('an answer in parts', () => {
  const parts = { Accept: 'multipart/mixed' }
  const events = { Accept: 'text/event-stream' }

  test.each([parts, events])('ends the connection where that is asked for (%j)', async (accept) => {
    const { text: heard, isEnded } = await talk(url, post(DEFERRED, { ...accept, Connection: 'close' }))
    expect(isEnded).toBe(true)
    expect(heard).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(heard).toMatch(/\r\nConnection: close\r\n/i)
    expect(heard).not.toMatch(/keep-alive|content-encoding/i)
    expect(heard).toContain('"text":')
  })

  test.each([parts, events])('is not sent in chunks to clients of HTTP/1.0 (%j)', async (accept) => {
    const { text: heard, isEnded } = await talk(url, post(DEFERRED, accept, '1.0'))
    expect(isEnded).toBe(true)
    expect(heard).not.toMatch(/transfer-encoding/i)
    const body = heard.slice(heard.indexOf('\r\n\r\n') + 4)
    expect(body).toMatch(
      accept === parts ? /^\r\n---\r\n[\s\S]*\r\n-----\r\n$/ : /^:\n\n[\s\S]*event: complete\ndata:\n\n$/,
    )
  })

  test('otherwise leaves the connection open for the next request', async () => {
    const two = post(DEFERRED, parts) + post(QUERY, { Connection: 'close' })
    const { text: heard, isEnded } = await talk(url, two)
    expect(isEnded).toBe(true)
    expect(heard).toMatch(
      /^HTTP\/1\.1 200 OK\r\n[\s\S]*transfer-encoding: chunked[\s\S]*--\r\n\r\n0\r\n\r\nHTTP\/1\.1 200 OK\r\n/i,
    )
    expect(heard).toContain(ANSWER)
  })

  test('is cancelled if its client has disconnected before it begins, or needs no body', async () => {
    for (let i = 0; i < 20; i++) {
      const many = post(DEFERRED, i % 2 === 0 ? parts : events).repeat(1 + (i % 5))
      await talk(url, many, (heard) => i % 4 < 2 || heard !== '')
      const query = encodeURIComponent(JSON.parse(DEFERRED).query)
      expect(await send('HEAD', i % 2 === 0 ? parts : events, undefined, `?query=${query}`)).toMatchObject({
        status: 200,
      })
    }
    expect((await fetch(new URL('/health', url))).status).toBe(200)
  })

  test('is cancelled with its work when its client disconnects', async () => {
    const { text: heard } = await talk(url, post(DEFERRED, parts), (so) => so.includes('"hasNext":true'))
    expect(heard).toContain('"hasNext":true')
    expect((await fetch(new URL('/health', url))).status).toBe(200)
  })
})

describe('many requests at once on one connection', () => {
  test('are answered in their order, one after the other', async () => {
    const requests = Array.from({ length: 50 }, (_, i) =>
      post(JSON.stringify({ query: `{ a${i}: __typename }` })),
    )
    const last = post(QUERY, { Connection: 'close' })
    const { text: heard } = await talk(url, requests.join('') + last)
    expect([...heard.matchAll(/"a(\d+)":"Query"/g)].map(([, i]) => Number(i))).toEqual([...requests.keys()])
    expect(heard).toContain(ANSWER)
  })

  test('are too many above 100: the connection is cut off', async () => {
    const { text: heard, isEnded } = await talk(
      url,
      'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(10_000),
    )
    expect(isEnded).toBe(true)
    expect(heard.split('HTTP/1.1 200').length).toBeLessThan(5000)
    expect((await fetch(new URL('/health', url))).status).toBe(200)
  })
})

test('a short answer ends the connection where that is asked for, and with HTTP/1.0', async () => {
  for (const request of [
    post(QUERY, { Connection: 'close' }),
    post(QUERY, {}, '1.0'),
    post(QUERY, { Connection: 'Close' }),
  ]) {
    const { text: heard, isEnded } = await talk(url, request)
    expect(isEnded).toBe(true)
    expect(heard).toContain(ANSWER)
  }
})

describe('what a client accepts', () => {
  const JSON_TYPE = 'application/json; charset=utf-8'
  const GRAPHQL_TYPE = 'application/graphql-response+json; charset=utf-8'
  test.each([
    [undefined, JSON_TYPE],
    ['*/*', JSON_TYPE],
    ['application/*', JSON_TYPE],
    ['application/json', JSON_TYPE],
    ['APPLICATION/JSON', JSON_TYPE],
    ['application/graphql-response+json', GRAPHQL_TYPE],
    ['application/json;q=0.5, application/graphql-response+json', GRAPHQL_TYPE],
    ['application/json, application/graphql-response+json;q=0.9', JSON_TYPE],
    ['application/graphql-response+json, application/json;q=0.9', GRAPHQL_TYPE],
    ['application/graphql-response+json; q=0.2, application/json; q=0.1', GRAPHQL_TYPE],
    ['application/json;q=0, */*', GRAPHQL_TYPE],
    ['*/*;q=0.1, application/graphql-response+json;q=0', JSON_TYPE],
    ['image/png, */*;q=0.1', JSON_TYPE],
    ['application/json;q=0, application/*;q=0.3', GRAPHQL_TYPE],
  ])('%s is answered as %s', async (accept, type) => {
    const { status, headers } = await sendJson(accept === undefined ? {} : { Accept: accept })
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type })
  })

  test.each([
    'image/png',
    'application/json;q=0',
    '*/*;q=0',
    'text/html',
    'application/json; charset=latin1',
  ])('%s cannot be answered, and is told what can', async (accept) => {
    const { status, error } = await sendJson({ Accept: accept })
    expect(status).toBe(406)
    expect(error.message).toContain('application/json, application/graphql-response+json')
  })

  test.each([
    ['multipart/mixed, text/event-stream;q=0.5', 'multipart/mixed'],
    ['text/event-stream, multipart/mixed;q=0.5', 'text/event-stream'],
    ['multipart/mixed;deferSpec=20220824, application/json', 'multipart/mixed'],
    ['multipart/mixed;q=0, application/json', 'application/json'],
  ])('%s has parts as %s', async (accept, type) => {
    const { headers } = await sendJson({ Accept: accept }, DEFERRED)
    expect(headers['content-type']).toMatch(type)
  })
})
