import { Command, Option } from 'commander'
import { importJWK, SignJWT } from 'jose'
import { pino } from 'pino'
import { wholeNumber } from '../../src/cli/options.ts'
import { startServer } from '../../src/server/server.ts'
import { ApiKeyStore } from '../../src/store/api-key-store.ts'
import { IN_MEMORY } from '../../src/store/database.ts'
import { customerId, smallRecommender } from '../api/shop.ts'

/** How many customers a caller got to know, besides their own. */
export interface Enumerated {
  readonly caller: string
  readonly customers: number
  readonly requests: number
  readonly seconds: number
}

export const customers = new Command('customers')
  .description(
    'reads customers by forged ids: without a key, with one of scope catalog, and with a customer token',
  )
  .addOption(new Option('--seconds <n>', 'as long each caller asks').argParser(wholeNumber(1, 60)).default(5))
  .addHelpText('after', '\nExample:\n  npm run attack -- customers --seconds 5')
  .action(async ({ seconds }: { seconds: number }) => {
    const found = await attackCustomers(seconds)
    for (const { caller, customers: count, requests, seconds: took } of found) {
      console.log(
        `${caller}: ${count} customers in ${requests} requests, ${Math.round((count / took) * 60)} a minute`,
      )
    }
    if (found.some(({ caller, customers: count }) => count > 0 && !caller.startsWith('scope read'))) {
      console.error('Who may not name customers got to know some.')
      process.exitCode = 1
    }
  })

/** Asks for a hundred forged ids at a time, as a storefront's visitor could. */
export async function attackCustomers(seconds: number): Promise<Enumerated[]> {
  const recommender = await smallRecommender()
  const apiKeys = new ApiKeyStore(IN_MEMORY)
  const server = await startServer({
    recommender,
    apiKeys,
    host: '127.0.0.1',
    port: 0,
    production: true,
    limits: { rateLimit: null },
    logger: pino({ level: 'silent' }),
  })
  const jwk = JSON.parse(apiKeys.create('sign-in', ['sign'], null).key)
  const own = customerId(1)
  const token = await new SignJWT()
    .setProtectedHeader({ alg: 'EdDSA', kid: jwk.kid })
    .setSubject(own)
    .setAudience('rationale')
    .setIssuedAt()
    .setExpirationTime('10m')
    .sign(await importJWK(jwk, 'EdDSA'))
  const callers: Record<string, string | null> = {
    'no key': null,
    'scope catalog': apiKeys.create('page', ['catalog'], null).key,
    'customer token': token,
    'scope read (a server’s, which may)': apiKeys.create('server', ['read'], null).key,
  }
  try {
    const found: Enumerated[] = []
    for (const [caller, bearer] of Object.entries(callers)) {
      found.push({ caller, ...(await enumerate(server.url, bearer, own, seconds)) })
    }
    return found
  } finally {
    await server.close()
    recommender.close()
    apiKeys.close()
  }
}

async function enumerate(url: string, bearer: string | null, own: string, seconds: number) {
  const known = new Set<string>()
  const began = performance.now()
  let requests = 0
  while (performance.now() - began < seconds * 1000) {
    const ids = Array.from({ length: 100 }, (_, place) =>
      Buffer.from(`Customer:${customerId((requests * 100 + place) % 1000)}`).toString('base64'),
    )
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        ...(bearer !== null && { Authorization: `Bearer ${bearer}` }),
      },
      body: JSON.stringify({
        query: 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { externalId } } }',
        variables: { ids },
      }),
    })
    for (const [, id] of (await response.text()).matchAll(/"externalId":"([^"]+)"/g))
      if (id !== own) known.add(id)
    requests++
  }
  return { customers: known.size, requests, seconds: (performance.now() - began) / 1000 }
}
