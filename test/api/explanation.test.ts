import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { referenceKernels } from '../../src/kernels/reference.ts'
import type { ExplainerSettings } from '../../src/explanations/open-explainer.ts'
import { startOpenAiServer } from '../explanations/openai-server.ts'
import { writerFor } from '../explanations/writer.ts'
import { all, partsOf } from './parts.ts'
import { failingSearch } from './failing-search.ts'
import { serving } from './serving.ts'
import { COLD_CUSTOMER } from './shop.ts'

const openAi = await startOpenAiServer()
afterAll(() => openAi.close())
beforeEach(() => openAi.behave('right'))

async function servingWritten(settings: Partial<ExplainerSettings> = {}) {
  return serving({ explainer: (await writerFor(openAi, { retries: 0, ...settings })).explainer })
}

const templates = await serving()
const written = await servingWritten()
const misled = await servingWritten()
const impatient = await servingWritten({ timeout: 1 })
const free = await servingWritten({ style: 'free' })

const OLDER = 'multipart/mixed; deferSpec=20220824, application/json'
const NEWER = 'multipart/mixed; incrementalSpec=v0.2, application/json'

const list = (customer: string, explanation: string) => `{
  customer(externalId: "${customer}") { ... on Customer { recommendations(first: 3) { edges { node {
    rank product { name } ${explanation}
  } } } } }
}`

const nodesOf = (answer: any) => answer.data.customer.recommendations.edges.map(({ node }: any) => node)

describe('an explanation', () => {
  const FIELDS = `explanation(locale: PT_BR) {
    text sentences { text evidence } source model promptVersion generatedAt locale
    evidence { key reason { __typename amount share } }
  }`

  test('is given in the language asked for, each sentence with what it rests on', async () => {
    const answer = await templates.ask(list('customer-5', FIELDS))
    expect(answer.errors).toBeUndefined()
    for (const { explanation } of nodesOf(answer)) {
      const keys = explanation.evidence.map(({ key }: any) => key)
      expect(explanation).toMatchObject({
        source: 'TEMPLATE',
        model: null,
        promptVersion: 'template-6',
        locale: 'PT_BR',
      })
      expect(explanation.text).toMatch(/(você|clientes|este produto)/i)
      expect(explanation.sentences.map(({ text }: any) => text).join(' ')).toBe(explanation.text)
      expect(keys).toEqual(['e1', 'e2', 'e3'].slice(0, keys.length))
      for (const { evidence } of explanation.sentences) expect(keys).toEqual(expect.arrayContaining(evidence))
    }
  })

  test('rests on the strongest of the recommendation’s reasons', async () => {
    const answer = await templates.ask(
      list(
        'customer-5',
        'reasons { __typename amount } explanation { evidence { reason { __typename amount } } }',
      ),
    )
    for (const { reasons, explanation } of nodesOf(answer)) {
      for (const { reason } of explanation.evidence) expect(reasons).toContainEqual(reason)
    }
  })

  test('of what sells, for who never bought, tells of sales', async () => {
    const answer = await templates.ask(
      list(COLD_CUSTOMER, 'explanation { text evidence { reason { __typename } } }'),
    )
    for (const { explanation } of nodesOf(answer)) {
      expect(explanation.evidence).toEqual([{ reason: { __typename: 'PopularReason' } }])
      expect(explanation.text).toMatch(
        /^“Product No\. \d+” sold (well, with )?\d+ units? in the 30 days to \d+ \w+ \d{4}/,
      )
    }
  })

  test('by a language model says which, and states what the template would', async () => {
    const answer = await written.ask(
      list('customer-6', 'explanation { source model sentences { evidence } }'),
    )
    for (const { explanation } of nodesOf(answer)) {
      expect(explanation).toMatchObject({ source: 'LLM', model: 'test-model' })
    }
  })

  test.each(['invented', 'html', 'foreign', 'failing', 'broken'] as const)(
    'is the template’s where the language model is not to be believed: %s',
    async (behaviour) => {
      openAi.behave(behaviour)
      const query = list('customer-7', 'explanation { text source }')
      const [answer, expected] = [await misled.ask(query), await templates.ask(query)]
      expect(nodesOf(answer)).toEqual(nodesOf(expected))
    },
  )
})

test('that a language model wrote freely says that nothing holds it to the evidence', async () => {
  const text = 'You will have it in 30 days for nothing.'
  openAi.behave('writing')
  const query = list('customer-8', 'explanation { text source promptVersion }')
  for (const { explanation } of nodesOf(await free.ask(query))) {
    expect(explanation).toEqual({ text, source: 'LLM_UNVERIFIED', promptVersion: 'free-1' })
  }
  for (const { explanation } of nodesOf(await written.ask(query))) {
    expect(explanation.source).toBe('TEMPLATE')
    expect(explanation.text).not.toContain(text)
  }
})

const query = (customer: string) => list(customer, '... @defer(label: "why") { explanation { text source } }')

