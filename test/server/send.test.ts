import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { listen } from '../../src/server/http.ts'
import { send } from '../../src/server/send.ts'
import { staticPage } from '../../src/server/static-page.ts'
import { serving } from '../api/serving.ts'
import { patience } from '../patience.ts'

const GET = 'GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n'

/** More than the system keeps of what nobody reads. */
const LONG = 20e6

const endless = () => {
  const made = { bytes: 0, isCancelled: false }
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      made.bytes += 100_000
      controller.enqueue(new Uint8Array(100_000))
    },
    cancel() {
      made.isCancelled = true
    },
  })
  return { made, body }
}

/** Serves one answer to everybody who connects, and cuts off whoever reads nothing for 300 ms. */
async function servingAnswer(answer: () => Response) {
  const closed: Promise<unknown>[] = []
  const server = await listen(
    (_request, response) => {
      closed.push(once(response, 'close').then(() => response.writableFinished))
      void send(answer(), response, 300)
    },
    '127.0.0.1',
    0,
    { drain: 100, stall: 3_000_000 },
  )
  return { server, closed }
}

async function unreadConnection(port: number) {
  const socket = connect(port, '127.0.0.1').pause()
  socket.on('error', () => {})
  socket.write(GET)
  await once(socket, 'connect')
  return socket
}

describe('a client that does not read its answer is disconnected, for any kind of answer', () => {
  test.each<[string, () => Response]>([
    ['JSON', () => Response.json('x'.repeat(LONG))],
    ['a page', () => new Response(new Uint8Array(LONG), { headers: { 'Content-Type': 'text/html' } })],
    [
      'parts',
      () => new Response(endless().body, { headers: { 'Content-Type': 'multipart/mixed; boundary="-"' } }),
    ],
    ['events', () => new Response(endless().body, { headers: { 'Content-Type': 'text/event-stream' } })],
  ])('%s', async (_what, answer) => {
    const { server, closed } = await servingAnswer(answer)
    const socket = await unreadConnection(server.port)
    await expect.poll(() => closed.length, { timeout: patience(5000) }).toBe(1)
    expect(await closed[0]).toBe(false)
    socket.destroy()
    await server.close()
  })

  test('and parts that nobody reads are not made', async () => {
    const { made, body } = endless()
    const { server, closed } = await servingAnswer(() => new Response(body))
    const socket = await unreadConnection(server.port)
    await expect.poll(() => closed.length, { timeout: patience(5000) }).toBe(1)
    await closed[0]
    // What the system keeps of it, for both ends.
    expect(made.bytes).toBeLessThan(16e6)
    await expect.poll(() => made.isCancelled).toBe(true)
    socket.destroy()
    await server.close()
  })

  test('but not one that reads slowly', async () => {
    const { server } = await servingAnswer(() => new Response(new Uint8Array(LONG)))
    const socket = await unreadConnection(server.port)
    let read = 0
    socket.on('data', (chunk) => {
      read += chunk.length
      socket.pause()
    })
    for (let i = 0; i < 40 && !socket.closed; i++) {
      socket.resume()
      await pause(30)
    }
    expect(socket.closed).toBe(false)
    const before = read
    socket.resume()
    await expect.poll(() => read).toBeGreaterThan(before)
    socket.destroy()
    await server.close()
  })
})

test('many clients that read nothing share one page, and use no more memory', async () => {
  const page = staticPage(async () => 'x'.repeat(10e6))
  const before = process.memoryUsage()
  const { server } = await servingAnswer(() => new Response(null))
  await server.close()
  const answers = await listen(
    async (_request, response) => send(await page.answer(new Headers(), Response), response, 60_000),
    '127.0.0.1',
    0,
    { drain: 100 },
  )
  const sockets = await Promise.all(Array.from({ length: 60 }, () => unreadConnection(answers.port)))
  await pause(1000)
  const after = process.memoryUsage()
  // 600 MB, were there a copy for each.
  expect(after.heapUsed + after.external - before.heapUsed - before.external).toBeLessThan(100e6)
  for (const socket of sockets) socket.destroy()
  await answers.close()
})

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

describe('GraphiQL’s page', async () => {
  const { url } = await serving({ production: false })
  const get = (headers: Record<string, string> = {}, method = 'GET') =>
    fetch(url, { method, headers: { Accept: 'text/html', ...headers } })
  /** As it goes over the wire. */
  const raw = async (encoding: string) => {
    const { port } = new URL(url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(
      `GET /graphql HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nAccept-Encoding: ${encoding}\r\nConnection: close\r\n\r\n`,
    )
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk as Buffer)
    const all = Buffer.concat(chunks)
    const end = all.indexOf('\r\n\r\n')
    return { head: all.subarray(0, end).toString(), body: all.subarray(end + 4) }
  }
  const plain = await raw('identity')

  test.each([
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ] as const)('is compressed where that can be read (%s)', async (encoding, decompress) => {
    for (const accepted of [encoding, `${encoding};q=0.5, x`, encoding.toUpperCase()]) {
      const { head, body } = await raw(accepted)
      expect(head).toMatch(new RegExp(`content-encoding: ${encoding}`, 'i'))
      expect(head).toMatch(/vary: accept, accept-encoding/i)
      expect(body.length).toBeLessThan(plain.body.length / 3)
      expect(digest(decompress(body))).toBe(digest(plain.body))
    }
  })

  test.each(['identity', '', 'br;q=0, gzip;q=0', 'compress', '*;q=0'])(
    'is sent as it is otherwise (%s)',
    async (accepted) => {
      const { head, body } = await raw(accepted)
      expect(head).not.toMatch(/content-encoding/i)
      expect(digest(body)).toBe(digest(plain.body))
    },
  )

  test('is not sent again to a client that has it', async () => {
    const first = await get()
    const etag = first.headers.get('etag')!
    await first.arrayBuffer()
    expect(first.headers.get('cache-control')).toBe('private, no-cache')
    const again = await get({ 'If-None-Match': `"other", W/${etag}` })
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag])
    const other = await get({ 'If-None-Match': '"other"' })
    expect(other.status).toBe(200)
    await other.arrayBuffer()
  })

  test('has a HEAD', async () => {
    const head = await get({}, 'HEAD')
    expect([head.status, await head.text()]).toEqual([200, ''])
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(100_000)
  })

  test.each([
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/html'],
    ['text/html', 'text/html'],
    ['TEXT/HTML', 'text/html'],
    ['*/*', 'application/json'],
    ['application/json, text/html;q=0.9', 'application/json'],
    ['text/html;q=0, */*', 'application/json'],
    ['text/*', 'text/event-stream'],
  ])('is for whom wants HTML most (%s)', async (accept, type) => {
    const response = await fetch(`${url}?query={__typename}`, { headers: { Accept: accept } })
    await response.arrayBuffer()
    expect(response.headers.get('content-type')).toContain(type)
  })
})
