import type { ServerResponse } from 'node:http'
import { GraphQLError } from 'graphql'
import type { Logger } from 'pino'
import { StoreError } from '../store/store-error.ts'
import { requestId } from './response-headers.ts'

/** Answers a request that does not reach GraphQL, in the form of GraphQL errors. */
export function answerError(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', ...headers })
  response.end(JSON.stringify({ errors: [{ message, extensions: { code } }] }))
}

/**
 * Returns errors that are meant for the client; the cause of one is logged. Any other error is logged in full, and the client gets a request id that
 * identifies it in the log.
 */
export function maskErrors(logger: Logger): (error: unknown, message: string) => Error {
  return (error, message) => {
    if (isForClient(error)) {
      const { cause } = error.originalError ?? error
      if (cause !== undefined) logger.error({ err: cause, path: error.path }, error.message)
      return error
    }
    const located = error instanceof GraphQLError ? error : undefined
    const cause = located?.originalError ?? error
    if (cause instanceof StoreError) return storeUnavailable(cause, located, logger)
    const id = requestId()
    logger.error({ err: cause, path: located?.path, requestId: id }, 'unexpected error')
    return new GraphQLError(message, {
      nodes: located?.nodes,
      path: located?.path,
      // If nothing was executed, yoga answers 500 for an error with an original error.
      originalError: error instanceof Error ? error : new Error(String(error)),
      extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: id },
    })
  }
}

/** How often the same trouble with the store is logged, in ms: meanwhile every request meets it. */
const LOG_INTERVAL = 10_000

const logged = new WeakMap<Logger, number>()

/** The store cannot be used just now: code STORE_UNAVAILABLE, and 503 if nothing was executed. The log says why. */
function storeUnavailable(
  cause: StoreError,
  located: GraphQLError | undefined,
  logger: Logger,
): GraphQLError {
  const now = performance.now()
  if (now - (logged.get(logger) ?? -Infinity) >= LOG_INTERVAL) {
    logged.set(logger, now)
    logger.error({ err: cause, path: located?.path }, 'the store cannot be used')
  }
  return new GraphQLError('The store of this server cannot be used just now: try again in some seconds.', {
    nodes: located?.nodes,
    path: located?.path,
    extensions: {
      code: 'STORE_UNAVAILABLE',
      ...(located?.path === undefined && { http: { status: 503, headers: { 'Retry-After': '5' } } }),
    },
  })
}

/** Whether an error was thrown as a GraphQLError; execution wraps all other errors into one, to add the field. */
function isForClient(error: unknown): error is GraphQLError {
  return (
    error instanceof GraphQLError && (error.originalError === undefined || isForClient(error.originalError))
  )
}
