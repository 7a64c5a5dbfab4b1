import { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { ApiKeyError, type ApiKeyStore } from '../store/api-key-store.ts'
import { looksLikeKey } from '../store/api-key.ts'
import { ALL_SCOPES, type Scope } from '../store/scope.ts'
import { addressOf, type HttpCaller, callerOf, setCaller } from './caller.ts'
import { throttled } from './limit-error.ts'
import type { RateLimits } from './rate-limit.ts'
import { looksLikeServerToken } from './server-token.ts'
import type { SignedIn } from './signed-in.ts'

export interface AuthenticationOptions {
  readonly apiKeys: ApiKeyStore | undefined
  /** The server token, which allows everything; null if there is none. */
  readonly token: string | null
  /** The claim "aud" that customer tokens must have. */
  readonly audience: string
  /** Finds the signed-in customer if no bearer token of ours identifies the caller; left out: nobody is signed in. */
  readonly signedIn?: SignedIn | undefined
  /** Whether nothing is answered without a key. */
  readonly required: boolean
  /** What is allowed without a key, if none is required. */
  readonly keyless: ReadonlySet<Scope>
  /** How many proxies are in front of the server: see `addressOf`. */
  readonly proxies: number
  /** Charges addresses that send invalid keys; null if callers are not limited. */
  readonly rateLimiter: RateLimits | null
}

/** The points that an invalid key costs its address: far more than the work, to prevent guessing. */
const FAILED_ATTEMPT = 100

const NO_SCOPES: ReadonlySet<Scope> = new Set()

const ONE_CUSTOMER: ReadonlySet<Scope> = new Set(['customer'])

/**
 * Identifies the caller of a request, for `callerOf`, and answers 401, code UNAUTHENTICATED, if a key is required and
 * no valid one was sent. An address does not identify a caller. Only `Authorization: Bearer` is read, because URLs end
 * up in logs and histories: an API key, a customer token signed by one of the store's keys, or the server token. It is
 * checked even if none is required, so that a key's scopes can be tried on a developer's machine. In that case other
 * bearer tokens, such as those of a gateway in front of the server, are ignored and allow nothing. Addresses that fail
 * too often get 429, code THROTTLED; a valid key from them is still accepted.
 */
export function useAuthentication(options: AuthenticationOptions): Plugin<{}, { req?: IncomingMessage }> {
  const { required, keyless, proxies, rateLimiter } = options
  return {
    onRequest({ request, serverContext: { req } }) {
      const address = req === undefined ? 'unknown' : addressOf(req, proxies)
      setCaller(request, {
        name: address,
        visitor: address,
        actor: address,
        credential: 'NONE',
        scopes: required ? NO_SCOPES : keyless,
        customer: null,
      })
    },
    async onRequestParse({ request }) {
      const unidentified = callerOf(request)
      try {
        setCaller(request, { ...unidentified, ...(await identify(request, options)) })
      } catch (error) {
        if (!(error instanceof GraphQLError)) throw error
        const wait = Math.ceil((await rateLimiter?.take(unidentified, FAILED_ATTEMPT)) ?? 0)
        throw wait === 0 ? error : throttled('Too many requests without a valid API key', wait)
      }
    },
  }
}

/**
 * The caller that the credentials of a request identify; empty if it has none.
 * @throws {GraphQLError} of code UNAUTHENTICATED
 */
async function identify(request: Request, options: AuthenticationOptions): Promise<Partial<HttpCaller>> {
  const { apiKeys, token, audience, required, signedIn } = options
  const bearer = bearerOf(request)
  if (bearer !== undefined && token !== null && isSame(bearer, token)) {
    return { name: 'server token', actor: 'server token', credential: 'SERVER_TOKEN', scopes: ALL_SCOPES }
  }
  if (bearer !== undefined && looksLikeKey(bearer)) {
    const { id, scopes } = await accepting(() => storeOf(apiKeys).check(bearer))
    const usable = scopes.filter((scope) => scope !== 'sign')
    return { name: id, actor: `key ${id}`, credential: 'API_KEY', scopes: new Set(usable) }
  }
  if (bearer !== undefined && looksLikeServerToken(bearer)) {
    throw invalid('This is not the token of this server: it prints a new one each time it starts.')
  }
  if (bearer?.includes('.')) {
    // Loaded on demand: few servers get customer tokens.
    const { looksLikeCustomerToken, readCustomerToken, CustomerTokenError } = await import(
      './customer-token.ts'
    )
    if (looksLikeCustomerToken(bearer)) {
      try {
        const { customer, keyId } = await readCustomerToken(
          bearer,
          await accepting(() => storeOf(apiKeys)),
          audience,
        )
        return oneCustomer(customer, keyId, `customer token of key ${keyId}`)
      } catch (error) {
        throw error instanceof CustomerTokenError ? invalid(error.message) : error
      }
    }
  }
  const customer = await signedIn?.(request)
  // An empty id identifies no customer.
  if (customer) return oneCustomer(customer, 'signed in', 'customer signed in')
  if (required) {
    throw unauthenticated(
      'This needs an API key: send it as "Authorization: Bearer rk_…". `rationale keys create` creates one.',
      'Bearer',
    )
  }
  return {}
}

function oneCustomer(customer: string, name: string, actor: string): Partial<HttpCaller> {
  const visitor = `customer ${customer}`
  return { name, visitor, actor, credential: 'CUSTOMER_TOKEN', scopes: ONE_CUSTOMER, customer }
}

function bearerOf({ headers }: Request): string | undefined {
  const [, token] = /^Bearer +(\S+) *$/i.exec(headers.get('authorization') ?? '') ?? []
  return token
}

/** Compares in a time that does not depend on where the texts differ. */
function isSame(given: string, token: string): boolean {
  const [a, b] = [given, token].map((text) => createHash('sha256').update(text).digest())
  return timingSafeEqual(a, b)
}

function storeOf(apiKeys: ApiKeyStore | undefined): ApiKeyStore {
  if (apiKeys === undefined) throw new ApiKeyError('This server has no API keys: leave Authorization out.')
  return apiKeys
}

async function accepting<Found>(find: () => Found | Promise<Found>): Promise<Found> {
  try {
    return await find()
  } catch (cause) {
    throw cause instanceof ApiKeyError ? invalid(cause.message) : cause
  }
}

const invalid = (message: string) => unauthenticated(message, 'Bearer error="invalid_token"')

function unauthenticated(message: string, challenge: string): GraphQLError {
  return new GraphQLError(message, {
    extensions: {
      code: 'UNAUTHENTICATED',
      http: { status: 401, headers: { 'WWW-Authenticate': challenge } },
    },
  })
}
