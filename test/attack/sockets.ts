import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { Command, Option } from 'commander'
import { pino } from 'pino'
import { wholeNumber } from '../../src/cli/options.ts'
import { startServer } from '../../src/server/server.ts'
import { smallRecommender } from '../api/shop.ts'

/** How long a connection may stay open on which nobody reads what there is, or sends what is missing, in seconds. */
const OPEN_AT_MOST = 45

/** Of this process, client and server, for all connections together. */
const MEGABYTES_AT_MOST = 150

const post = (body: string, headers = '') =>
  `POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`

const LONG = JSON.stringify({
  query: `{ ${Array.from({ length: 10 }, (_, i) => `a${i}: products(first: 49) { edges { node { id sku name category } cursor } }`).join(' ')} }`,
})
const IN_PARTS = JSON.stringify({
  query: `{ recommend(input: { history: [{ sku: "sku-1" }] }, first: 20) { ... on RecommendationConnection {
    edges { node { rank ... @defer { explanation { text } } } } } } }`.replaceAll('\n', ' '),
})

/** What is sent by who then reads nothing. */
const UNREAD: Readonly<Record<string, string>> = {
  "GraphiQL's page": 'GET /graphql HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n',
  "GraphiQL's page, compressed":
    'GET /graphql HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nAccept-Encoding: br\r\n\r\n'.repeat(20),
  'a thousand long answers': post(LONG).repeat(1000),
  'a thousand answers in parts': post(IN_PARTS, 'Accept: multipart/mixed\r\n').repeat(1000),
  'ten thousand short answers': 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(10_000),
  'nothing at all': '',
  'half a request': 'POST /graphql HTTP/1.1\r\nHost: loc',
  'half a body': post(LONG).slice(0, -10),
}

export const sockets = new Command('sockets')
  .description(
    'asks over many connections and reads nothing, and looks what is kept for them, and for how long',
  )
  .addOption(new Option('--connections <n>', 'of each kind').argParser(wholeNumber(1, 200)).default(20))
  .addHelpText('after', '\nExample:\n  npm run attack -- sockets')
  .action(async ({ connections }: { connections: number }) => {
    const { megabytes, seconds } = await attackSockets(connections)
    console.log(`${connections} connections of each kind: ${megabytes.toFixed(0)} MB more at the most`)
    for (const [kind, open] of Object.entries(seconds)) console.log(`  ${kind}: closed after ${open} s`)
    if (megabytes <= MEGABYTES_AT_MOST && Object.values(seconds).every((open) => open <= OPEN_AT_MOST)) return
    console.error(`More than ${MEGABYTES_AT_MOST} MB, or open for more than ${OPEN_AT_MOST} s.`)
    process.exitCode = 1
  })

/** @returns how much more memory was in use, and when the last connection of each kind was closed */
export async function attackSockets(connections: number) {
  const recommender = await smallRecommender()
  const server = await startServer({
    recommender,
    host: '127.0.0.1',
    port: 0,
    production: false,
    insecure: true,
    logger: pino({ level: 'silent' }),
    limits: { rateLimit: null },
  })
  // The page is made once, and compressed once, whoever asks for it.
  for (const encoding of ['identity', 'br'])
    await (
      await fetch(server.url, { headers: { Accept: 'text/html', 'Accept-Encoding': encoding } })
    ).arrayBuffer()
  const before = megabytesUsed()
  const began = performance.now()
  // Of the server's ends: who reads nothing does not hear of the other's.
  const seconds: Record<string, number> = {}
  const traffic = { open: 0 }
  const seen = (message: unknown) => {
    const { socket } = message as { socket: Socket }
    const port = socket.remotePort!
    traffic.open++
    socket.once('close', () => {
      traffic.open--
      const kind = kinds.get(port)
      if (kind !== undefined) seconds[kind] = Math.round((performance.now() - began) / 1000)
    })
  }
  subscribe('net.server.socket', seen)
  const kinds = new Map<number, string>()
  const clients: Socket[] = []
  try {
    for (const [kind, sent] of Object.entries(UNREAD)) {
      seconds[kind] = Infinity
      for (let i = 0; i < connections; i++) {
        const socket = connect(server.port, '127.0.0.1').pause()
        clients.push(socket)
        socket.on('error', () => {})
        socket.once('connect', () => {
          kinds.set(socket.localPort!, kind)
          socket.write(sent)
        })
      }
    }
    let megabytes = 0
    do {
      await pause(500)
      megabytes = Math.max(megabytes, megabytesUsed() - before)
    } while (traffic.open > 0 && performance.now() - began < 1000 * (OPEN_AT_MOST + 10))
    return { megabytes, seconds }
  } finally {
    unsubscribe('net.server.socket', seen)
    for (const socket of clients) socket.destroy()
    await server.close()
    recommender.close()
  }
}

function megabytesUsed(): number {
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 2 ** 20
}
