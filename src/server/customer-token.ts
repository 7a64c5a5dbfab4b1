/**
 * Customer tokens: a shop's own server says which customer is signed in, and the page sends this token. It is a JSON Web
 * Token (RFC 7519), signed by a key of scope `sign` with Ed25519 (RFC 8037). Only the public key is stored here, so that
 * a reader of the store cannot sign. It is checked as RFC 8725 recommends: one algorithm, whatever the token says; a
 * short lifetime; for this server only (`aud`).
 */
import { createPublicKey } from 'node:crypto'
import { decodeProtectedHeader, errors, jwtVerify } from 'jose'
import { isKeyId } from '../store/api-key.ts'
import { ApiKeyError, type ApiKeyStore } from '../store/api-key-store.ts'
import { StoreError } from '../store/store-error.ts'

/** The longest lifetime of a token, in seconds: from `iat` to `exp`. */
export const LONGEST_LIFE = 3600

/** How far the signer's clock may differ from ours, in seconds. */
export const CLOCK_SKEW = 30

/** The name in RFC 8037, and the one in RFC 9864. */
const ALGORITHMS = ['EdDSA', 'Ed25519']

/** Characters: longer than any shop's ids. */
const LONGEST_ID = 500

/** The customer that a token is for, and the key that signed it. */
export interface CustomerToken {
  /** The shop's own id of the customer. */
  readonly customer: string
  readonly keyId: string
}

/** A token that is not accepted. The message says why, and what to do. */
export class CustomerTokenError extends Error {
  override readonly name = 'CustomerTokenError'
}

/** Whether a bearer token looks like a customer token, valid or not: it contains a key id of our form. */
export function looksLikeCustomerToken(text: string): boolean {
  try {
    return isKeyId(decodeProtectedHeader(text).kid ?? '')
  } catch {
    return false
  }
}

/**
 * Reads a token.
 * @param audience  the claim "aud" that it must have
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
      async ({ kid = '' }) => {
        keyId = kid
        return createPublicKey({ key: { ...(await apiKeys.verificationKey(kid)) }, format: 'jwk' })
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
        `it is valid for ${exp - iat} seconds, from "iat" to "exp": at most ${LONGEST_LIFE} are accepted.`,
      )
    }
    if (typeof sub !== 'string' || sub === '' || sub.length > LONGEST_ID) {
      throw new CustomerTokenError(
        `"sub" has to be the shop's id of a customer, 1 to ${LONGEST_ID} characters.`,
      )
    }
    return { customer: sub, keyId }
  } catch (cause) {
    if (cause instanceof StoreError) throw cause
    throw new CustomerTokenError(`The customer token is not accepted: ${reasonOf(cause, audience)}`, {
      cause,
    })
  }
}

function reasonOf(cause: unknown, audience: string): string {
  if (cause instanceof CustomerTokenError || cause instanceof ApiKeyError) return cause.message
  if (cause instanceof errors.JWTExpired) return 'it has expired: get a new one from the shop’s server.'
  if (cause instanceof errors.JWTClaimValidationFailed) {
    if (cause.claim === 'aud') return `it has to be for "${audience}" ("aud").`
    return `its claim "${cause.claim}" is missing or invalid.`
  }
  if (cause instanceof errors.JOSEAlgNotAllowed) return `it has to be signed with EdDSA ("alg").`
  if (cause instanceof errors.JWSSignatureVerificationFailed) return 'its signature is wrong.'
  return 'it is damaged, or not a customer token.'
}
