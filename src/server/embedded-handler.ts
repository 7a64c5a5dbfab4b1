import type { Scope } from '../store/scope.ts'
import { answerHeaders, withRequestId } from './response-headers.ts'
import type { SignedIn } from './signed-in.ts'
import { serverConfig } from './server-settings.ts'
import { createHandler, type Handler, type HandlerOptions } from './handler.ts'
import { limitsOf } from './limits.ts'

/** Options of a handler inside another server. */
export interface EmbeddedHandlerOptions extends HandlerOptions {
  /**
   * What callers may do without a key or a token. Default: `catalog`, which is products and lists that are not for a
   * known customer; nothing if `apiKeys` are given.
   */
  readonly scopes?: readonly Scope[]
  /** Finds the signed-in customer, who may then read their own data. Default: nobody is signed in. */
  readonly signedIn?: SignedIn
  /** Serves GraphiQL to browsers that open the path. Default: false. */
  readonly graphiql?: boolean
}

/**
 * A handler to mount in an existing server, at any path. That server decides who has access. By default every client may
 * query products only, within the limits of a public server.
 * @throws {Error} if a setting is invalid
 */
export async function createEmbeddedHandler({
  scopes,
  signedIn,
  graphiql = false,
  ...options
}: EmbeddedHandlerOptions): Promise<Handler> {
  // The existing server has its own host and port, so HOST and PORT of the environment do not apply.
  const config = serverConfig({ ...options, host: 'localhost', port: 0 })
  const handler = await createHandler(options, {
    ...config,
    endpoint: '/*',
    requireKeys: options.apiKeys !== undefined && scopes === undefined,
    keyless: new Set(scopes ?? ['catalog']),
    signedIn,
    graphiql,
    limits: limitsOf(options.limits, true),
  })
  const listener: Handler = (request, response) =>
    withRequestId((id) => {
      response.setHeaders(answerHeaders(id))
      return handler(request, response)
    })
  listener.fetch = (request) =>
    withRequestId(async (id) => {
      const response = await handler.fetch(request)
      for (const [name, value] of answerHeaders(id)) response.headers.set(name, value)
      return response
    })
  return listener
}
