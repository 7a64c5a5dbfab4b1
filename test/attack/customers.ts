import { Command, Option } from 'commander'
import { wholeNumber } from '../../src/cli/options.ts'
import { customerToken, startKeyedServer } from '../api/keyed-server.ts'
import { customerId } from '../api/shop.ts'

/** How many other customers a caller could read. */
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
  .addOption(new Option('--seconds <n>', 'for each caller').argParser(wholeNumber(1, 60)).default(5))
  .addHelpText('after', '\nExample:\n  npm run attack -- customers --seconds 5')
  .action(async ({ seconds }: { seconds: number }) => {
    const found = await attackCustomers(seconds)
    for (const { caller, customers: count, requests, seconds: took } of found) {
      console.log(
        `${caller}: ${count} customers in ${requests} requests, ${Math.round((count / took) * 60)} a minute`,
      )
    }
    if (found.some(({ caller, customers: count }) => count > 0 && !caller.startsWith('scope read'))) {
      console.error('A caller without scope "read" could read other customers.')
      process.exitCode = 1
    }
  })

/** Asks for a hundred forged ids at a time, as a storefront's visitor could. */
export async function attackCustomers(seconds: number): Promise<Enumerated[]> {
  const server = await startKeyedServer({ limits: { rateLimit: null } })
  const { apiKeys } = server
  const own = customerId(1)
  const token = await customerToken(apiKeys, own)
  const callers: Record<string, string | null> = {
    'no key': null,
    'scope catalog': (await apiKeys.create('page', ['catalog'], null)).key,
    'customer token': token,
    'scope read (a server’s, which may)': (await apiKeys.create('server', ['read'], null)).key,
  }
  try {
    const found: Enumerated[] = []
    for (const [caller, bearer] of Object.entries(callers)) {
      found.push({ caller, ...(await enumerate(server.url, bearer, own, seconds)) })
    }
    return found
  } finally {
    await server.close()
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
