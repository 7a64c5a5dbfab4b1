/** Answers GraphQL over HTTP, for `startServer` and for a program's own server. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { GraphQLError } from 'graphql'
import { createYoga, type Plugin } from 'graphql-yoga'
import { type Logger, pino } from 'pino'
import type { Recommender } from '../engine/recommender.ts'
import { type Explainer, templateExplainer } from '../explanations/explainer.ts'
import { createContext } from '../graphql/context.ts'
import { costTable, EXPLANATION_COST, UNIT } from '../graphql/cost.ts'
import { costInputs } from '../graphql/cost-inputs.ts'
import { schema } from '../graphql/schema.ts'
import type { ModelService } from '../service/model-service.ts'
import { type RecommenderSource, unchanging } from '../service/serving-states.ts'
import type { ApiKeyStore } from '../store/api-key-store.ts'
import type { Scope } from '../store/scope.ts'
import type { SharedLimits } from '../store/shared-limits.ts'
import { useAuthentication } from './authentication.ts'
import { callerOf } from './caller.ts'
import { corsFor, useGetRequests, useVaryByOrigin } from './cross-origin.ts'
import { Deadlines } from './deadline.ts'
import { useDocumentCache } from './document-cache.ts'
import { useDocumentLimits, useInputDepth } from './document-limits.ts'
import { maskErrors } from './error-response.ts'
import { graphiql } from './graphiql.ts'
import { useIncrementalDelivery } from './incremental-delivery.ts'
import { throttled } from './limit-error.ts'
import type { Limits } from './limits.ts'
import { CostMeter } from './cost-meter.ts'
import { useOperationLimits } from './operation-limits.ts'
import { useRequestBody } from './request-body.ts'
import { useRequestForm } from './request-form.ts'
import { useRequestTimeout } from './request-timeout.ts'
import type { SignedIn } from './signed-in.ts'
import { RateLimiter } from './rate-limit.ts'
import { send } from './send.ts'
import { SharedRateLimiter } from './shared-rate-limiter.ts'
import { staticPage } from './static-page.ts'
import { useThrottle } from './throttle.ts'
import type { TrustedDocuments } from './trusted-documents.ts'
import type { useTrustedDocuments } from './use-trusted-documents.ts'

/** Options of a handler. */
export interface HandlerOptions {
  /** What answers. A source may change it while it serves: a request keeps the one that it began with. */
  readonly recommender: Recommender | RecommenderSource
  /** The models of a store, for operators. Default: nothing can be retrained. */
  readonly models?: ModelService
  /** Puts reasons into words. Default: templates. */
  readonly explainer?: Explainer
  /** Hides GraphiQL. Default: whether NODE_ENV is "production". */
  readonly production?: boolean
  /**
   * Allows introspection, and suggestions in error messages. Default: the environment's INTROSPECTION, else true except
   * in production.
   */
  readonly introspection?: boolean
  /** The limits of one request and of one caller. Default: the environment's, else those of `limitsOf`. */
  readonly limits?: Partial<Limits>
  /** The API keys that are valid here; the caller closes this store. Without it no key is valid. */
  readonly apiKeys?: ApiKeyStore
  /**
   * The number of proxies in front of the server, each appending the address of its client to X-Forwarded-For. Default:
   * the environment's TRUST_PROXY, else 0.
   */
  readonly trustProxy?: number
  /**
   * The server token, a bearer token that allows everything, for the person who started the server. Default: the
   * environment's RATIONALE_TOKEN, else there is none.
   */
  readonly token?: string | null
  /**
   * The claim "aud" that customer tokens must have. Give each server its own name if several know the same signing key.
   * Default: the environment's TOKEN_AUDIENCE, else "rationale".
   */
  readonly audience?: string
  /**
   * The origins whose pages may read the answers, such as https://shop.example, for pages with customer tokens. Default:
   * the environment's CORS_ORIGIN, else only the server's own origin.
   */
  readonly corsOrigins?: readonly string[]
  /** Answers only these documents (`readTrustedDocuments`), and serves no GraphiQL. Default: any document. */
  readonly trustedDocuments?: TrustedDocuments
  /**
   * Limits callers together with all other processes that have these limits; the caller closes them. Default: this process
   * limits by itself.
   */
  readonly sharedLimits?: SharedLimits
  /** Default: JSON lines on stderr. */
  readonly logger?: Logger
}

/** Settings that `startServer` and `createEmbeddedHandler` decide. */
export interface HandlerSettings {
  /** The path to answer at; "/*" is any. */
  readonly endpoint: string
  readonly introspection: boolean
  readonly trustProxy: number
  readonly token: string | null
  readonly audience: string
  readonly corsOrigins: readonly string[]
  /** Finds the signed-in customer, from the session of the program around this handler; left out: nobody is. */
  readonly signedIn?: SignedIn | undefined
  /** Whether GraphiQL is served. */
  readonly graphiql: boolean
  /** Whether nothing is answered without an API key. */
  readonly requireKeys: boolean
  /** What is allowed without a key, if none is required. */
  readonly keyless: ReadonlySet<Scope>
  readonly limits: Limits
}

/** Answers requests of Node's servers and of the Fetch API. */
export interface Handler {
  /** A listener for Node's servers, and therefore for Express, Fastify and others. */
  (request: IncomingMessage, response: ServerResponse): unknown
  /** For servers with the Fetch API's Request and Response. */
  fetch(request: Request): Response | Promise<Response>
}

/** A handler whose running requests can be ended. */
export interface StoppableHandler extends Handler {
  /** Ends all running requests within some seconds. */
  stopIn(seconds: number): void
}

