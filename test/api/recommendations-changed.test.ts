/** The subscription `recommendationsChanged`, over server-sent events. */
import { pino } from 'pino'
import { afterAll, describe, expect, test } from 'vitest'
import { createClient } from '../../src/client/client.ts'
import type { RequestError } from '../../src/client/request-error.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { startServer } from '../../src/server/server.ts'
import { ApiKeyStore } from '../../src/store/api-key-store.ts'
import { IN_MEMORY } from '../../src/store/sqlite/database-file.ts'
import { openEvents } from '../../src/store/open-events.ts'
import { temporaryFile } from '../explanations/writer.ts'
import { customerToken } from './keyed-server.ts'
import { serving } from './serving.ts'
import { customerId, sku, smallRecommender } from './shop.ts'

const file = temporaryFile('store.sqlite')
const { model } = await smallRecommender()
/** Two servers with one store, as in two processes. */
const stores = [openEvents(file), openEvents(file)]
const [here, there] = await Promise.all(
  stores.map((events) => serving({ recommender: new Recommender(model, referenceKernels(), { events }) })),
)
afterAll(async () => {
  for (const events of stores) await events.close()
})

const CHANGED = `subscription ($customer: String!) {
  recommendationsChanged(customer: $customer) {
    externalId
    recommendations(first: 5) { edges { node { product { sku } } } }
  }
}`

const LIST = `query ($customer: String!) { recommend(input: { customer: $customer }, first: 5) {
  ... on RecommendationConnection { edges { node { product { sku } } } }
} }`

const skusOf = ({ edges }: any): string[] => edges.map(({ node }: any) => node.product.sku)

async function record(ask: typeof here.ask, customer: string, product: string) {
  const { errors } = await ask(
    `mutation ($customer: String!, $product: String!) { recordEvents(input: { events: [
      { customer: $customer, product: $product, kind: PURCHASE }
    ] }) { __typename } }`,
    { customer, product },
  )
  expect(errors).toBeUndefined()
}

const subscribed = (url: string, customer: string, signal: AbortSignal) =>
  createClient({ url }).subscribe<any>(CHANGED, { customer }, { signal })

test.each([
  ['this server', customerId(3), here],
  ['another server with the same store', customerId(4), there],
])('a purchase recorded by %s sends the new list', async (_, customer, recording) => {
  const leaving = new AbortController()
  const lists = subscribed(here.url, customer, leaving.signal)
  const first = (await lists.next()).value.recommendationsChanged
  expect(first.externalId).toBe(customer)
  const skus = skusOf(first.recommendations)
  await record(recording.ask, customer, skus[0])
  const second = skusOf((await lists.next()).value.recommendationsChanged.recommendations)
  expect(second).not.toContain(skus[0])
  expect(second).toEqual(skusOf((await here.ask(LIST, { customer })).data.recommend))
  leaving.abort()
})

test('a customer of whom nothing is known is sent with the first event', async () => {
  const leaving = new AbortController()
  const lists = subscribed(here.url, 'newcomer', leaving.signal)
  const first = lists.next()
  await record(here.ask, 'newcomer', sku(3))
  expect((await first).value.recommendationsChanged.externalId).toBe('newcomer')
  leaving.abort()
})

test('one customer may have ten streams open, and closing one makes room', async () => {
  const customer = customerId(9)
  const clients = Array.from({ length: 10 }, () => new AbortController())
  for (const { signal } of clients) await subscribed(here.url, customer, signal).next()
  const oneMore = () => subscribed(here.url, customer, new AbortController().signal).next()
  await expect(oneMore()).rejects.toMatchObject({ codes: ['TOO_MANY_STREAMS'] })
  clients[0].abort()
  const last = new AbortController()
  await expect
    .poll(async () => (await subscribed(here.url, customer, last.signal).next()).done, { timeout: 10_000 })
    .toBe(false)
  for (const client of [...clients, last]) client.abort()
})

