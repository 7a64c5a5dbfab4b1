/**
 * The token for the person who starts a server: it allows everything, so that a developer needs no key. Where a request
 * comes from cannot stand in for it: a proxy, a tunnel or another user's program on this machine is on this machine,
 * too.
 */
import { randomBytes } from 'node:crypto'

/** A token that no server had before. */
export function randomServerToken(): string {
  return `rt_${randomBytes(24).toString('hex')}`
}

/** Whether a text is meant to be such a token, of this server or another. */
export function looksLikeServerToken(text: string): boolean {
  return /^rt_[0-9a-f]{48}$/.test(text)
}
