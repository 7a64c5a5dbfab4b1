/**
 * The token for the person who starts a server: it allows everything, so that a developer needs no key. A local address
 * is not enough, because requests of a proxy, a tunnel or another user on this machine have it, too.
 */
import { randomBytes } from 'node:crypto'

/** A new random token. */
export function randomServerToken(): string {
  return `rt_${randomBytes(24).toString('hex')}`
}

/** Whether a text has the form of such a token, of this server or another. */
export function looksLikeServerToken(text: string): boolean {
  return /^rt_[0-9a-f]{48}$/.test(text)
}