/** Creates a handler. It has nothing to close. */
export async function createHandler(
  {
    recommender: given,
    models,
    explainer = templateExplainer(),
    logger,
    apiKeys,
    trustedDocuments,
    sharedLimits,
  }: HandlerOptions,
  settings: HandlerSettings,
): Promise<StoppableHandler> {
  const { endpoint, introspection, trustProxy, requireKeys, keyless, limits, token, audience, corsOrigins } =
    settings
  const source = sourceOf(given)
  source.current.openNeighbours()
  const { rateLimit, visitorRateLimit } = limits
  const log = logger ?? pino(pino.destination(2))
  const rates = rateLimit && { rateLimit, visitorRateLimit }
  const rateLimiter =
    rates && (sharedLimits ? new SharedRateLimiter(rates, sharedLimits, log) : new RateLimiter(rates))
  const maskError = maskErrors(log)
  const deadlines = new Deadlines()
  const page =
    settings.graphiql && !trustedDocuments
      ? staticPage(graphiql(source.current.model, requireKeys ? new Set() : keyless))
      : null
  const yoga = createYoga<ServerContext>({
    graphqlEndpoint: endpoint,
    schema,
    context: ({ request, recommender }) => {
      const caller = callerOf(request)
      const deadline = deadlines.start(request.signal, limits.seconds)
      const meter = new CostMeter((points) => rateLimiter?.charge(caller, points))
      const callbacks = {
        onSpent: (milliseconds: number) => meter.spend(milliseconds / UNIT),
        onObjects: (count: number) => {
          const excess = meter.count(count, limits.nodes)
          if (excess) deadline.end(excess)
        },
        onFurtherAnswer: () => {
          const wait = Math.ceil(rateLimiter?.owes(caller) ?? 0)
          if (wait > 0) throw throttled('This stream has used up more than there was', wait)
        },
      }
      const context = createContext(recommender, explainer, deadline.signal, caller, callbacks, models)
      return { ...context, deadline, meter }
    },
    // `useRequestForm` serves the page.
    graphiql: false,
    // Yoga would answer any address with this ending; no address contains a blank.
    healthCheckEndpoint: ' ',
    maskedErrors: { maskError },
    // Unexpected errors are logged where they are masked.
    logging: false,
    // `useRequestBody` checks the size.
    maxRequestBodySize: false,
    // `useDocumentCache` caches documents.
    parserAndValidationCache: false,
    plugins: [
      ...(corsOrigins.length > 0 ? [useVaryByOrigin()] : []),
      useRequestForm(page),
      useAuthentication({
        apiKeys,
        token,
        audience,
        signedIn: settings.signedIn,
        required: requireKeys,
        keyless,
        proxies: trustProxy,
        rateLimiter,
      }),
      useRequestBody(limits.bodyBytes),
      useGetRequests(),
      useInputDepth(),
      ...(rateLimiter ? [useThrottle(rateLimiter)] : []),
      ...(trustedDocuments ? await trusting(trustedDocuments, limits.tokens, rateLimiter) : []),
      useDocumentLimits(limits, introspection),
      useDocumentCache(),
      useOperationLimits(
        limits,
        costTable(EXPLANATION_COST[explainer.source ?? 'TEMPLATE']),
        costInputs(() => source.current),
        rateLimiter,
      ),
      useIncrementalDelivery(maskError),
      useRequestTimeout(limits.streamSeconds),
    ],
    // Pages of other origins may read answers only if they are listed.
    cors: corsOrigins.length > 0 && corsFor(corsOrigins),
    multipart: false,
    batching: false,
    landingPage: false,
  })
  const failed = (error: unknown) => {
    // An address that the Fetch API cannot read.
    if ((error as NodeJS.ErrnoException).code === 'ERR_INVALID_URL') return failure(400, badAddress())
    return failure(500, maskError(error, 'Unexpected error.'))
  }
  const handler: Handler = async (request, response) => {
    const { recommender, release } = source.lease()
    let answer: Response
    const context = { req: request, res: response, recommender }
    try {
      answer = await yoga.handleNodeRequestAndResponse(request, response, context)
    } catch (error) {
      answer = failed(error)
    }
    // An answer that fails while it is sent must not stop the server.
    await send(answer, response)
      .catch(() => response.destroy())
      .finally(release)
  }
  handler.fetch = async (request) => {
    const { recommender, release } = source.lease()
    let answer: Response
    try {
      answer = await yoga.fetch(request, { recommender })
    } catch (error) {
      answer = failed(error)
    }
    if (request.method === 'HEAD' || answer.body === null) {
      release()
      return new Response(null, answer)
    }
    return new Response(answer.body.pipeThrough(whenEnded(release)), answer)
  }
  return Object.assign(handler, { stopIn: (seconds: number) => deadlines.stopIn(seconds) })
}

/** What the plugins and the context get of each request. */
interface ServerContext {
  readonly recommender: Recommender
}

/** A recommender alone as a source of it. */
export function sourceOf(given: Recommender | RecommenderSource): RecommenderSource {
  return 'lease' in given ? given : unchanging(given)
}

/** Passes a body on, and calls `act` when it has been read or is given up. */
function whenEnded(act: () => void): TransformStream<Uint8Array, Uint8Array> {
  const transformer: Transformer<Uint8Array, Uint8Array> & { cancel(): void } = { flush: act, cancel: act }
  return new TransformStream(transformer)
}

function badAddress(): GraphQLError {
  return new GraphQLError('The address of the request cannot be read.', {
    extensions: { code: 'BAD_REQUEST' },
  })
}

function failure(status: number, error: Error): Response {
  return Response.json({ errors: [error] }, { status })
}

/** Loads its modules on demand: few servers have trusted documents. */
async function trusting(...given: Parameters<typeof useTrustedDocuments>): Promise<Plugin[]> {
  const trusted = await import('./use-trusted-documents.ts')
  return trusted.useTrustedDocuments(...given)
}
