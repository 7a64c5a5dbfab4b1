import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerError } from './error-response.ts'

/**
 * Headers that a request may have only once: with two, servers on the way might use different ones. Node takes the first.
 */
const ONCE = ['host', 'content-type', 'content-encoding', 'authorization', 'expect']

/**
 * Rejects a request whose headers are ambiguous or not supported. Node itself rejects what HTTP/1.1 does not allow.
 * @returns whether it did
 */
export function refuseHead(request: IncomingMessage, response: ServerResponse): boolean {
  const { headers, rawHeaders } = request
  const names = rawHeaders.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase())
  const twice = ONCE.find((name) => names.indexOf(name) !== names.lastIndexOf(name))
  const coding = headers['transfer-encoding']
  if (twice !== undefined) {
    answerError(response, 400, 'BAD_REQUEST', `The request has "${twice}" more than once: send it once.`)
  } else if (coding !== undefined && coding.trim().toLowerCase() !== 'chunked') {
    const message = `A body may be sent in chunks or with its length, not as "${coding}".`
    answerError(response, 501, 'NOT_IMPLEMENTED', message)
  } else return false
  return true
}

/** Rejects a request with an invalid Host header with 400. @returns whether it did */
export function refuseUnreadableHost({ headers }: IncomingMessage, response: ServerResponse): boolean {
  const { host = '' } = headers
  if (URL.canParse(`http://${host || 'localhost'}`)) return false
  answerError(response, 400, 'BAD_REQUEST', `"${host}" is not a valid host.`)
  return true
}

/** The target of a request: its path with query, and its path. Proxies may forward a whole address. */
export function targetOf({ url = '/' }: IncomingMessage): { readonly url: string; readonly path: string } {
  const target = (/^https?:\/\/[^/?#]*(.*)$/is.exec(url)?.[1] ?? url) || '/'
  return { url: target, path: target.replace(/[?#].*$/s, '') || '/' }
}
