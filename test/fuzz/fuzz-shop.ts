import { pino } from 'pino'
import { type Explainer, templateExplainer } from '../../src/explanations/explainer.ts'
import { schema } from '../../src/graphql/schema.ts'
import { startServer } from '../../src/server/server.ts'
import { ApiKeyStore } from '../../src/store/api-key-store.ts'
import { IN_MEMORY } from '../../src/store/sqlite/database-file.ts'
import { ALL_SCOPES, type KeyScope } from '../../src/store/scope.ts'
import { customerId, sku, smallRecommender } from '../api/shop.ts'
import { type FuzzReport, fuzzOperations } from './fuzz-operations.ts'

/** What the small shop knows: ids of its own, global ids, a category, an attribute. */
const KNOWN = [
  ...[1, 2, 3].flatMap((number) => [sku(number), customerId(number)]),
  ...[`Product:${sku(1)}`, `Customer:${customerId(1)}`].map((id) => Buffer.from(id).toString('base64')),
  'toys',
  'price',
]

/** A template that now and then throws what nobody foresaw. */
function failingExplainer() {
  const thrown = { times: 0, message: 'the ninth cup is cracked' }
  const template = templateExplainer()
  let asked = 0
  const explainer: Explainer = {
    ...template,
    explain: async (...question) => {
      if (++asked % 2 === 1) return template.explain(...question)
      thrown.times++
      throw new Error(thrown.message)
    },
  }
  return { thrown, explainer }
}

/** Keys of every set of scopes, and some that open nothing. */
async function keysOf(store: ApiKeyStore): Promise<string[]> {
  const sets: KeyScope[][] = [
    ['catalog'],
    ['read'],
    ['write'],
    ['admin'],
    ['read', 'admin'],
    ['read', 'write', 'admin'],
  ]
  const good = await Promise.all(
    sets.map(async (scopes) => (await store.create(scopes.join(' '), scopes, null)).key),
  )
  return [...good, (await store.create('expired', ['read'], 0)).key, `${good[0]}0`, 'rk_']
}

/**
 * `fuzzOperations` on a server of the small shop, as in production but with introspection.
 * @throws {Error} as `fuzzOperations`
 */
export async function fuzzShop(extent: { count: number; seed: number }): Promise<FuzzReport> {
  const recommender = await smallRecommender()
  const apiKeys = new ApiKeyStore(IN_MEMORY)
  const { thrown, explainer } = failingExplainer()
  const server = await startServer({
    recommender,
    explainer,
    apiKeys,
    host: '127.0.0.1',
    port: 0,
    production: true,
    introspection: true,
    keyless: [...ALL_SCOPES],
    logger: pino({ level: 'silent' }),
  })
  try {
    return await fuzzOperations(
      { url: server.url, schema, known: KNOWN, keys: await keysOf(apiKeys), thrown },
      extent,
    )
  } finally {
    await server.close()
    await apiKeys.close()
    recommender.close()
  }
}
