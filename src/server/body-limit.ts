import type { IncomingMessage } from 'node:http'
import type { Plugin } from 'graphql-yoga'
import { limitExceeded } from './limit-error.ts'

/**
 * Refuses requests whose body is too long, in bytes. Node's servers read no more of one than its Content-Length, so
 * that what they are asked is not counted again; any other body is. (Yoga's own limit counts all, through a stream that
 * takes a fifth of the time of a small request.)
 */
export function useBodyLimit(maximum: number): Plugin<{}, { req?: IncomingMessage }> {
  return {
    onRequestParse({ request, requestParser, setRequestParser, fetchAPI, serverContext: { req } }) {
      const stated = request.headers.get('content-length')
      if (Number(stated) > maximum) throw tooLong(maximum)
      if (requestParser === undefined || request.body === null) return
      if (req !== undefined && stated !== null) return
      setRequestParser(async ({ url, method, headers, body }) =>
        requestParser(new fetchAPI.Request(url, { method, headers, body: await read(body!, maximum) })),
      )
    },
  }
}

async function read(body: ReadableStream<Uint8Array>, maximum: number): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return Buffer.concat(chunks)
    length += value.byteLength
    // Not cancelled: that would close the connection before the answer is sent.
    if (length > maximum) throw tooLong(maximum)
    chunks.push(value)
  }
}

function tooLong(maximum: number) {
  return limitExceeded({
    limit: 'bodyBytes',
    maximum,
    status: 413,
    message: `The request is longer than ${maximum} bytes: ask in several operations.`,
  })
}
