import type { Scope } from '../store/scope.ts'
import { answerHeaders } from './answer-headers.ts'
import { serverConfig } from './config.ts'
import { createHandler, type Handler, type HandlerOptions } from './handler.ts'
import { limitsOf } from './limits.ts'
import { withRequestId } from './request-id.ts'

/** What a handler inside of another server takes. */
export interface EmbeddedHandlerOptions extends HandlerOptions {
  /** What whoever reaches the handler may do, where no `apiKeys` are given. Default: read. */
  readonly scopes?: readonly Scope[]
}

/**
 * A handler for a server that is there already. It answers at whatever path it is mounted on. Who may ask, and how much,
 * is for that server to say: keys are needed only where `apiKeys` are given, and rates are limited only where `limits`
 * or the environment's RATE_LIMIT say so.
 * @throws {Error} on a setting that cannot be
 */
export async function createEmbeddedHandler({
  scopes = ['read'],
  ...options
}: EmbeddedHandlerOptions): Promise<Handler> {
  // Host and port are those of the server that is there: whatever the environment says of them is none of ours.
  const config = serverConfig({ ...options, host: 'localhost', port: 0 })
  const handler = await createHandler(options, {
    ...config,
    endpoint: '/*',
    requireKeys: options.apiKeys !== undefined,
    keyless: new Set(scopes),
    limits: limitsOf(options.limits),
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
