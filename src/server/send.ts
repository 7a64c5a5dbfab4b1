import type { ServerResponse } from 'node:http'

/** How long a client may leave an answer unread, in milliseconds. */
export const STALL_LIMIT = 30_000

/** The bytes written at a time, so that a slow client's answer is not buffered once more by its socket. */
const PIECE = 64 * 1024

/** Headers of a connection, which Node sets: it knows the client's version of HTTP. */
const OF_CONNECTIONS: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'transfer-encoding'])

/**
 * Answers a request of Node's servers with a response of the Fetch API. Yoga's own function for this always sends
 * `Connection: keep-alive` and chunks, removes the time limit for clients that do not read, and writes whole pages at
 * once.
 * @param stallLimit  how long a client may read nothing, in milliseconds; then it is disconnected
 */
export async function send(
  answer: Response,
  response: ServerResponse,
  stallLimit = STALL_LIMIT,
): Promise<void> {
  if (response.destroyed || response.writableEnded) {
    discard(answer)
    return
  }
  const headers: Record<string, string> = {}
  answer.headers.forEach((value, name) => {
    // "none" is no encoding.
    if (
      OF_CONNECTIONS.has(name.toLowerCase()) ||
      (name.toLowerCase() === 'content-encoding' && value === 'none')
    )
      return
    headers[name] = value
  })
  const text = /\bjson\b/.test(answer.headers.get('content-type') ?? '') ? await answer.text() : undefined
  response.writeHead(answer.status, headers)
  if (response.req.method === 'HEAD') {
    discard(answer)
    response.end()
    return
  }
  if (text !== undefined && text.length <= PIECE / 4) response.end(text)
  else if (text !== undefined) await sendPieces([Buffer.from(text)], response, stallLimit)
  else if (answer.body !== null) await sendPieces(answer.body, response, stallLimit)
  else response.end()
  cutOffUnread(response, stallLimit)
}

/** Cancels a body that will not be read. Yoga's streams can be cancelled only after the first read. */
function discard({ body }: Response): void {
  if (body === null) return
  try {
    const reader = body.getReader()
    for (const ended of [reader.read(), reader.cancel()]) ended.catch(() => {})
  } catch {
    // An error while cancelling does not matter: the body is dropped.
  }
}

type Pieces = ReadableStream<Uint8Array> | readonly Uint8Array[]

async function sendPieces(body: Pieces, response: ServerResponse, stallLimit: number): Promise<void> {
  // Parts are made as the client reads them; none are made for a client that has disconnected.
  const chunks = iteratorOf(body)
  const cancel = async () => chunks.return?.()
  const gone = () => void cancel().catch(() => {})
  response.once('close', gone)
  // Sends the headers before the first part, which may take a while.
  response.flushHeaders()
  try {
    for (;;) {
      const { done, value } = await chunks.next()
      if (done || response.destroyed) break
      const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
      for (let at = 0; at < bytes.length && !response.destroyed; at += PIECE) {
        if (!response.write(bytes.subarray(at, at + PIECE))) await drained(response, stallLimit)
      }
    }
    response.end()
  } catch {
    // A broken connection shows the client that something is missing; a regular end would not.
    response.destroy()
  }
}

function iteratorOf(body: Pieces): Iterator<Uint8Array> | AsyncIterator<Uint8Array> {
  if (Array.isArray(body)) return body.values() as Iterator<Uint8Array>
  const reader = (body as ReadableStream<Uint8Array>).getReader()
  return {
    next: async () => (await reader.read()) as IteratorResult<Uint8Array>,
    return: async () => {
      await reader.cancel()
      return { done: true, value: undefined }
    },
  }
}

/** Waits until the client has read what was written; disconnects it if it reads nothing for `stallLimit`. */
function drained(response: ServerResponse, stallLimit: number): Promise<void> {
  return new Promise((resolve) => {
    const stop = cutOffLater(response, stallLimit)
    const settle = () => {
      stop()
      response.off('drain', settle).off('close', settle)
      resolve()
    }
    response.on('drain', settle).on('close', settle)
  })
}

function cutOffUnread(response: ServerResponse, stallLimit: number): void {
  if (response.closed || response.writableFinished || response.socket?.writableLength === 0) return
  const stop = cutOffLater(response, stallLimit)
  response.once('close', stop)
}

/** @returns a function that cancels this */
function cutOffLater(response: ServerResponse, stallLimit: number): () => void {
  const timer = setTimeout(() => {
    // Without a socket it waits for an earlier answer of the same connection, which has its own limit.
    if (response.socket === null) timer.refresh()
    else response.destroy()
  }, stallLimit)
  return () => clearTimeout(timer)
}
