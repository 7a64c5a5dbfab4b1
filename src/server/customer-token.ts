/**
 * Customer tokens: a shop's own server says who is signed in, and the page asks with that. A JSON Web Token (RFC 7519)
 * that a key of scope `sign` signed, with Ed25519 (RFC 8037). Only the public key is kept here, so that a reader
 * of the store cannot sign. Checked as RFC 8725 recommends: one algorithm, whatever the token says; a short life; for
 * this server only (`aud`).
 */
import { createPublicKey } from 'node:crypto'
import { decodeProtectedHeader, errors, jwtVerify } from 'jose'
import { isKeyId } from '../store/api-key.ts'
import { ApiKeyError, type ApiKeyStore } from '../store/api-key-store.ts'

/** The longest a token may live, in seconds: from `iat` to `exp`. */
export const LONGEST_LIFE = 3600

/** How far the signer's clock may differ from ours, in seconds. */
export const CLOCK_SKEW = 30

/** As RFC 8037 calls it, and RFC 9864 since. */
const ALGORITHMS = ['EdDSA', 'Ed25519']

/** More than any shop's ids are long. */
const LONGEST_ID = 500

/** The customer that a token is for, and the key that signed it. */
export interface CustomerToken {
  /** The shop's own id of the customer. */
  readonly customer: string
  readonly keyId: string
}

/** A token that is not accepted; the message says why, and what to do. */
export class CustomerTokenError extends Error {
  override readonly name = 'CustomerTokenError'
}

/** Whether a bearer token is meant to be one of these, right or wrong: it names a key as ours are named. */
export function looksLikeCustomerToken(text: string): boolean {
  try {
    return isKeyId(decodeProtectedHeader(text).kid ?? '')
  } catch {
    return false
  }
}

/**
 * Reads a token.
 * @param audience  what it has to be for
 * @throws {CustomerTokenError} if it is not accepted; the same for known and unknown customers
 */
export async function readCustomerToken(
  token: string,
  apiKeys: Pick<ApiKeyStore, 'verificationKey'>,
  audience: string,
): Promise<CustomerToken> {
  let keyId = ''
  try {
    const { payload } = await jwtVerify(
      token,
      ({ kid = '' }) => {
        keyId = kid
        return createPublicKey({ key: { ...apiKeys.verificationKey(kid) }, format: 'jwk' })
      },
      {
        algorithms: ALGORITHMS,
        audience,
        requiredClaims: ['sub', 'iat', 'exp'],
        clockTolerance: CLOCK_SKEW,
        maxTokenAge: LONGEST_LIFE,
      },
    )
    const { sub = '', iat = 0, exp = 0 } = payload
    if (exp - iat > LONGEST_LIFE) {
      throw new CustomerTokenError(
        `it lives for ${exp - iat} seconds, from "iat" to "exp": at most ${LONGEST_LIFE} are accepted.`,
      )
    }
    if (typeof sub !== 'string' || sub === '' || sub.length > LONGEST_ID) {
      throw new CustomerTokenError(
        `"sub" has to be the shop's id of a customer, 1 to ${LONGEST_ID} characters.`,
      )
    }
    return { customer: sub, keyId }
  } catch (cause) {
    throw new CustomerTokenError(`The customer token is not accepted: ${reasonOf(cause, audience)}`, {
      cause,
    })
  }
}

function reasonOf(cause: unknown, audience: string): string {
  if (cause instanceof CustomerTokenError || cause instanceof ApiKeyError) return cause.message
  if (cause instanceof errors.JWTExpired) return 'it has expired: have the shop’s server sign a new one.'
  if (cause instanceof errors.JWTClaimValidationFailed) {
    if (cause.claim === 'aud') return `it has to be for "${audience}" ("aud").`
    return `its claim "${cause.claim}" is missing or invalid.`
  }
  if (cause instanceof errors.JOSEAlgNotAllowed) return `it has to be signed with EdDSA ("alg").`
  if (cause instanceof errors.JWSSignatureVerificationFailed) return 'its signature is wrong.'
  return 'it is damaged, or not a customer token.'
}
