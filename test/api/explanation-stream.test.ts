import { afterAll, beforeEach, expect, test } from 'vitest'
import { startOpenAiServer } from '../explanations/openai-server.ts'
import { writerFor } from '../explanations/writer.ts'
import { patience } from '../patience.ts'
import { all, partsOf } from './parts.ts'
import { serving } from './serving.ts'

const openAi = await startOpenAiServer()
afterAll(() => openAi.close())
beforeEach(() => openAi.behave('right'))

const { explainer } = await writerFor(openAi, { retries: 0 })
const { url, ask } = await serving({ explainer, limits: { cost: 50_000 } })
const impatient = await serving({
  explainer: (await writerFor(openAi, { timeout: patience(5000) / 1000, retries: 0 })).explainer,
})
const accept = 'text/event-stream'

const stream = (args: string) => `subscription {
  explanationStream(${args}) { recommendation { rank product { sku } } explanation { text source locale } }
}`

test('the stream sends each recommendation of the page once, with its explanation, and ends', async () => {
  const events = await all(
    partsOf(url, stream('externalId: "customer-3", first: 4, locale: PT_BR'), { accept }),
  )
  const sent = events.map(({ data }) => data.explanationStream)
  expect(sent.map(({ recommendation }) => recommendation.rank).toSorted()).toEqual([1, 2, 3, 4])
  for (const { explanation } of sent) {
    expect(explanation).toEqual({ text: expect.any(String), source: 'LLM', locale: 'PT_BR' })
  }
  const { data } = await ask(`{ customer(externalId: "customer-3") { ... on Customer {
    recommendations(first: 4) { edges { node { rank product { sku } } } }
  } } }`)
  const byRank = sent.map(({ recommendation }) => recommendation).toSorted((a, b) => a.rank - b.rank)
  expect(byRank).toEqual(data.customer.recommendations.edges.map(({ node }: any) => node))
})

test('a basket is streamed as it is listed', async () => {
  const input = '{ history: [{ sku: "sku-5" }, { sku: "sku-9" }] }'
  const events = await all(partsOf(url, stream(`input: ${input}, first: 3`), { accept }))
  const ranked = events
    .map(({ data }) => data.explanationStream.recommendation)
    .toSorted((a, b) => a.rank - b.rank)
  const { data } = await ask(`{ recommend(input: ${input}, first: 3) { ... on RecommendationConnection {
    edges { node { rank product { sku } } }
  } } }`)
  expect(ranked).toEqual(data.recommend.edges.map(({ node }: any) => node))
})

test('what is ready first is sent first', async () => {
  // The first call is never answered: its text is the template's, once its time is up.
  openAi.behave('silent', 'right')
  const events = await all(partsOf(impatient.url, stream('externalId: "customer-4", first: 2'), { accept }))
  const sources = events.map(({ data }) => data.explanationStream.explanation.source)
  expect(sources).toEqual(['LLM', 'TEMPLATE'])
})

test.each([
  ['an unknown customer', 'externalId: "nobody"', 'externalId', 'nobody'],
  ['no customer', '', 'externalId', 'Pass exactly one of "id" and "externalId".'],
  ['too many', 'externalId: "customer-4", first: 101', 'first', '"first" is 101'],
  ['a cursor that is none', 'externalId: "customer-4", after: "x"', 'after', '"x" is not a cursor'],
])('%s is an error, and no stream', async (_what, args, argument, message) => {
  const events = await all(partsOf(url, stream(args).replace('()', ''), { accept }))
  expect(events.map(({ errors }) => errors)).toEqual([
    [
      expect.objectContaining({
        message: expect.stringContaining(message),
        extensions: { code: 'BAD_USER_INPUT', inputPath: [argument] },
      }),
    ],
  ])
})

test('a client that leaves cancels what is being written', async () => {
  openAi.behave('silent')
  const asked = openAi.requests.length
  const client = new AbortController()
  const events = partsOf(url, stream('externalId: "customer-7", first: 3'), {
    accept,
    signal: client.signal,
  })
  const next = events.next().catch(() => 'gone')
  await openAi.received(asked + 3)
  client.abort()
  expect(await next).toBe('gone')
  await expect.poll(() => openAi.open, { timeout: 20_000 }).toBe(0)
})
