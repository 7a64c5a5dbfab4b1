import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Command } from 'commander'
import { pino } from 'pino'
import { startServer } from '../../src/server/server.ts'
import { customerId, sku, smallRecommender } from '../api/shop.ts'

/** What must not be answered to who shows nothing. */
export const PRIVATE: Readonly<Record<string, string>> = {
  'a customer by id': `{ customer(externalId: "${customerId(1)}") { ... on Customer { externalId segment } } }`,
  'all customers': '{ customers(first: 5) { edges { node { externalId } } } }',
  'a search of customers':
    '{ searchCustomers(text: "customer", first: 5) { edges { node { externalId } } } }',
  'a forged node id': `{ node(id: "${forged(1)}") { ... on Customer { externalId } } }`,
  'forged node ids': `{ nodes(ids: ["${forged(1)}", "${forged(2)}"]) { ... on Customer { externalId } } }`,
  'recommendations of many': `{ recommendations(externalIds: ["${customerId(1)}"]) { ... on CustomerRecommendations { customer { externalId } } } }`,
  'groups of customers': '{ segments { name profile { monetary } } }',
  'a stream': `subscription { explanationStream(externalId: "${customerId(1)}", first: 1) { recommendation { rank } } }`,
  'a change': `mutation { setProductAvailability(input: { products: [{ sku: "${sku(1)}", hidden: true }] }) { ... on SetProductAvailabilityPayload { products { sku } } } }`,
}

function forged(number: number): string {
  return Buffer.from(`Customer:${customerId(number)}`).toString('base64')
}

/** Ways in which a proxy that was set up in a line passes on what others ask. */
const PROXIES: Readonly<Record<string, (headers: NodeJS.Dict<string | string[]>, host: string) => object>> = {
  'as nginx’s plain proxy_pass': (headers, host) => ({ ...headers, host, connection: 'close' }),
  'without any header of the client': (_headers, host) => ({ host, 'content-type': 'application/json' }),
  'under the name localhost': (headers, host) => ({
    ...headers,
    host: host.replace('127.0.0.1', 'localhost'),
  }),
}

export const proxy = new Command('proxy')
  .description(
    'asks about customers through a reverse proxy on the same machine that says nothing of who asks',
  )
  .addHelpText('after', '\nExample:\n  npm run attack -- proxy')
  .action(async () => {
    const answered = await attackThroughProxies()
    for (const [way, { leaked, products }] of Object.entries(answered)) {
      console.log(
        `${way}: ${leaked.length} of ${Object.keys(PRIVATE).length} answered ${leaked.join(', ')}; products ${products ? 'are' : 'are not'}`,
      )
    }
    if (Object.values(answered).some(({ leaked }) => leaked.length > 0)) {
      console.error('A proxy on this machine opens what is not for everybody.')
      process.exitCode = 1
    }
  })

/** A server of the small shop as `serve --model` starts it, without a key, asked through each proxy. */
export async function attackThroughProxies(): Promise<
  Record<string, { leaked: string[]; products: boolean }>
> {
  const recommender = await smallRecommender()
  const server = await startServer({
    recommender,
    host: '127.0.0.1',
    port: 0,
    token: 'a-token-that-nobody-knows',
    logger: pino({ level: 'silent' }),
  })
  try {
    const found: Record<string, { leaked: string[]; products: boolean }> = {}
    for (const [way, headersOf] of Object.entries(PROXIES)) {
      const passing = await openProxy(server.port, headersOf)
      const url = `http://127.0.0.1:${(passing.address() as AddressInfo).port}/graphql`
      const leaked: string[] = []
      for (const [what, query] of Object.entries(PRIVATE)) if (await isAnswered(url, query)) leaked.push(what)
      found[way] = {
        leaked,
        products: await isAnswered(url, '{ trending(first: 1) { edges { node { rank } } } }'),
      }
      passing.close()
    }
    return found
  } finally {
    await server.close()
    recommender.close()
  }
}

async function openProxy(port: number, headersOf: (typeof PROXIES)[string]): Promise<Server> {
  const passing = createServer((asked, response) => {
    const { method, url: path } = asked
    const headers = headersOf(asked.headers, `127.0.0.1:${port}`) as NodeJS.Dict<string>
    const on = request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
    })
    asked.pipe(on)
  }).listen(0, '127.0.0.1')
  await once(passing, 'listening')
  return passing
}

/** Whether anything but an error came back. */
async function isAnswered(url: string, query: string): Promise<boolean> {
  const headers = { 'Content-Type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) })
  return /"(externalId|rank|monetary|sku)":/.test(await response.text())
}
