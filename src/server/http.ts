import { AsyncResource } from 'node:async_hooks'
import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net'
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises'
import { answerHeaders, withRequestId } from './response-headers.ts'
import { refuseHead } from './request-head.ts'
import { STALL_LIMIT } from './send.ts'

/** Time limits, in milliseconds. */
export interface Timeouts {
  /** How long `close` waits for running requests. */
  readonly drain: number
  /** How long a request may take to arrive; then it is answered 408. */
  readonly receive: number
  /** How long a client may leave an answer unread; then it is disconnected. */
  readonly stall: number
}

export interface HttpServer {
  readonly port: number
  /** Whether close() has been called. */
  isStopping(): boolean
  /**
   * Stops without losing requests that have already been sent. Every answer from now on closes its connection. The port
   * is released once all connected clients have had such an answer, at the latest after half of `Timeouts.drain`.
   * Requests that are still running then may continue until the end of `Timeouts.drain`.
   */
  close(): Promise<void>
}

/** When a server is closed, a connection without traffic for this many milliseconds counts as idle. */
const IDLE = 250

/** A connection that has brought no request yet: one is probably on its way, from a client that is slow or busy. */
const IDLE_BEFORE_FIRST = 2000

/**
 * Serves `handle` over HTTP/1.1.
 * @param port  0 picks a free one
 * @throws {Error} if the port is in use or the host is not an address of this machine
 */
export async function listen(
  handle: RequestListener,
  host: string,
  port: number,
  { drain = 10_000, receive = 10_000, stall = STALL_LIMIT }: Partial<Timeouts> = {},
): Promise<HttpServer> {
  const timeouts = {
    requestTimeout: receive,
    headersTimeout: receive,
    connectionsCheckingInterval: receive / 10,
  }
  const traffic = new Traffic()
  const gate = new Gate()
  const queues = new RequestQueues()
  let stopping = false
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    traffic.began(response)
    if (stopping) response.setHeader('Connection', 'close')
    withRequestId((id) => {
      response.setHeaders(answerHeaders(id))
      // A client that waits for an answer has nothing to read: only unread answers count.
      response.on('timeout', (socket) => {
        if (socket.writableLength > 0) socket.destroy()
      })
      queues.add(response, () => {
        if (!refuseHead(request, response)) gate.pass(() => handle(request, response))
      })
    })
  }
  const server = createServer(timeouts, serve)
  // `Expect: 100-continue`: `request-body.ts` sends the 100; a request that it refuses gets its final answer.
  server.on('checkContinue', serve)
  server.on('connection', (socket) => traffic.connected(socket))
  server.setTimeout(stall)
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw listenError(cause as NodeJS.ErrnoException, host, port)
  }
  let closed: Promise<void> | undefined
  return {
    port: (server.address() as AddressInfo).port,
    isStopping: () => stopping,
    close() {
      stopping = true
      closed ??= close(server, traffic, gate, drain)
      return closed
    },
  }
}

async function close(server: Server, traffic: Traffic, gate: Gate, drain: number): Promise<void> {
  const began = performance.now()
  traffic.lastAnswers()
  // Requests are still answered here, with `Connection: close`, so that all clients are asked to disconnect.
  const connected = traffic.sockets()
  while (!traffic.isIdle(connected) && performance.now() - began < drain / 2) await pause(IDLE / 10)
  gate.hold()
  await betweenEvents(traffic)
  // Not `close` of the HTTP server: it destroys connections between two requests, even if a request is arriving.
  const ended = once(server, 'close')
  NetServer.prototype.close.call(server)
  gate.open()
  while (traffic.connections > 0 && performance.now() - began < drain) {
    await traffic.closeIdle()
    await pause(IDLE / 10)
  }
  server.closeAllConnections()
  await ended
  // Stops the timer that checks connections.
  server.close()
}

/**
 * Waits for a turn of the event loop without events. Connections that are not accepted yet are lost when the port is
 * released, so this is done right after all have been accepted. The wait is short, because clients of held requests send
 * nothing.
 */
