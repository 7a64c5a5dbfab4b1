import type { IncomingMessage } from 'node:http'
import { isIP, isIPv4 } from 'node:net'
import type { Caller } from '../graphql/context.ts'

/** The sender of a request. */
export interface HttpCaller extends Caller {
  /**
   * The name of the bucket that is charged: the id of the API key, or of the key that signed the customer token; without
   * a key the address (for IPv6 the /64 network, since one household has all of it).
   */
  readonly name: string
  /** The person behind it, as far as known: the customer of a customer token, else the address. */
  readonly visitor: string
}

const callers = new WeakMap<Request, HttpCaller>()

/** The caller of a request, after `useAuthentication` has seen it: first by its address, then by its key. */
export function callerOf(request: Request): HttpCaller {
  const caller = callers.get(request)
  if (caller === undefined) throw new Error('callerOf: useAuthentication has not seen this request')
  return caller
}

/** Sets the caller of a request. */
export function setCaller(request: Request, caller: HttpCaller): void {
  callers.set(request, caller)
}

/**
 * The address that a request comes from; for IPv6 its first 64 bits.
 * @param proxies  the number of proxies in front of this server. Each appends the address of its client to
 *                 X-Forwarded-For. Entries further left could be written by anybody and are never read. 0: the header
 *                 is not read at all.
 */
export function addressOf({ socket, headers }: IncomingMessage, proxies: number): string {
  const forwarded = String(headers['x-forwarded-for'] ?? '').split(',')
  const claimed = proxies === 0 ? undefined : forwarded.at(-proxies)?.trim()
  return networkOf(claimed && isIP(claimed) !== 0 ? claimed : (socket.remoteAddress ?? 'unknown'))
}

function networkOf(address: string): string {
  const mapped = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (isIPv4(mapped) || isIP(mapped) === 0) return mapped
  const [head, tail] = mapped.split('::').map((part) => (part === '' ? [] : part.split(':')))
  const zeros = tail === undefined ? 0 : 8 - head.length - tail.length
  const groups = [...head, ...Array<string>(zeros).fill('0'), ...(tail ?? [])].slice(0, 4)
  return `${groups.map((group) => parseInt(group, 16).toString(16)).join(':')}::/64`
}
