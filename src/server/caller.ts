import type { IncomingMessage } from 'node:http'
import { isIP, isIPv4 } from 'node:net'
import type { Caller } from '../graphql/context.ts'

/** The sender of a request. */
export interface HttpCaller extends Caller {
  /**
   * Whose bucket pays: the API key's id, of a customer token that of the key that signed it; without any the address,
   * of IPv6 the network of 64 bits that one household has.
   */
  readonly name: string
  /** Who is behind it, as far as is known: a customer token's customer, else the address. */
  readonly visitor: string
}

const callers = new WeakMap<Request, HttpCaller>()

/** Who sends a request of yoga's; known from `useAuthentication`'s first hook on: by address, then by key. */
export function callerOf(request: Request): HttpCaller {
  const caller = callers.get(request)
  if (caller === undefined) throw new Error('callerOf: useAuthentication has not seen this request')
  return caller
}

/** Says who sends a request, until something better is known. */
export function setCaller(request: Request, caller: HttpCaller): void {
  callers.set(request, caller)
}

/**
 * The address that a request comes from; of IPv6 its first 64 bits.
 * @param proxies  how many proxies are in front of this server, each of which appends to X-Forwarded-For the address
 *                 that it was asked from. What stands further left anybody can write, and so it is never read. 0 does
 *                 not read the header at all.
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
