import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { pino } from 'pino'
import { afterAll, describe, expect, test } from 'vitest'
import type { Kernels } from '../../src/kernels/kernels.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { listen } from '../../src/server/http.ts'
import { startServer } from '../../src/server/server.ts'
import { smallRecommender } from '../api/shop.ts'

const logger = pino({ level: 'silent' })
const recommender = await smallRecommender()
afterAll(() => recommender.close())

const start = (port: number, host = '127.0.0.1') =>
  startServer({ recommender, host, port, production: true, insecure: host !== '127.0.0.1', logger })

describe('a server', () => {
  test('picks a free port and says which', async () => {
    const server = await start(0)
    expect(server.url).toBe(`http://127.0.0.1:${server.port}/graphql`)
    const response = await fetch(`${server.url}?query={__typename}`)
    expect(await response.json()).toMatchObject({ data: { __typename: 'Query' } })
    await server.close()
  })

  test('says that it is healthy, and with which model', async () => {
    const server = await start(0)
    const response = await fetch(new URL('/health', server.url))
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ status: 'ok', modelVersion: recommender.model.version })
    await server.close()
  })

  test.each([
    ['answers', async () => '1', 200, { status: 'ready' }],
    ['cannot be used', () => Promise.reject(new Error('gone')), 503, { reason: 'the store cannot be used' }],
    [
      'does not answer',
      () => new Promise<string>(() => {}),
      503,
      { reason: 'the store does not answer within 1000 ms' },
    ],
  ])('says at /ready whether its store %s', async (_what, version, status, said) => {
    const server = await startServer({ recommender, port: 0, logger, store: { version } })
    const response = await fetch(new URL('/ready', server.url))
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ ...said, modelVersion: recommender.model.version })
    expect((await fetch(new URL('/ready', server.url), { method: 'POST' })).status).toBe(405)
    expect((await fetch(new URL('/health', server.url))).status).toBe(200)
    await server.close()
  })

  test('does not start on a port that is in use, and says what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    await expect(start(port)).rejects.toThrow(
      `Cannot listen on 127.0.0.1:${port}: another program uses this port: stop it, or choose another port`,
    )
    other.close()
  })

  test('does not start on an address that is not this machine’s', async () => {
    await expect(start(0, '192.0.2.1')).rejects.toThrow('Cannot listen on 192.0.2.1:0: ')
  })

  test('answers 408 where a request does not arrive in time', async () => {
    const server = await listen((request) => request.resume(), '127.0.0.1', 0, { drain: 50, receive: 100 })
    const socket = connect(server.port, '127.0.0.1')
    socket.write('POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"query":')
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /)
    await server.close()
  })

  test('cuts a client off that does not read its answer', async () => {
    const closed = Promise.withResolvers<boolean>()
    const answer = Buffer.alloc(100e6)
    const server = await listen(
      (_request, response) => {
        response.on('close', () => closed.resolve(response.writableFinished))
        response.end(answer)
      },
      '127.0.0.1',
      0,
      { drain: 50, stall: 200 },
    )
    const socket = connect(server.port, '127.0.0.1').pause()
    socket.on('error', () => {})
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    expect(await closed.promise).toBe(false)
    socket.destroy()
    await server.close()
  })

  test('waits with its client for an answer, and for the parts of one, however long that takes', async () => {
    const server = await listen(
      async (_request, response) => {
        await pause(500)
        response.write('one')
        await pause(500)
        response.end(', two')
      },
      '127.0.0.1',
      0,
      { drain: 50, stall: 200 },
    )
    const response = await fetch(`http://127.0.0.1:${server.port}/`)
    expect(await response.text()).toBe('one, two')
    await server.close()
  })

  test('that listens on all addresses names itself localhost', async () => {
    const server = await start(0, '0.0.0.0')
    expect(server.url).toBe(`http://localhost:${server.port}/graphql`)
    await server.close()
  })
})

describe('closing a server', () => {
  const query = '{"query":"{ recommend(input: { history: [{ sku: \\"sku-1\\" }] }) { __typename } }"}'
  const ask = (url: string) =>
    fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: query })

  test('waits for the running request, still answers requests in between, and then none', async () => {
    const { kernels, asked, release } = held(referenceKernels())
    const slow = await smallRecommender(kernels)
    const server = await startServer({
      recommender: slow,
      host: '127.0.0.1',
      port: 0,
      production: true,
      logger,
    })
    const answer = ask(server.url)
    await asked
    let closed = false
    const closing = server.close().then(() => (closed = true))
    const other = await fetch(`${server.url}?query={__typename}`)
    expect(await other.json()).toMatchObject({ data: { __typename: 'Query' } })
    const ready = await fetch(new URL('/health', server.url))
    expect(ready.status).toBe(503)
    expect(await ready.json()).toEqual({ status: 'stopping', modelVersion: slow.model.version })
    expect(closed).toBe(false)
    release()
    expect(await (await answer).json()).toMatchObject({
      data: { recommend: { __typename: 'RecommendationConnection' } },
    })
    for (const { headers } of [other, ready, await answer]) expect(headers.get('connection')).toBe('close')
    await closing
    await expect(ask(server.url)).rejects.toThrow('fetch failed')
    slow.close()
  })

  test('cuts off a request that outlasts the limit', async () => {
    const asked = Promise.withResolvers<void>()
    const server = await listen(() => asked.resolve(), '127.0.0.1', 0, { drain: 50 })
    const failure = ask(`http://127.0.0.1:${server.port}/graphql`).catch((error: Error) => error.message)
    await asked.promise
    await server.close()
    expect(await failure).toBe('fetch failed')
  })

  test('twice is once', async () => {
    const server = await start(0)
    await server.close()
    await server.close()
  })

  test('does not wait for connections that are kept alive', async () => {
    const server = await start(0)
    await (await ask(server.url)).text()
    const began = performance.now()
    await server.close()
    // Kept alive for five seconds by Node.
    expect(performance.now() - began).toBeLessThan(4500)
  })
})

/** The real kernels, whose answers wait until they are released. */
function held(kernels: Kernels): { kernels: Kernels; asked: Promise<void>; release: () => void } {
  const asked = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const waiting: Kernels = {
    ...kernels,
    *openVectorsInPieces(vectors) {
      const index = yield* kernels.openVectorsInPieces(vectors)
      return {
        async topK(query) {
          asked.resolve()
          await released.promise
          return index.topK(query)
        },
        close: () => index.close(),
      }
    },
  }
  return { kernels: waiting, asked: asked.promise, release: released.resolve }
}