describe('an explanation that is deferred', () => {
  test('comes after the list, in the older format by default', async () => {
    const [first, ...rest] = await all(partsOf(written.url, query('customer-8'), { accept: OLDER }))
    expect(first).toMatchObject({ hasNext: true })
    expect(nodesOf(first)).toEqual([1, 2, 3].map((rank) => ({ rank, product: { name: expect.any(String) } })))
    const parts = rest.flatMap(({ incremental = [] }) => incremental)
    expect(parts.map(({ path }) => path.join('.')).toSorted()).toEqual(
      [0, 1, 2].map((edge) => `customer.recommendations.edges.${edge}.node`),
    )
    for (const { label, data } of parts) {
      expect(label).toBe('why')
      expect(data.explanation).toEqual({ text: expect.any(String), source: 'LLM' })
    }
    expect(rest.at(-1).hasNext).toBe(false)
  })

  test('comes in the newer format to who asks for it', async () => {
    const [first, ...rest] = await all(partsOf(written.url, query('customer-9'), { accept: NEWER }))
    expect(first.pending).toHaveLength(3)
    const ids = first.pending.map(({ id }: any) => id)
    expect(
      rest
        .flatMap(({ incremental = [] }) => incremental)
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(ids)
    expect(
      rest
        .flatMap(({ completed = [] }) => completed)
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(ids)
    expect(rest.at(-1).hasNext).toBe(false)
  })

  test('comes as events to who listens for them', async () => {
    const [first, ...rest] = await all(
      partsOf(written.url, query('customer-10'), { accept: 'text/event-stream' }),
    )
    expect(nodesOf(first)).toHaveLength(3)
    expect(rest.flatMap(({ incremental = [] }) => incremental)).toHaveLength(3)
  })

  test('comes with the list to who reads no parts', async () => {
    const [answer, ...rest] = await all(
      partsOf(written.url, query('customer-11'), { accept: 'application/json' }),
    )
    expect(rest).toEqual([])
    for (const { explanation } of nodesOf(answer)) expect(explanation.source).toBe('LLM')
  })

  test('says the same as one that is not', async () => {
    const parts = await all(partsOf(templates.url, query('customer-12'), { accept: OLDER }))
    const texts = parts
      .flatMap(({ incremental = [] }) => incremental)
      .map(({ data }) => data.explanation.text)
    const answer = await templates.ask(list('customer-12', 'explanation { text }'))
    expect(texts.toSorted()).toEqual(
      nodesOf(answer)
        .map(({ explanation }: any) => explanation.text)
        .toSorted(),
    )
  })

  test('keeps the list waiting for no language model', async () => {
    openAi.behave('silent')
    const client = new AbortController()
    const options = { accept: OLDER, signal: client.signal }
    const { value: promptly } = await partsOf(written.url, query('customer-13'), options).next()
    expect(nodesOf(promptly)).toHaveLength(3)
    client.abort()
    const [first, ...rest] = await all(partsOf(impatient.url, query('customer-13'), { accept: OLDER }))
    expect(nodesOf(first)).toHaveLength(3)
    for (const { data } of rest.flatMap(({ incremental = [] }) => incremental)) {
      expect(data.explanation.source).toBe('TEMPLATE')
    }
  })

  test('is cancelled where the client goes away', async () => {
    openAi.behave('silent')
    const asked = openAi.requests.length
    const client = new AbortController()
    const parts = partsOf(written.url, query('customer-14'), { accept: OLDER, signal: client.signal })
    await parts.next()
    await openAi.received(asked + 3)
    client.abort()
    await expect.poll(() => openAi.open, { timeout: 20_000 }).toBe(0)
    await parts.next().catch(() => {})
  })
})

test('a client that goes away before its answer cancels the calls, too', async () => {
  openAi.behave('silent')
  const asked = openAi.requests.length
  const client = new AbortController()
  const parts = partsOf(written.url, list('customer-15', 'explanation { text }'), {
    accept: 'application/json',
    signal: client.signal,
  })
  const answer = parts.next().catch(() => 'gone')
  await openAi.received(asked + 3)
  client.abort()
  expect(await answer).toBe('gone')
  await expect.poll(() => openAi.open, { timeout: 20_000 }).toBe(0)
})

describe('an unexpected error in a deferred part is masked like any other', async () => {
  const { url } = await serving({ kernels: failingSearch(referenceKernels(), 'memory at 0x1234 is gone') })
  const failed = `{ customer(externalId: "customer-1") { ... on Customer {
    externalId ... @defer { recommendations(first: 1) { strategy } }
  } } }`

  test.each([OLDER, NEWER])('%s', async (accept) => {
    const parts = await all(partsOf(url, failed, { accept }))
    expect(parts[0].data.customer).toEqual({ externalId: 'customer-1' })
    expect(JSON.stringify(parts)).not.toContain('0x1234')
    const entries = parts.flatMap(({ incremental = [], completed = [] }) => incremental.concat(completed))
    const errors = entries.flatMap(({ errors: found = [] }) => found)
    expect(errors).toEqual([
      expect.objectContaining({
        message: 'Unexpected error.',
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: expect.any(String) },
      }),
    ])
  })
})
