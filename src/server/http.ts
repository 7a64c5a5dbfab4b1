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

/** How long things may take, in milliseconds. */
export interface Patience {
  /** How long close() lets requests under way run on. */
  readonly drain: number
  /** How long a request may take to arrive; then it is answered 408. */
  readonly receive: number
  /** How long a client may read nothing of what is there for it; then it is cut off. */
  readonly stall: number
}

export interface Listening {
  readonly port: number
  /** Whether close() has been called. */
  isStopping(): boolean
  /**
   * Stops without losing what has been sent already. Every answer from now on is its connection's last; the port is let
   * go once those who were connected have been told so, at the latest after half of `Patience.drain`; and what is under
   * way then is waited for, `Patience.drain` in all at most.
   */
  close(): Promise<void>
}

/** A connection on which nothing is heard for so long, in milliseconds, waits for nothing when a server is closed. */
const QUIET = 250

/**
 * Serves `handle` over HTTP/1.1.
 * @param port  0 picks a free one
 * @throws {Error} where the port is taken or the host is not this machine's
 */
export async function listen(
  handle: RequestListener,
  host: string,
  port: number,
  { drain = 10_000, receive = 10_000, stall = STALL_LIMIT }: Partial<Patience> = {},
): Promise<Listening> {
  const timeouts = {
    requestTimeout: receive,
    headersTimeout: receive,
    connectionsCheckingInterval: receive / 10,
  }
  const traffic = new Traffic()
  const gate = new Gate()
  const turns = new Turns()
  let stopping = false
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    traffic.began(response)
    if (stopping) response.setHeader('Connection', 'close')
    withRequestId((id) => {
      response.setHeaders(answerHeaders(id))
      // Who waits for us, for an explanation say, is not one who does not read.
      response.on('timeout', (socket) => {
        if (socket.writableLength > 0) socket.destroy()
      })
      turns.take(response, () => {
        if (!refuseHead(request, response)) gate.pass(() => handle(request, response))
      })
    })
  }
  const server = createServer(timeouts, serve)
  // Who asks before sending a body is told to go on by what reads bodies, and else has the answer.
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
  // Whoever asks now still is answered; those who were connected have been told to come back no more at the end of this.
  const connected = traffic.sockets()
  while (!traffic.isQuiet(connected) && performance.now() - began < drain / 2) await pause(QUIET / 10)
  gate.hold()
  await betweenEvents(traffic)
  // Not that of HTTP, which cuts connections off between two requests, with one on its way.
  const ended = once(server, 'close')
  NetServer.prototype.close.call(server)
  gate.open()
  while (traffic.connections > 0 && performance.now() - began < drain) {
    traffic.cutOffQuiet()
    await pause(QUIET / 10)
  }
  server.closeAllConnections()
  await ended
  // For its timer.
  server.close()
}

/**
 * A turn of the event loop that brings nothing: connections that are waiting to be accepted are lost with the port, and
 * so it is let go right after all have been. It comes soon where requests are held, since who waits asks nothing.
 */
async function betweenEvents(traffic: Traffic): Promise<void> {
  for (const end = performance.now() + QUIET; performance.now() < end; ) {
    const { events } = traffic
    await turn()
    if (traffic.events === events) return
  }
}

/** So many requests may wait on one connection for those before them. */
const MOST_WAITING = 100

/**
 * One request at a time on each connection: they are answered in their order anyway, and a client who sends many at once
 * ("pipelining") and reads no answer would have all of them worked out, and kept.
 */
class Turns {
  readonly #waiting = new Map<Socket, (() => void)[]>()

  /** Calls `act` once the answers before `response` on its connection have gone out; cuts off who sends too many. */
  take(response: ServerResponse, act: () => void): void {
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

/** Holds requests back for a moment. */
class Gate {
  #held: (() => void)[] | undefined

  pass(handle: () => void): void {
    // Each finds its own request's id later, too.
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

/** Who is connected, and what is under way. */
class Traffic {
  readonly #heard = new Map<Socket, number>()
  readonly #answering = new Set<ServerResponse>()
  /** Connections and requests until now. */
  events = 0

  connected(socket: Socket): void {
    this.events++
    this.#heard.set(socket, performance.now())
    socket.once('close', () => this.#heard.delete(socket))
  }

  began(response: ServerResponse): void {
    this.events++
    const { socket } = response.req
    this.#answering.add(response)
    response.once('close', () => {
      this.#answering.delete(response)
      if (this.#heard.has(socket)) this.#heard.set(socket, performance.now())
    })
  }

  sockets(): ReadonlySet<Socket> {
    return new Set(this.#heard.keys())
  }

  get connections(): number {
    return this.#heard.size
  }

  /** Has what is not answered yet be the last of its connection. */
  lastAnswers(): void {
    for (const response of this.#answering)
      if (!response.headersSent) response.setHeader('Connection', 'close')
  }

  /** Whether of these connections each is closed or waits for nothing. */
  isQuiet(connected: ReadonlySet<Socket>): boolean {
    const quiet = this.#quiet()
    return [...this.#heard.keys()].every((socket) => !connected.has(socket) || quiet.has(socket))
  }

  /** Lets go of connections that wait for nothing. */
  cutOffQuiet(): void {
    for (const socket of this.#quiet()) socket.destroy()
  }

  /** Where nothing is under way, and nothing has been heard for a while. */
  #quiet(): Set<Socket> {
    const busy = new Set([...this.#answering].map(({ req }) => req.socket))
    const isQuiet = ([socket, heard]: readonly [Socket, number]) =>
      !busy.has(socket) && performance.now() - heard > QUIET
    return new Set([...this.#heard].filter(isQuiet).map(([socket]) => socket))
  }
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): Error {
  const reason =
    cause.code === 'EADDRINUSE'
      ? 'something else listens there: stop it, or choose another port (0 picks a free one)'
      : cause.message
  return new Error(`Cannot listen on ${host}:${port}: ${reason}.`, { cause })
}
