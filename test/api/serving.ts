import { pino } from 'pino'
import { afterAll } from 'vitest'
import type { Recommender } from '../../src/engine/recommender.ts'
import type { Kernels } from '../../src/kernels/kernels.ts'
import { type ServerOptions, startServer } from '../../src/server/server.ts'
import { ALL_SCOPES } from '../../src/store/scope.ts'
import { groceryRecommender } from './grocery.ts'
import { smallRecommender } from './shop.ts'

export interface Answer {
  readonly status: number
  // What a query returns is for its test to know.
  readonly data: any
  readonly extensions?: any
  readonly errors?: { message: string; path?: (string | number)[]; extensions: Record<string, unknown> }[]
}

export interface Serving {
  readonly url: string
  readonly recommender: Recommender
  readonly ask: (query: string, variables?: object) => Promise<Answer>
}

/** Options of a server whose recommender stays the same. */
type ServingOptions = Partial<Omit<ServerOptions, 'recommender'>> & { readonly recommender?: Recommender }

/**
 * A server on a free port, as in production by default, closed after the tests of the file.
 * @param kernels  of the small shop, which is served unless there is a recommender
 */
export async function serving({
  kernels,
  ...options
}: { kernels?: Kernels } & ServingOptions = {}): Promise<Serving> {
  const recommender = options.recommender ?? (await smallRecommender(kernels))
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    production: true,
    // What these tests ask is not who may ask it: that is asked in authentication.test.ts and scopes.test.ts.
    keyless: [...ALL_SCOPES],
    logger: pino({ level: 'silent' }),
    ...options,
    recommender,
  })
  afterAll(async () => {
    await server.close()
    recommender.close()
  })
  return { url: server.url, recommender, ask: (query, variables) => post(server.url, { query, variables }) }
}

/** The grocery, with room for operations that ask for every list at once. */
export async function servingGrocery(options: ServingOptions = {}): Promise<Serving> {
  const limits = { cost: 1e6, nodes: 1e6, aliases: 200, tokens: 10_000, ...options.limits }
  return serving({ recommender: await groceryRecommender(), ...options, limits })
}

async function post(url: string, body: object): Promise<Answer> {
  const headers = { 'Content-Type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>) }
}
