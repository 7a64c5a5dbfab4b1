import type { IncomingMessage, ServerResponse } from 'node:http'

/** Who may ask a server without an API key. */
export type Access =
  /** Whoever is on this machine. */
  | 'LOOPBACK'
  /** Nobody. */
  | 'KEYS'
  /** Whoever reaches it. */
  | 'ANYBODY'

/** Who may ask a server that listens on `host`, unless told otherwise: on this machine all, elsewhere only with a key. */
export function accessTo(host: string, requireKeys: boolean, insecure: boolean): Access {
  if (insecure) return 'ANYBODY'
  return requireKeys || !isLoopback(host) ? 'KEYS' : 'LOOPBACK'
}

/**
 * Answers 421 where a request was meant for another host, and says whether it did. A page of any site can have its
 * name resolved to 127.0.0.1 once it is loaded ("DNS rebinding"), and then reads what this server answers as if it
 * came from its own site; but the browser still says in `Host` which name it asked. Programs that send none are none.
 */
export function refuseForeignHost({ headers }: IncomingMessage, response: ServerResponse): boolean {
  const { host } = headers
  if (host === undefined || isLoopback(hostname(host))) return false
  const message =
    `This server answers on this machine alone, as localhost, and not as ${host}. To serve it under another name ask ` +
    'for keys (--require-keys), or let anybody in who reaches it (--insecure).'
  response.writeHead(421, { 'Content-Type': 'application/json; charset=utf-8' })
  response.end(JSON.stringify({ errors: [{ message, extensions: { code: 'MISDIRECTED_REQUEST' } }] }))
  return true
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host)
}

/** localhost:4000 → localhost; nothing where it is no host. */
function hostname(host: string): string {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : ''
}
