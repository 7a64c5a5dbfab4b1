import { pino } from 'pino'
import { schema } from '../../src/graphql/schema.ts'
import { startServer } from '../../src/server/server.ts'
import { customerId, sku, smallRecommender } from '../api/shop.ts'
import { type FuzzReport, fuzzOperations } from './fuzz-operations.ts'

/** What the small shop knows: ids of its own, global ids, a category, an attribute. */
const KNOWN = [
  ...[1, 2, 3].flatMap((number) => [sku(number), customerId(number)]),
  ...[`Product:${sku(1)}`, `Customer:${customerId(1)}`].map((id) => Buffer.from(id).toString('base64')),
  'toys',
  'price',
]

/**
 * `fuzzOperations` on a server of the small shop, as in production but with introspection.
 * @throws {Error} as `fuzzOperations`
 */
export async function fuzzShop(extent: { count: number; seed: number }): Promise<FuzzReport> {
  const recommender = await smallRecommender()
  const server = await startServer({
    recommender,
    host: '127.0.0.1',
    port: 0,
    production: true,
    introspection: true,
    logger: pino({ level: 'silent' }),
  })
  try {
    return await fuzzOperations({ url: server.url, schema, known: KNOWN }, extent)
  } finally {
    await server.close()
    recommender.close()
  }
}
