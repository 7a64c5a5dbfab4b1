import { createYoga } from 'graphql-yoga'
import { type Logger, pino } from 'pino'
import type { Recommender } from '../engine/recommender.ts'
import { type Explainer, templateExplainer } from '../explanations/explainer.ts'
import { createContext } from '../graphql/context.ts'
import { schema } from '../graphql/schema.ts'
import { serverConfig } from './config.ts'
import { graphiql } from './graphiql.ts'
import { health } from './health.ts'
import { listen } from './http.ts'
import { useIncrementalDelivery } from './incremental-delivery.ts'
import { MAX_BODY_SIZE, useDocumentLimits, useJsonOnly } from './limits.ts'
import { maskErrors } from './masking.ts'

export interface ServerOptions {
  readonly recommender: Recommender
  /** Who puts reasons into words. Default: templates. */
  readonly explainer?: Explainer
  /** Default: the environment's HOST, else 127.0.0.1. */
  readonly host?: string
  /** Default: the environment's PORT, else 4000. 0 picks a free one. */
  readonly port?: number
  /** Hides GraphiQL, and the suggestions in error messages. Default: whether NODE_ENV is "production". */
  readonly production?: boolean
  /** Default: JSON lines on stderr. */
  readonly logger?: Logger
}

export interface RunningServer {
  /** Where GraphQL is served, …/graphql. */
  readonly url: string
  readonly port: number
  /** Takes no more requests, and waits for those under way, 10 seconds at most; the recommender stays open. */
  close(): Promise<void>
}

/**
 * Serves a recommender over GraphQL, with GraphiQL at the same URL and a health check at /health.
 * @throws {Error} on a setting that cannot be, and where the port is taken
 */
export async function startServer({
  recommender,
  explainer = templateExplainer(),
  logger,
  ...options
}: ServerOptions): Promise<RunningServer> {
  const { host, port, production } = serverConfig(options)
  const maskError = maskErrors(logger ?? pino(pino.destination(2)))
  const yoga = createYoga({
    schema,
    context: ({ request }) => createContext(recommender, explainer, request.signal),
    ...(production ? { graphiql: false } : await graphiql(recommender.model)),
    maskedErrors: { maskError },
    // Unexpected errors are logged where they are masked.
    logging: false,
    maxRequestBodySize: MAX_BODY_SIZE,
    plugins: [useJsonOnly(), useDocumentLimits(production), useIncrementalDelivery(maskError)],
    // No page of another origin may read what the shop's customers bought.
    cors: false,
    multipart: false,
    batching: false,
    landingPage: false,
  })
  const server = await listen(
    (request, response) =>
      request.url === '/health' ? health(recommender.model, response) : yoga(request, response),
    host,
    port,
  )
  return { url: `http://${hostInUrl(host)}:${server.port}${yoga.graphqlEndpoint}`, ...server }
}

/** The name to reach this host by: a server that listens on all addresses is on this machine's own, too. */
function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
