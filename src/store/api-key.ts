/**
 * An API key: rk_<id>_<secret><checksum>, all hexadecimal. The id (8 digits) is no secret: it names the key in lists
 * and logs. The secret (48 digits, 192 bits) is random. The checksum (8 digits, CRC-32 of what is before it)
 * distinguishes a mistyped or cut-off key from an unknown one; it detects every change of up to 32 bits in a row, so any
 * change of one character.
 */
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

const SHAPE = /^(rk_([0-9a-f]{8})_[0-9a-f]{48})([0-9a-f]{8})$/

/** A new key, and the id that it carries. */
export function randomKey(): { readonly id: string; readonly key: string } {
  const id = randomBytes(4).toString('hex')
  const body = `rk_${id}_${randomBytes(24).toString('hex')}`
  return { id, key: body + checksum(body) }
}

/** Whether a text has the form of a key's id. */
export function isKeyId(text: string): boolean {
  return /^[0-9a-f]{8}$/.test(text)
}

/** The public half of a key that signs customer tokens, as a JSON Web Key (RFC 8037). */
export interface VerificationKey {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
}

/** A new key that signs customer tokens: the private half, as the JSON Web Key to keep, and the public one. */
export function randomSigningKey(): {
  readonly id: string
  readonly key: string
  readonly publicKey: string
} {
  const id = randomBytes(4).toString('hex')
  const { x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const key = JSON.stringify({ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid: id, x, d })
  return { id, key, publicKey: x! }
}

/** Whether a text looks like an API key of ours, valid or not. */
export function looksLikeKey(text: string): boolean {
  return text.startsWith('rk_')
}

/** The id in a key; undefined if the key was mistyped or cut off. */
export function idOfKey(key: string): string | undefined {
  const [, body, id, check] = SHAPE.exec(key) ?? []
  return body !== undefined && checksum(body) === check ? id : undefined
}

/**
 * The stored hash of a key. A plain SHA-256 is enough: slow hashes make guessing passwords expensive, but 192 random bits
 * cannot be guessed, and this hash is computed for every request.
 */
export function hashOfKey(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

function checksum(body: string): string {
  return crc32(body).toString(16).padStart(8, '0')
}

/** A time to the minute: 2026-11-23 06:51 UTC. */
export function minute(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
