import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { pino } from 'pino'
import { afterAll, describe, expect, test } from 'vitest'
import { templateExplainer } from '../../src/explanations/explainer.ts'
import { createHandler } from '../../src/server/handler.ts'
import { listen } from '../../src/server/http.ts'
import { limitsOf } from '../../src/server/limits.ts'
import { requestId } from '../../src/server/response-headers.ts'
import { ALL_SCOPES } from '../../src/store/scope.ts'
import { all, partsOf } from '../api/parts.ts'
import { smallRecommender } from '../api/shop.ts'
import { attackDrain } from '../attack/drain.ts'
import { patience } from '../patience.ts'

test('SIGTERM under load loses nothing that 16 connections kept alive ask', {
  timeout: 120_000,
}, async () => {
  const { lost, afterSignal, exitCode } = await attackDrain(16)
  expect(lost).toEqual([])
  // Each is answered at least once more.
  expect(afterSignal).toBeGreaterThanOrEqual(16)
  expect(exitCode).toBe(0)
})

const KEPT_ALIVE = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'

/** A connection that is kept, and what came over it. */
async function keptConnection(port: number) {
  const socket = connect(port, '127.0.0.1')
  const heard = { text: '', isEnded: false }
  socket.on('data', (chunk) => (heard.text += chunk.toString()))
  socket.on('close', () => (heard.isEnded = true))
  await once(socket, 'connect')
  return { socket, heard }
}

const ANSWERING: RequestListener = (_request, response) => response.end(`answer to ${requestId()}`)

describe('a server that is closed', () => {
  test('answers a connection that asks a moment later, for the last time, under the id it says', async () => {
    const server = await listen(ANSWERING, '127.0.0.1', 0, { drain: patience(5000) })
    const { socket, heard } = await keptConnection(server.port)
    socket.write(KEPT_ALIVE)
    await expect.poll(() => heard.text).toContain('answer')
    expect(heard.text).toMatch(/Connection: keep-alive/)
    const closing = server.close()
    await pause(100)
    heard.text = ''
    socket.write(KEPT_ALIVE)
    await closing
    await expect.poll(() => heard.isEnded).toBe(true)
    expect(heard.text).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*Connection: close\r\n/)
    const [, id] = /X-Request-Id: (\S+)/.exec(heard.text)!
    expect(heard.text).toContain(`answer to ${id}`)
  })

  test('does not wait for silent connections, even if they never sent anything', async () => {
    const server = await listen(ANSWERING, '127.0.0.1', 0, { drain: 60_000 })
    const idle = await Promise.all([keptConnection(server.port), keptConnection(server.port)])
    idle[0].socket.write(KEPT_ALIVE)
    await expect.poll(() => idle[0].heard.text).toContain('answer')
    const began = performance.now()
    await server.close()
    expect(performance.now() - began).toBeLessThan(patience(5000))
    await expect.poll(() => idle.every(({ heard }) => heard.isEnded)).toBe(true)
  })

  test('accepts new connections until all connected clients have been told, and none after that', async () => {
    const release = Promise.withResolvers<void>()
    const server = await listen(
      async (request, response) => {
        if (request.url === '/slow') await release.promise
        response.end('answer')
      },
      '127.0.0.1',
      0,
      { drain: 60_000 },
    )
    const { socket, heard } = await keptConnection(server.port)
    socket.write(KEPT_ALIVE.replace('/', '/slow'))
    await pause(100)
    const closing = server.close()
    await pause(600)
    const late = await fetch(`http://127.0.0.1:${server.port}/`)
    expect([late.status, late.headers.get('connection')]).toEqual([200, 'close'])
    release.resolve()
    await closing
    await expect.poll(() => heard.text).toMatch(/Connection: close[\s\S]*answer$/)
    await expect(fetch(`http://127.0.0.1:${server.port}/`)).rejects.toThrow('fetch failed')
  })
})

describe('what comes in parts', async () => {
  const recommender = await smallRecommender()
  afterAll(() => recommender.close())
  const template = templateExplainer()

  test.each([
    ['parts', 'query', 'multipart/mixed'],
    ['parts of the newer format', 'query', 'multipart/mixed; incrementalSpec=v0.2'],
    ['events', 'subscription', 'text/event-stream'],
  ])('ends with a last part when the server stops (%s)', async (_what, kind, accept) => {
    const handler = await createHandler(
      {
        recommender,
        // Never done.
        explainer: { ...template, explain: () => new Promise<never>(() => {}) },
        logger: pino({ level: 'silent' }),
      },
      {
        endpoint: '/graphql',
        introspection: false,
        trustProxy: 0,
        token: null,
        corsOrigins: [],
        audience: 'rationale',
        graphiql: false,
        requireKeys: false,
        keyless: ALL_SCOPES,
        limits: limitsOf(),
      },
    )
    const server = createServer(handler).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const query =
      kind === 'query'
        ? `{ customer(externalId: "customer-3") { ... on Customer { recommendations(first: 2) {
             edges { node { rank ... @defer { explanation { text } } } } } } } }`
        : 'subscription { explanationStream(externalId: "customer-3", first: 2) { explanation { text } } }'
    const url = `http://127.0.0.1:${port}/graphql`
    const parts = all(partsOf(url, query, { accept }))
    await pause(300)
    handler.stopIn(0.2)
    expect((await parts).at(-1)).toMatchObject({
      errors: [{ extensions: { code: 'SERVER_STOPPING' } }],
      hasNext: false,
    })
    // What begins now ends at once as well.
    const late = await all(partsOf(url, query, { accept }))
    expect(JSON.stringify(late)).toContain('SERVER_STOPPING')
    server.close()
  })
})
