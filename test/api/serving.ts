import { type Logger, pino } from 'pino'
import { afterAll } from 'vitest'
import type { Explainer } from '../../src/explanations/explainer.ts'
import type { Kernels } from '../../src/kernels/kernels.ts'
import { startServer } from '../../src/server/server.ts'
import { smallRecommender } from './shop.ts'

export interface Answer {
  readonly status: number
  // What a query returns is for its test to know.
  readonly data: any
  readonly errors?: { message: string; path?: (string | number)[]; extensions: Record<string, unknown> }[]
}

export interface Serving {
  readonly url: string
  readonly ask: (query: string, variables?: object) => Promise<Answer>
}

/** A server of the small shop on a free port, as in production by default, closed after the tests of the file. */
export async function serving(
  options: { kernels?: Kernels; explainer?: Explainer; production?: boolean; logger?: Logger } = {},
): Promise<Serving> {
  const recommender = await smallRecommender(options.kernels)
  const { production = true, logger = pino({ level: 'silent' }), explainer } = options
  const server = await startServer({
    recommender,
    ...(explainer && { explainer }),
    host: '127.0.0.1',
    port: 0,
    production,
    logger,
  })
  afterAll(async () => {
    await server.close()
    recommender.close()
  })
  return { url: server.url, ask: (query, variables) => post(server.url, { query, variables }) }
}

async function post(url: string, body: object): Promise<Answer> {
  const headers = { 'Content-Type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>) }
}
