import { GraphQLError } from 'graphql'

/** The limits that a request can exceed. */
export type Limit =
  | 'bodyBytes'
  | 'tokens'
  | 'depth'
  | 'aliases'
  | 'directives'
  | 'cost'
  | 'nodes'
  | 'inputDepth'

interface Excess {
  readonly limit: Limit
  readonly maximum: number
  /** Left out if the counting stopped early. */
  readonly requested?: number
  /** What is wrong, and what to do. */
  readonly message: string
  /** The HTTP status; left out: as for an invalid document, 400, or 200 for clients of `application/json`. */
  readonly status?: number
}

/** @param requested  objects, estimated or found */
export function tooManyObjects(requested: number, maximum: number): GraphQLError {
  return limitExceeded({
    limit: 'nodes',
    maximum,
    requested,
    message:
      `The operation may return ${requested} objects, at most ${maximum} are allowed: ask for shorter pages and for ` +
      'fewer reasons (`first`), or for lists within lists in separate operations.',
  })
}

/** The error for a caller without enough points; code THROTTLED. @param wait  whole seconds until there are enough */
export function throttled(message: string, wait: number): GraphQLError {
  return new GraphQLError(`${message}: ask again in ${wait} s.`, {
    extensions: {
      code: 'THROTTLED',
      retryAfter: wait,
      http: { status: 429, headers: { 'Retry-After': String(wait) } },
    },
  })
}

/** The error for a request that asks for too much; code LIMIT_EXCEEDED, with the limit's name and numbers. */
export function limitExceeded({ message, status, ...numbers }: Excess): GraphQLError {
  return new GraphQLError(message, {
    extensions: {
      code: 'LIMIT_EXCEEDED',
      ...numbers,
      http: status === undefined ? { status: 400, spec: true } : { status },
    },
  })
}
