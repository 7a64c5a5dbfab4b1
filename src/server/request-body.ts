/**
 * Checks and reads the body of a POST. It must be JSON, because browsers send forms and plain text from pages of other
 * sites without a preflight; in UTF-8; and within the limit before and after it is decompressed.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib'
import { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { limitExceeded } from './limit-error.ts'

type Inflate = (bytes: Buffer, limit: { maxOutputLength: number }) => Promise<Buffer>

const ENCODINGS: Readonly<Record<string, Inflate>> = {
  gzip: promisify(gunzip) as Inflate,
  'x-gzip': promisify(gunzip) as Inflate,
  // With zlib's header as in RFC 9110, or without, as some clients send it. With it, the low four bits are 8.
  deflate: (bytes, limit) =>
    promisify((bytes[0] & 15) === 8 ? inflate : inflateRaw)(bytes, limit) as Promise<Buffer>,
  br: promisify(brotliDecompress) as Inflate,
}

interface FromNode {
  readonly req?: IncomingMessage
  readonly res?: ServerResponse
}

/** Reads the body of every POST, and rejects invalid ones. @param maximum  the most bytes */
export function useRequestBody(maximum: number): Plugin<{}, FromNode> {
  return {
    onRequestParse({ request, setRequestParser, serverContext: { req, res } }) {
      if (request.method !== 'POST') return
      expectJson(request.headers.get('content-type'))
      const inflated = inflaterOf(request.headers.get('content-encoding'))
      if (Number(request.headers.get('content-length')) > maximum) throw tooLong(maximum)
      setRequestParser(async () => {
        // The surrounding server has read it already.
        if (isParsed(req)) return (await request.json()) as never
        if (res && !res.headersSent && /100-continue/i.test(req?.headers.expect ?? '')) res.writeContinue()
        const sent = await (req ? readStream(rawOf(req), maximum) : readBody(request.body, maximum))
        return parsed(await inflated(sent, maximum)) as never
      })
    },
  }
}

/**
 * @throws {GraphQLError} 415, unless a media type is JSON in UTF-8; names of types and charsets are case-insensitive
 */
function expectJson(contentType: string | null): void {
  const [type = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim().toLowerCase())
  if (type !== 'application/json') {
    throw unsupported(`POST takes application/json, not ${type || 'a body without a content type'}.`, {
      Accept: 'application/json',
    })
  }
  for (const parameter of parameters) {
    const [, charset] = /^charset="?([^"]*)"?$/.exec(parameter) ?? []
    if (charset === undefined || ['utf-8', 'utf8', 'us-ascii'].includes(charset)) continue
    throw unsupported(`POST takes application/json in UTF-8, not in ${charset}.`, {
      Accept: 'application/json; charset=utf-8',
    })
  }
}

/** @throws {GraphQLError} 415 for an unknown encoding, or several */
function inflaterOf(encoding: string | null): (bytes: Buffer, maximum: number) => Promise<Buffer> {
  const named = (encoding ?? '').split(',').map((name) => name.trim().toLowerCase())
  const encodings = named.filter((name) => name !== '' && name !== 'identity')
  if (encodings.length === 0) return async (bytes) => bytes
  const [name] = encodings
  if (encodings.length > 1 || !Object.hasOwn(ENCODINGS, name)) {
    throw unsupported(
      `A body may be encoded as gzip, deflate or br, or not at all, not as ${encodings.join(', ')}.`,
      { 'Accept-Encoding': 'gzip, deflate, br' },
    )
  }
  return async (bytes, maximum) => {
    try {
      return await ENCODINGS[name](bytes, { maxOutputLength: maximum })
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLong(maximum)
      throw badRequest(
        `The body is not what its Content-Encoding says, ${name}: ${(cause as Error).message}.`,
      )
    }
  }
}

/** Whether a framework such as Express has parsed the body and put it on the request. */
function isParsed(req: IncomingMessage | undefined): boolean {
  const { body } = (req ?? {}) as { body?: object | null }
  return body != null && Object.keys(body).length > 0
}

/** Node's own request: some frameworks wrap it. */
function rawOf(req: IncomingMessage): IncomingMessage {
  return (req as { raw?: IncomingMessage }).raw ?? req
}

function readStream(stream: IncomingMessage, maximum: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (stream.readableEnded || stream.destroyed) {
      resolve(Buffer.alloc(0))
      return
    }
    const chunks: Buffer[] = []
    let length = 0
    const settle = (act: () => void) => {
      stream.off('data', take).off('end', end).off('close', broken).off('error', broken)
      act()
    }
    const take = (chunk: Buffer) => {
      length += chunk.byteLength
      // The rest is read and dropped: destroying the stream would close the connection before the answer.
      if (length > maximum) settle(() => (stream.resume(), reject(tooLong(maximum))))
      else chunks.push(chunk)
    }
    const end = () => settle(() => resolve(Buffer.concat(chunks)))
    const broken = () => settle(() => reject(badRequest('The body ended too early.')))
    stream.on('data', take).on('end', end).on('close', broken).on('error', broken)
  })
}

async function readBody(body: ReadableStream<Uint8Array> | null, maximum: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let length = 0
  if (body === null) return Buffer.alloc(0)
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return Buffer.concat(chunks)
    length += value.byteLength
    if (length > maximum) throw tooLong(maximum)
    chunks.push(value)
  }
}

function parsed(bytes: Buffer): object {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    const reason = bytes.length === 0 ? 'it is empty' : (cause as Error).message
    throw badRequest(`The body is not JSON: ${reason}.`)
  }
  if (typeof value === 'object' && value !== null) return value
  throw badRequest(
    `The body must be a JSON object with "query", not ${value === null ? 'null' : `a ${typeof value}`}.`,
  )
}

function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } })
}

function unsupported(message: string, headers: Record<string, string>): GraphQLError {
  return new GraphQLError(message, {
    extensions: { code: 'UNSUPPORTED_MEDIA_TYPE', http: { status: 415, headers } },
  })
}

function tooLong(maximum: number): GraphQLError {
  return limitExceeded({
    limit: 'bodyBytes',
    maximum,
    status: 413,
    message: `The request is longer than ${maximum} bytes: ask in several operations.`,
  })
}
