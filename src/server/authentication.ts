import type { IncomingMessage } from 'node:http'
import { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { looksLikeKey } from '../store/api-key.ts'
import { ApiKeyError, type ApiKeyStore } from '../store/api-key-store.ts'
import type { Scope } from '../store/scope.ts'
import { addressOf, callerOf, setCaller } from './caller.ts'
import { throttled } from './limit-error.ts'
import type { Spending } from './spending.ts'

export interface AuthenticationOptions {
  readonly apiKeys: ApiKeyStore | undefined
  /** Whether nothing is answered without a key. */
  readonly required: boolean
  /** What is allowed without a key, where none is required. */
  readonly keyless: ReadonlySet<Scope>
  /** How many proxies stand before the server: see `addressOf`. */
  readonly proxies: number
  /** What addresses without a good key have left to ask with; null where callers are not limited. */
  readonly spending: Spending | null
}

/** What a request without a good key costs its address: far more than to refuse it. */
const FAILED_ATTEMPT = 100

const NO_SCOPES: ReadonlySet<Scope> = new Set()

/**
 * Finds out who sends a request, for `callerOf`, and answers 401, code UNAUTHENTICATED, where that takes a key and no
 * good one came with it. A key is read from `Authorization: Bearer` alone: URLs end up in logs and histories. One that
 * is given is checked also where none is needed, so that what a key may do can be tried on a developer's machine;
 * bearer tokens of others, of a gateway before the server, are none of ours there. Addresses that fail too often are
 * answered 429, code THROTTLED; a good key passes from there all the same.
 */
export function useAuthentication(options: AuthenticationOptions): Plugin<{}, { req?: IncomingMessage }> {
  const { apiKeys, required, keyless, proxies, spending } = options
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
    onRequestParse({ request }) {
      const key = keyIn(request)
      if (key === undefined && !required) return
      try {
        const { id, scopes } = checkKey(key, apiKeys)
        const asked = scopes.filter((scope) => scope !== 'sign')
        const { visitor } = callerOf(request)
        const actor = `key ${id}`
        setCaller(request, {
          name: id,
          visitor,
          actor,
          credential: 'API_KEY',
          scopes: new Set(asked),
          customer: null,
        })
      } catch (error) {
        if (!(error instanceof GraphQLError)) throw error
        const wait = Math.ceil(spending?.take(callerOf(request), FAILED_ATTEMPT) ?? 0)
        throw wait === 0 ? error : throttled('Too many requests without a good API key', wait)
      }
    },
  }
}

/** A bearer token that is meant to be a key of ours. */
function keyIn({ headers }: Request): string | undefined {
  const [, token] = /^Bearer +(\S+) *$/i.exec(headers.get('authorization') ?? '') ?? []
  return token !== undefined && looksLikeKey(token) ? token : undefined
}

function checkKey(key: string | undefined, apiKeys: ApiKeyStore | undefined) {
  if (key === undefined) {
    throw unauthenticated(
      'This needs an API key: send it as "Authorization: Bearer rk_…". `rationale keys create` makes one.',
      'Bearer',
    )
  }
  try {
    if (apiKeys === undefined) throw new ApiKeyError('This server has no API keys: leave out Authorization.')
    return apiKeys.check(key)
  } catch (cause) {
    if (!(cause instanceof ApiKeyError)) throw cause
    throw unauthenticated(cause.message, 'Bearer error="invalid_token"')
  }
}

function unauthenticated(message: string, challenge: string): GraphQLError {
  return new GraphQLError(message, {
    extensions: {
      code: 'UNAUTHENTICATED',
      http: { status: 401, headers: { 'WWW-Authenticate': challenge } },
    },
  })
}
