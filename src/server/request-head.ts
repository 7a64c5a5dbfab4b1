import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerError } from './error-response.ts'

/**
 * A request may have only one of each: given two, servers on the way might use different ones. Node takes the first.
 */
const ONCE = ['host', 'content-type', 'content-encoding', 'authorization', 'expect']

/**
 * Answers a request whose head can be read in several ways, or asks for something unsupported, and says whether it did.
 * What HTTP/1.1 does not allow at all, Node has refused.
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

/** Answers 400 where the host that a request is meant for cannot be read, and says whether it did. */
export function refuseUnreadableHost({ headers }: IncomingMessage, response: ServerResponse): boolean {
  const { host = '' } = headers
  if (URL.canParse(`http://${host || 'localhost'}`)) return false
  answerError(response, 400, 'BAD_REQUEST', `"${host}" is no host.`)
  return true
}

/** What a request asks for: its path, and its query; proxies are sent, and may pass on, a whole address. */
export function targetOf({ url = '/' }: IncomingMessage): { readonly url: string; readonly path: string } {
  const target = (/^https?:\/\/[^/?#]*(.*)$/is.exec(url)?.[1] ?? url) || '/'
  return { url: target, path: target.replace(/[?#].*$/s, '') || '/' }
}
