import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ItemSide } from '../model/model.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { ALL_SCOPES, type Scope } from '../store/scope.ts'
import type { Store } from '../store/store.ts'
import { refuseNonLocal } from './access.ts'
import { answerError } from './error-response.ts'
import { createHandler, type HandlerOptions, sourceOf } from './handler.ts'
import { type HttpServer, listen } from './http.ts'
import { ALLOWED_METHODS } from './request-form.ts'
import { refuseUnreadableHost, targetOf } from './request-head.ts'
import { serverSettings } from './server-settings.ts'

const ENDPOINT = '/graphql'

/**
 * How long running requests may continue when the server closes, in ms; and the part of it after which streams end.
 */
const DRAIN = 10_000
const STREAM_SHARE = 0.8

/** Where a recommender is served, who may use it, and the options of its handler. */
export interface ServerOptions extends HandlerOptions {
  /** Default: the environment's HOST, else 127.0.0.1. */
  readonly host?: string
  /** Default: the environment's PORT, else 4000. 0 picks a free one. */
  readonly port?: number
  /**
   * Answers nothing without an API key or a token. Default: false on this machine (127.0.0.1, ::1, localhost) without
   * `trustProxy`; else true.
   */
  readonly requireKeys?: boolean
  /**
   * What is allowed without a key or a token, if none is required. Default: `catalog`, which is products and lists that
   * are not for a known customer.
   */
  readonly keyless?: readonly Scope[]
  /** Lets every client do everything without a key, whatever the host. */
  readonly insecure?: boolean
  /** The store, for /ready, which asks for its version. Default: /ready asks nothing. */
  readonly store?: Pick<Store, 'version'>
}

/** A server that listens. */
export interface RunningServer {
  /** The URL of GraphQL, …/graphql. */
  readonly url: string
  readonly port: number
  /**
   * Answers each connected client once more, then accepts no requests. Waits at most 10 seconds for running requests,
   * and 8 for deferred parts and subscriptions. The recommender stays open.
   */
  close(): Promise<void>
}

/**
 * Serves a recommender over GraphQL, with GraphiQL at the same URL; /health says whether it runs, and /ready whether it
 * can answer.
 * @throws {Error} if a setting is invalid, keys are needed and there is no store, or the port is taken
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { apiKeys, keyless = ['catalog'] } = options
  const source = sourceOf(options.recommender)
  const { host, port, access, ...config } = serverSettings(options)
  if (access === 'KEYS' && apiKeys === undefined && config.token === null)
    throw new Error(needsStore(host, config.trustProxy))
  const handler = await createHandler(options, {
    ...config,
    endpoint: ENDPOINT,
    requireKeys: access === 'KEYS',
    keyless: access === 'ANYONE' ? ALL_SCOPES : new Set(keyless),
    graphiql: !config.production,
  })
  const server: HttpServer = await listen(
    (request, response) => {
      if (access === 'LOOPBACK' && refuseNonLocal(request, response)) return
      if (refuseUnreadableHost(request, response)) return
      const { url, path } = targetOf(request)
      request.url = url
      if (path === '/health') answerHealth(source.current.model, server.isStopping(), request, response)
      else if (path === '/ready')
        void answerReady(source.current.model, server.isStopping(), options.store, request, response)
      else if (path === ENDPOINT || path === `${ENDPOINT}/`) handler(request, response)
      else if (path === '*' && request.method === 'OPTIONS')
        response.writeHead(204, { Allow: ALLOWED_METHODS }).end()
      else answerError(response, 404, 'NOT_FOUND', `Nothing is served at ${path}: GraphQL is at ${ENDPOINT}.`)
    },
    host,
    port,
    { drain: DRAIN },
  )
  return {
    url: `http://${hostInUrl(host)}:${server.port}${ENDPOINT}`,
    port: server.port,
    close() {
      handler.stopIn((STREAM_SHARE * DRAIN) / 1000)
      return server.close()
    },
  }
}

function needsStore(host: string, proxies: number): string {
  return (
    `A server on ${host}${proxies > 0 ? ' behind a proxy' : ''} needs API keys, and no store of keys was ` +
    'given: pass apiKeys, or insecure to let anyone in.'
  )
}

/** The host for a URL: a server that listens on all addresses can be reached at localhost. */
function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

/** How long the store may take to answer, in ms. */
const STORE_TIMEOUT = 1000

/**
 * Answers whether requests can be answered: 200 while a model is loaded and the store answers, else 503 with the reason,
 * so that a load balancer sends requests elsewhere. It takes a second at most.
 */
async function answerReady(
  { version }: ItemSide,
  isStopping: boolean,
  store: ServerOptions['store'],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (refuseMethod(request, response)) return
  const problem = isStopping ? 'the server is stopping' : await problemOf(store)
  answerStatus(response, problem === undefined, {
    status: problem === undefined ? 'ready' : 'not ready',
    ...(problem !== undefined && { reason: problem }),
    modelVersion: version,
  })
}

/** Why the store cannot be used; undefined if it can, or there is none. */
async function problemOf(store: ServerOptions['store']): Promise<string | undefined> {
  if (store === undefined) return undefined
  const late = new AbortController()
  try {
    return await Promise.race([
      store.version().then(() => undefined),
      sleep(STORE_TIMEOUT, `the store does not answer within ${STORE_TIMEOUT} ms`, { signal: late.signal }),
    ])
  } catch {
    // Why, the log says: whoever asks here need not be allowed to know.
    return 'the store cannot be used'
  } finally {
    late.abort()
  }
}

/** @returns whether it is another method than those that ask */
function refuseMethod({ method }: IncomingMessage, response: ServerResponse): boolean {
  if (method === 'GET' || method === 'HEAD') return false
  answerError(response, 405, 'METHOD_NOT_ALLOWED', `${method} is not answered: use GET.`, {
    Allow: 'GET, HEAD',
  })
  return true
}

function answerStatus(response: ServerResponse, isGood: boolean, status: object): void {
  response.writeHead(isGood ? 200 : 503, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
  })
  response.end(JSON.stringify(status))
}

/**
 * Answers that the server runs, and its model; 503 when it is stopping, so that a load balancer sends it no more requests.
 */
function answerHealth(
  { version }: ItemSide,
  isStopping: boolean,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (refuseMethod(request, response)) return
  answerStatus(response, !isStopping, { status: isStopping ? 'stopping' : 'ok', modelVersion: version })
}
