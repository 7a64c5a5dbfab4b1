import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerError } from './error-response.ts'

/** Who may ask a server without an API key. */
export type Access =
  /** Any client on this machine. */
  | 'LOOPBACK'
  /** Nobody. */
  | 'KEYS'
  /** Any client that reaches it. */
  | 'ANYBODY'

/**
 * Who may ask a server that listens on `host`, by default: any client on this machine; on other hosts, and behind
 * proxies on any host, only clients with a key.
 */
export function accessTo(host: string, requireKeys: boolean, insecure: boolean, proxies: number): Access {
  if (insecure) return 'ANYBODY'
  return requireKeys || proxies > 0 || !isLoopback(host) ? 'KEYS' : 'LOOPBACK'
}

/** Answers a request that is not meant for clients on this machine, and says whether it did. */
export function refuseNonLocal(request: IncomingMessage, response: ServerResponse): boolean {
  return refuseForeignHost(request, response) || refuseForwarded(request, response)
}

/**
 * Answers 421 where a request was meant for another host, and says whether it did. A page of any site can have its
 * name resolved to 127.0.0.1 once it is loaded ("DNS rebinding"), and then reads what this server answers as if it
 * came from its own site; but the browser still says in `Host` which name it asked. A request without `Host` is not a
 * browser's.
 */
function refuseForeignHost({ headers }: IncomingMessage, response: ServerResponse): boolean {
  const { host } = headers
  if (host === undefined || isLoopback(hostname(host))) return false
  const message =
    `This server answers only on this machine, as localhost, not as ${host}. To serve it under another name ask ` +
    'for keys (--require-keys, in programs requireKeys), or let anyone in (--insecure, insecure).'
  answerError(response, 421, 'MISDIRECTED_REQUEST', message)
  return true
}

/** What a proxy on this machine passes on comes from elsewhere, and seems to come from here. */
function refuseForwarded({ headers }: IncomingMessage, response: ServerResponse): boolean {
  const header = ['X-Forwarded-For', 'Forwarded'].find((name) => headers[name.toLowerCase()] !== undefined)
  if (header === undefined) return false
  const message =
    `This server answers only on this machine, and a proxy passed this request on (${header}). To serve it ` +
    'behind a proxy say so (--trust-proxy 1, in programs trustProxy), which asks for keys as --require-keys ' +
    '(requireKeys) does; or let anyone in (--insecure, insecure).'
  answerError(response, 403, 'FORWARDED_REQUEST', message)
  return true
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host)
}

/** localhost:4000 → localhost; nothing where it is no host. */
function hostname(host: string): string {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : ''
}