async function betweenEvents(traffic: Traffic): Promise<void> {
  for (const end = performance.now() + IDLE; performance.now() < end; ) {
    const { events } = traffic
    await turn()
    if (traffic.events === events) return
  }
}

/** The most requests of one connection that may wait for earlier ones. */
const MOST_WAITING = 100

/**
 * Handles one request at a time on each connection. They are answered in order anyway, and for a client that sends many
 * at once ("pipelining") and reads no answer, all answers would be computed and kept in memory.
 */
class RequestQueues {
  readonly #waiting = new Map<Socket, (() => void)[]>()

  /** Calls `act` once earlier answers on the connection have been sent; disconnects a client that sends too many. */
  add(response: ServerResponse, act: () => void): void {
    const { socket } = response.req
    const waiting = this.#waiting.get(socket)
    response.once('close', () => this.#next(socket))
    if (waiting === undefined) {
      this.#waiting.set(socket, [])
      act()
    } else if (waiting.length < MOST_WAITING) waiting.push(AsyncResource.bind(act))
    else socket.destroy()
  }

  #next(socket: Socket): void {
    const act = socket.destroyed ? undefined : this.#waiting.get(socket)?.shift()
    if (act === undefined) this.#waiting.delete(socket)
    else act()
  }
}

/** Holds requests for a moment. */
class Gate {
  #held: (() => void)[] | undefined

  pass(handle: () => void): void {
    // Bound, so that `requestId()` still finds the request's id when the gate opens.
    if (this.#held) this.#held.push(AsyncResource.bind(handle))
    else handle()
  }

  hold(): void {
    this.#held = []
  }

  open(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const handle of held) handle()
  }
}

/** The open connections and the requests that are running. */
class Traffic {
  readonly #lastTraffic = new Map<Socket, number>()
  readonly #answering = new Set<ServerResponse>()
  /** Connections that have brought a request. */
  readonly #used = new WeakSet<Socket>()
  /** The number of connections and requests so far. */
  events = 0

  connected(socket: Socket): void {
    this.events++
    this.#lastTraffic.set(socket, performance.now())
    socket.once('close', () => this.#lastTraffic.delete(socket))
  }

  began(response: ServerResponse): void {
    this.events++
    const { socket } = response.req
    this.#answering.add(response)
    this.#used.add(socket)
    response.once('close', () => {
      this.#answering.delete(response)
      if (this.#lastTraffic.has(socket)) this.#lastTraffic.set(socket, performance.now())
    })
  }

  sockets(): ReadonlySet<Socket> {
    return new Set(this.#lastTraffic.keys())
  }

  get connections(): number {
    return this.#lastTraffic.size
  }

  /** Makes every answer close its connection, if its headers are not sent yet. */
  lastAnswers(): void {
    for (const response of this.#answering)
      if (!response.headersSent) response.setHeader('Connection', 'close')
  }

  /** Whether each of these connections is closed or idle. */
  isIdle(connected: ReadonlySet<Socket>): boolean {
    const idle = this.#idle()
    return [...this.#lastTraffic.keys()].every((socket) => !connected.has(socket) || idle.has(socket))
  }

  /** Closes idle connections. */
  async closeIdle(): Promise<void> {
    const before = this.#idle()
    // On a busy machine a request may have come long ago and not be read yet: it is read in this turn.
    await turn()
    const now = this.#idle()
    for (const socket of before) if (now.has(socket)) socket.destroy()
  }

  /** Connections with no request running and no traffic for a while. */
  #idle(): Set<Socket> {
    const busy = new Set([...this.#answering].map(({ req }) => req.socket))
    const isIdle = ([socket, last]: readonly [Socket, number]) =>
      !busy.has(socket) && performance.now() - last > (this.#used.has(socket) ? IDLE : IDLE_BEFORE_FIRST)
    return new Set([...this.#lastTraffic].filter(isIdle).map(([socket]) => socket))
  }
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): Error {
  const reason =
    cause.code === 'EADDRINUSE'
      ? 'another program uses this port: stop it, or choose another port (0 picks a free one)'
      : cause.message
  return new Error(`Cannot listen on ${host}:${port}: ${reason}.`, { cause })
}