test('a stream ends in order when its time is up', async () => {
  const events = openEvents(IN_MEMORY)
  const recommender = new Recommender(model, referenceKernels(), { events })
  const brief = await serving({ recommender, limits: { streamSeconds: 1 } })
  const lists = subscribed(brief.url, customerId(1), new AbortController().signal)
  expect((await lists.next()).done).toBe(false)
  expect(await lists.next()).toEqual({ done: true, value: undefined })
  await events.close()
})

test('a server that stops ends its streams', async () => {
  const events = openEvents(IN_MEMORY)
  const recommender = new Recommender(model, referenceKernels(), { events })
  const logger = pino({ level: 'silent' })
  const options = { recommender, host: '127.0.0.1', port: 0, production: true, insecure: true, logger }
  const server = await startServer(options)
  const lists = subscribed(server.url, customerId(1), new AbortController().signal)
  expect((await lists.next()).done).toBe(false)
  const rest = lists.next().catch(() => ({ done: true }))
  await server.close()
  expect((await rest).done).toBe(true)
  recommender.close()
  await events.close()
}, 30_000)

test('a server without a store says so', async () => {
  const { url } = await serving()
  const lists = subscribed(url, customerId(1), new AbortController().signal)
  await expect(lists.next()).rejects.toMatchObject({ codes: ['NO_STORE'] })
})

test('a stream ends where its caller is in debt', async () => {
  const apiKeys = new ApiKeyStore(IN_MEMORY)
  const logger = pino({ level: 'silent' })
  const rateLimit = { capacity: 6000, perSecond: 0.01 }
  const limits = { rateLimit, visitorRateLimit: rateLimit }
  const { recommender } = here
  const server = await startServer({ recommender, apiKeys, requireKeys: true, port: 0, logger, limits })
  const token = await customerToken(apiKeys, customerId(7))
  const client = createClient({ url: server.url, apiKey: token, retries: 0 })
  const lists = client.subscribe<any>(CHANGED, { customer: customerId(7) })
  expect((await lists.next()).done).toBe(false)
  for (;;) {
    const refused = await client.query('{ oracle').catch((error: unknown) => error)
    if ((refused as RequestError).codes.includes('THROTTLED')) break
  }
  await record(here.ask, customerId(7), sku(1))
  await expect(lists.next()).rejects.toMatchObject({ codes: ['THROTTLED'] })
  await server.close()
  await apiKeys.close()
})

describe('who may', async () => {
  const apiKeys = new ApiKeyStore(IN_MEMORY)
  const logger = pino({ level: 'silent' })
  const { recommender } = here
  const options = { recommender, apiKeys, host: '127.0.0.1', port: 0, production: true, logger }
  const keyed = await startServer({ ...options, requireKeys: true })
  const token = await customerToken(apiKeys, customerId(1))
  afterAll(async () => {
    await keyed.close()
    await apiKeys.close()
  })

  test.each([
    ['the customer', token, customerId(1), null],
    ['another customer', token, customerId(2), 'FORBIDDEN'],
    ['the shop', (await apiKeys.create('shop', ['read'], null)).key, customerId(1), null],
    ['who reads products', (await apiKeys.create('page', ['catalog'], null)).key, customerId(1), 'FORBIDDEN'],
    [
      'who reads products, of nobody',
      (await apiKeys.create('page', ['catalog'], null)).key,
      'nobody',
      'FORBIDDEN',
    ],
    ['who writes', (await apiKeys.create('feed', ['write'], null)).key, customerId(1), 'FORBIDDEN'],
  ])('subscribe: %s', async (_, apiKey, customer, code) => {
    const leaving = new AbortController()
    const lists = createClient({ url: keyed.url, apiKey }).subscribe<any>(
      CHANGED,
      { customer },
      { signal: leaving.signal },
    )
    const answer = await lists.next().then(
      ({ value }) => value.recommendationsChanged.externalId,
      ({ codes }) => codes[0],
    )
    expect(answer).toBe(code ?? customer)
    leaving.abort()
  })
})
