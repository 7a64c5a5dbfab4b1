import { importJWK, SignJWT } from 'jose'
import { pino } from 'pino'
import type { Recommender } from '../../src/engine/recommender.ts'
import { type ServerOptions, startServer } from '../../src/server/server.ts'
import { ApiKeyStore } from '../../src/store/api-key-store.ts'
import { IN_MEMORY } from '../../src/store/sqlite/database-file.ts'
import { smallRecommender } from './shop.ts'

/** A server of the small shop and the store of its API keys. */
export interface KeyedServer {
  readonly url: string
  readonly recommender: Recommender
  readonly apiKeys: ApiKeyStore
  close(): Promise<void>
}

/** Starts a server of the small shop on a free port, in production, with a new store of API keys. */
export async function startKeyedServer(options: Partial<ServerOptions> = {}): Promise<KeyedServer> {
  const recommender = await smallRecommender()
  const apiKeys = new ApiKeyStore(IN_MEMORY)
  const server = await startServer({
    recommender,
    apiKeys,
    host: '127.0.0.1',
    port: 0,
    production: true,
    logger: pino({ level: 'silent' }),
    ...options,
  })
  return {
    url: server.url,
    recommender,
    apiKeys,
    close: async () => {
      await server.close()
      recommender.close()
      await apiKeys.close()
    },
  }
}

/** Signs a customer token, as a shop's server does, with a new key of scope `sign`. */
export async function customerToken(apiKeys: ApiKeyStore, customer: string): Promise<string> {
  const { id, key } = await apiKeys.create('web shop', ['sign'], null)
  return new SignJWT({ sub: customer, aud: 'rationale' })
    .setProtectedHeader({ alg: 'EdDSA', kid: id })
    .setIssuedAt()
    .setExpirationTime('10m')
    .sign(await importJWK(JSON.parse(key), 'EdDSA'))
}

/** Sends a query with a key, as a proxy forwards it for a visitor's address. @returns the HTTP status */
export async function statusFor(url: string, key: string, address: string, query: string): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${key}`,
      'X-Forwarded-For': address,
    },
    body: JSON.stringify({ query }),
  })
  await response.arrayBuffer()
  return response.status
}
