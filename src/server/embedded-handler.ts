import type { Scope } from '../store/scope.ts'
import { answerHeaders, withRequestId } from './response-headers.ts'
import type { SignedIn } from './authentication.ts'
import { serverConfig } from './server-settings.ts'
import { createHandler, type Handler, type HandlerOptions } from './handler.ts'
import { limitsOf } from './limits.ts'

/** What a handler inside of another server takes. */
export interface EmbeddedHandlerOptions extends HandlerOptions {
  /**
   * What callers may do without a key or a token. Default: catalog, which is products and lists for no known customer;
   * nothing if `apiKeys` are given.
   */
  readonly scopes?: readonly Scope[]
  /** The shop's own id of the signed-in customer, who may then ask about themselves. Default: none. */
  readonly signedIn?: SignedIn
  /** Serves GraphiQL to browsers that open the path. Default: false. */
  readonly graphiql?: boolean
}

/**
 * A handler for a server that is there already. It answers at whatever path it is mounted on. Who may ask is for that
 * server to say: unless it does, whoever reaches the handler is answered about products alone, within the limits of a
 * server that others reach.
 * @throws {Error} on a setting that cannot be
 */
export async function createEmbeddedHandler({
  scopes,
  signedIn,
  graphiql = false,
  ...options
}: EmbeddedHandlerOptions): Promise<Handler> {
  // Host and port are those of the server that is there: whatever the environment says of them is none of ours.
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
