import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerError } from './error-response.ts'

/** Who may use a server without an API key. */
export type Access =
  /** Any client on this machine. */
  | 'LOOPBACK'
  /** Nobody. */
  | 'KEYS'
  /** Any client that reaches it. */
  | 'ANYONE'

/**
 * Who may use a server without a key. By default any client on this machine, if the server listens only there and no
 * proxy is in front of it; else nobody.
 */
export function accessTo(host: string, requireKeys: boolean, insecure: boolean, proxies: number): Access {
  if (insecure) return 'ANYONE'
  return requireKeys || proxies > 0 || !isLoopback(host) ? 'KEYS' : 'LOOPBACK'
}

/** Rejects a request that does not come from a client on this machine. @returns whether it did */
export function refuseNonLocal(request: IncomingMessage, response: ServerResponse): boolean {
  return refuseForeignHost(request, response) || refuseForwarded(request, response)
}

/**
 * Rejects a request for another host with 421. After a page is loaded, its site can let its name resolve to 127.0.0.1
 * ("DNS rebinding") and then read this server's answers as if they came from its own site. But the browser still sends
 * the site's name in `Host`. A request without `Host` does not come from a browser.
 * @returns whether it did
 */
function refuseForeignHost({ headers }: IncomingMessage, response: ServerResponse): boolean {
  const { host } = headers
  if (host === undefined || isLoopback(hostname(host))) return false
  const message =
    `This server answers only on this machine, as localhost, not as ${host}. To serve it under another name, ` +
    'require keys (--require-keys, in programs requireKeys), or let anyone in (--insecure, insecure).'
  answerError(response, 421, 'MISDIRECTED_REQUEST', message)
  return true
}

/** Rejects a request from a proxy on this machine: it comes from elsewhere, but seems to come from here. */
function refuseForwarded({ headers }: IncomingMessage, response: ServerResponse): boolean {
  const header = ['X-Forwarded-For', 'Forwarded'].find((name) => headers[name.toLowerCase()] !== undefined)
  if (header === undefined) return false
  const message =
    `This server answers only on this machine, and a proxy forwarded this request (${header}). To serve it ` +
    'behind a proxy, use --trust-proxy 1 (in programs trustProxy), which requires keys like --require-keys ' +
    '(requireKeys); or let anyone in (--insecure, insecure).'
  answerError(response, 403, 'FORWARDED_REQUEST', message)
  return true
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host)
}

/** localhost:4000 → localhost; '' if it is not a host. */
function hostname(host: string): string {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : ''
}
