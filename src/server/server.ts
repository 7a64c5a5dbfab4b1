import { ALL_SCOPES, type Scope } from '../store/scope.ts'
import { refuseStranger } from './access.ts'
import { createHandler, type HandlerOptions } from './handler.ts'
import { health } from './health.ts'
import { listen } from './http.ts'
import { serverSettings } from './server-settings.ts'

const ENDPOINT = '/graphql'

/** Where a recommender is served, who may ask, and all that its handler takes. */
export interface ServerOptions extends HandlerOptions {
  /** Default: the environment's HOST, else 127.0.0.1. */
  readonly host?: string
  /** Default: the environment's PORT, else 4000. 0 picks a free one. */
  readonly port?: number
  /**
   * Answers nothing without an API key or a token. Default: not on this machine (127.0.0.1, ::1, localhost) without
   * `trustProxy`, elsewhere it does.
   */
  readonly requireKeys?: boolean
  /**
   * What is answered without a key or a token on this machine, where no key is required. Being on this machine says
   * nothing of who asks. Default: catalog, which is products and lists that are not of a known customer.
   */
  readonly keyless?: readonly Scope[]
  /** Lets anybody who reaches the server do everything without a key, whatever the host. */
  readonly insecure?: boolean
}

/** A server that listens. */
export interface RunningServer {
  /** Where GraphQL is served, …/graphql. */
  readonly url: string
  readonly port: number
  /** Takes no more requests, and waits for those under way, 10 seconds at most; the recommender stays open. */
  close(): Promise<void>
}

/**
 * Serves a recommender over GraphQL, with GraphiQL at the same URL and a health check at /health.
 * @throws {Error} on a setting that cannot be, where keys are needed and there is no store, and where the port is taken
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { recommender, apiKeys, keyless = ['catalog'] } = options
  const { host, port, access, ...config } = serverSettings(options)
  if (access === 'KEYS' && apiKeys === undefined && config.token === null)
    throw new Error(needsStore(host, config.trustProxy))
  const handler = await createHandler(options, {
    ...config,
    endpoint: ENDPOINT,
    requireKeys: access === 'KEYS',
    keyless: access === 'ANYBODY' ? ALL_SCOPES : new Set(keyless),
    graphiql: !config.production,
  })
  const server = await listen(
    (request, response) => {
      if (access === 'LOOPBACK' && refuseStranger(request, response)) return
      if (request.url === '/health') health(recommender.model, response)
      else handler(request, response)
    },
    host,
    port,
  )
  return { url: `http://${hostInUrl(host)}:${server.port}${ENDPOINT}`, ...server }
}

function needsStore(host: string, proxies: number): string {
  return (
    `Whoever reaches ${host}${proxies > 0 ? ' through a proxy' : ''} has to show an API key, and no store of keys was ` +
    'given: pass apiKeys, or insecure to let anybody in.'
  )
}

/** The name to reach this host by: a server that listens on all addresses is on this machine's own, too. */
function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
