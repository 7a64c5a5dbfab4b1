import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerHeaders } from './answer-headers.ts'
import { withRequestId } from './request-id.ts'

export interface Listening {
  readonly port: number
  /** Takes no more connections, and waits for the requests under way, for `drainLimit` at most. */
  close(): Promise<void>
}

/**
 * Serves `handle` over HTTP/1.1.
 * @param port  0 picks a free one
 * @param drainLimit  how long close() lets requests under way run on, in milliseconds
 * @param receiveLimit  how long a request may take to arrive, in milliseconds; then it is answered 408
 * @param stallLimit  how long a client may read nothing of what is there for it, in milliseconds; then it is cut off
 * @throws {Error} where the port is taken or the host is not this machine's
 */
export async function listen(
  handle: RequestListener,
  host: string,
  port: number,
  drainLimit = 10_000,
  receiveLimit = 10_000,
  stallLimit = 30_000,
): Promise<Listening> {
  const timeouts = {
    requestTimeout: receiveLimit,
    headersTimeout: receiveLimit,
    connectionsCheckingInterval: receiveLimit / 10,
  }
  const server = createServer(timeouts, (request, response) =>
    withRequestId((id) => {
      response.setHeaders(answerHeaders(id))
      // A connection kept alive for a next request would hold close() up.
      response.on('close', () => {
        if (!server.listening) server.closeIdleConnections()
      })
      // Who waits for us, for an explanation say, is no such client.
      response.on('timeout', (socket) => {
        if (socket.writableLength > 0) socket.destroy()
      })
      handle(request, response)
    }),
  )
  server.setTimeout(stallLimit)
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw listenError(cause as NodeJS.ErrnoException, host, port)
  }
  return { port: (server.address() as AddressInfo).port, close: () => close(server, drainLimit) }
}

async function close(server: Server, drainLimit: number): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  const limit = setTimeout(() => server.closeAllConnections(), drainLimit)
  await closed
  clearTimeout(limit)
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): Error {
  const reason =
    cause.code === 'EADDRINUSE'
      ? 'something else listens there: stop it, or choose another port (0 picks a free one)'
      : cause.message
  return new Error(`Cannot listen on ${host}:${port}: ${reason}.`, { cause })
}
