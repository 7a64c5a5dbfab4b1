import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { rejectionRate } from '../../src/explanations/counts.ts'
import type { Evidence } from '../../src/explanations/evidence.ts'
import { LOCALES } from '../../src/explanations/explanation.ts'
import { PROMPT_VERSION } from '../../src/explanations/prompt.ts'
import { explain } from '../../src/explanations/template.ts'
import { verify } from '../../src/explanations/verifier.ts'
import { patience } from '../patience.ts'
import { BEHAVIOURS, type Behaviour, SLOW, startOpenAiServer } from './openai-server.ts'
import { bought, desk, evidenceOf, lamp, popular, resemblance, taste, together } from './some-evidence.ts'
import { keptLog, temporaryFile, writerFor } from './writer.ts'

const server = await startOpenAiServer()
afterAll(() => server.close())
beforeEach(() => server.behave('right'))

/** An id as shops make them. */
const hash = (digit: string) => digit.repeat(32)

/** Evidence that no other test asks about. */
let customers = 100
const evidence = (): Evidence => evidenceOf([taste(), together(customers++)])

describe('a text of a language model that is supported', () => {
  test('is the explanation, and says who wrote it', async () => {
    const { explainer } = await writerFor(server)
    const given = evidenceOf([taste(), together(14)])
    const explanation = await explainer.explain(given, 'en')
    expect(explanation).toEqual({
      text:
        'People who like the “Pine Desk” you bought in March 2018 usually like “Oak Shelf” too. ' +
        '14 other customers who chose “Lamp”, as you did in March 2018, chose “Oak Shelf” too.',
      sentences: [
        { text: expect.stringMatching(/^People/), evidence: ['e1'] },
        { text: expect.stringMatching(/^14/), evidence: ['e2'] },
      ],
      source: 'LLM',
      model: 'test-model',
      promptVersion: PROMPT_VERSION,
      generatedAt: expect.any(Date),
      locale: 'en',
      evidence: given,
    })
    expect(explainer.counts).toMatchObject({
      written: 1,
      rejected: 0,
      templates: 0,
      tokens: 350,
      money: 350e-6,
    })
  })

  test('is asked for in the words of OpenAI, with a key, 100 tokens and a schema', async () => {
    const { explainer } = await writerFor(server)
    await explainer.explain(evidence(), 'pt-BR')
    const { path, headers, body } = server.requests.at(-1)!
    expect(path).toBe('/v1/chat/completions')
    expect(headers['authorization']).toBe('Bearer test-key')
    expect(body).toMatchObject({
      model: 'test-model',
      max_tokens: 100,
      messages: [
        { role: 'system', content: expect.stringContaining('Brazilian Portuguese') },
        { role: 'user' },
      ],
      response_format: { type: 'json_schema', json_schema: { strict: true } },
    })
  })
})

describe('whatever the language model does, what is said is supported', () => {
  test.each(BEHAVIOURS)('%s', async (behaviour) => {
    server.behave(behaviour)
    for (const locale of LOCALES) {
      const { explainer } = await writerFor(server, { timeout: patience(400) / 1000, retries: 0 })
      const given = evidence()
      const { sentences, source, text } = await explainer.explain(given, locale)
      expect(verify(sentences, given, locale)).toEqual([])
      const isBelieved = behaviour === 'right' || behaviour === 'slow'
      expect(source).toBe(isBelieved ? 'LLM' : 'TEMPLATE')
      if (!isBelieved) expect(text).toBe(explain(given, locale).text)
    }
  })
})

describe('a text that is not supported', () => {
  test('is asked for once more', async () => {
    server.behave('boasting', 'right')
    const log = keptLog()
    const { explainer } = await writerFor(server, {}, log)
    expect((await explainer.explain(evidence(), 'en')).source).toBe('LLM')
    expect(explainer.counts).toMatchObject({ rejected: 1, written: 1 })
    expect(rejectionRate(explainer.counts)).toBe(0.5)
    expect(log.lines).toEqual([
      {
        level: 'info',
        message: 'a language model gave an answer that cannot be used: rejected',
        details: { tried: 1, digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
      },
    ])
  })

  test('is asked for no third time, and not again for the same evidence', async () => {
    server.behave('html')
    const { explainer } = await writerFor(server, { store: temporaryFile('store.sqlite') })
    const given = evidence()
    const asked = server.requests.length
    await explainer.explain(given, 'en')
    await explainer.explain(given, 'en')
    expect(server.requests.length - asked).toBe(2)
    expect(explainer.counts).toMatchObject({ rejected: 2, written: 0, templates: 2 })
  })
})

describe('what is kept', () => {
  test('is not asked for again, after a restart either, and says when it was written', async () => {
    const store = temporaryFile('store.sqlite')
    const given = evidence()
    const first = await writerFor(server, { store })
    const written = await first.explainer.explain(given, 'en')
    first.close()
    const asked = server.requests.length
    const second = await writerFor(server, { store })
    expect(await second.explainer.explain(given, 'en')).toEqual(written)
    expect(server.requests).toHaveLength(asked)
    expect(second.explainer.counts).toMatchObject({ cached: 1, written: 0, money: 0 })
  })

  test.each([
    ['another language', (given: Evidence) => [given, 'pt-BR', {}] as const],
    ['another model', (given: Evidence) => [given, 'en', { model: 'other-model' }] as const],
    ['other evidence', (_given: Evidence) => [evidence(), 'en', {}] as const],
    ['another segment', (given: Evidence) => [{ ...given, segment: 'High-Value Buyers' }, 'en', {}] as const],
  ])('is kept for itself alone: %s is asked for', async (_what, other) => {
    const store = temporaryFile('store.sqlite')
    const given = evidence()
    await (await writerFor(server, { store })).explainer.explain(given, 'en')
    const asked = server.requests.length
    const [otherEvidence, locale, settings] = other(given)
    await (await writerFor(server, { store, ...settings })).explainer.explain(otherEvidence, locale)
    expect(server.requests).toHaveLength(asked + 1)
  })

  test('serves everybody of whom the same is true', async () => {
    const { explainer } = await writerFor(server, { store: temporaryFile('store.sqlite') })
    const given = evidence()
    await explainer.explain(given, 'en')
    const twin = { ...given, product: { ...given.product, sku: 'another' } }
    await explainer.explain(twin, 'en')
    expect(explainer.counts).toMatchObject({ cached: 1, written: 1 })
  })

  test('is read again by the verifier: a changed file puts nothing past it', async () => {
    const { explainer, store } = await writerFor(server, { store: temporaryFile('store.sqlite') })
    const given = evidence()
    const find = store.find.bind(store)
    await explainer.explain(given, 'en')
    store.find = (key) => find(key)?.replace('usually', 'certainly')
    expect((await explainer.explain(given, 'en')).source).toBe('TEMPLATE')
  })
})

test('a hundred requests for the same explanation make one call', async () => {
  server.behave('slow')
  const { explainer } = await writerFor(server)
  const given = evidence()
  const asked = server.requests.length
  const all = await Promise.all(Array.from({ length: 100 }, () => explainer.explain(given, 'en')))
  expect(server.requests).toHaveLength(asked + 1)
  expect(new Set(all.map(({ text }) => text)).size).toBe(1)
  expect(explainer.counts.written).toBe(1)
})

test('no more calls are under way at once than may be', async () => {
  server.behave('slow')
  const { explainer } = await writerFor(server, { concurrency: 2 })
  const asked = server.requests.length
  const began = performance.now()
  await Promise.all(
    [evidence(), evidence(), evidence(), evidence()].map((given) => explainer.explain(given, 'en')),
  )
  expect(server.requests).toHaveLength(asked + 4)
  expect(performance.now() - began).toBeGreaterThan(2 * SLOW - 10)
})

describe('a call that fails', () => {
  test.each(['throttled', 'failing', 'hanging up'] satisfies Behaviour[])(
    'is retried: %s',
    async (behaviour) => {
      server.behave(behaviour, 'right')
      const { explainer } = await writerFor(server)
      expect((await explainer.explain(evidence(), 'en')).source).toBe('LLM')
    },
  )

  test('for good is counted and logged, without the key, and the template answers', async () => {
    server.behave('refusing')
    const log = keptLog()
    const { explainer } = await writerFor(server, {}, log)
    expect((await explainer.explain(evidence(), 'en')).source).toBe('TEMPLATE')
    expect(explainer.counts).toMatchObject({ failed: 1, templates: 1, tokens: 0 })
    expect(log.lines).toEqual([
      {
        level: 'warn',
        message: 'the language model failed: a template answers',
        details: { err: { message: '401 Incorrect API key provided', status: 401 } },
      },
    ])
    expect(JSON.stringify(log.lines)).not.toContain('test-key')
  })

  test('takes no longer than the time limit, retries and all', async () => {
    server.behave('silent')
    const { explainer } = await writerFor(server, { timeout: patience(200) / 1000, retries: 5 })
    const began = performance.now()
    expect((await explainer.explain(evidence(), 'en')).source).toBe('TEMPLATE')
    expect(performance.now() - began).toBeLessThan(patience(1000))
  })

  test('five times in a row is not tried a sixth time', async () => {
    server.behave('refusing')
    const { explainer } = await writerFor(server)
    const asked = server.requests.length
    for (let call = 0; call < 7; call++) await explainer.explain(evidence(), 'en')
    expect(server.requests).toHaveLength(asked + 5)
    expect(explainer.counts).toMatchObject({ failed: 5, refusedByBreaker: 2, templates: 7 })
  })
})

describe('a budget', () => {
  test('that is spent is not overdrawn, by calls at the same time either, nor by a restart', async () => {
    const log = keptLog()
    const settings = { store: temporaryFile('store.sqlite'), daily: { tokens: Infinity, money: 0.0021 } }
    const { explainer } = await writerFor(server, settings, log)
    await Promise.all(Array.from({ length: 12 }, () => explainer.explain(evidence(), 'en')))
    expect(explainer.counts.money).toBeLessThanOrEqual(0.0021)
    expect(explainer.counts.written).toBeGreaterThan(0)
    expect(explainer.counts.refusedByBudget).toBeGreaterThan(0)
    expect(log.lines.map(({ message }) => message)).toEqual([
      'the budget for explanations is spent: templates answer',
    ])
    while (explainer.counts.refusedByBudget < 12) await explainer.explain(evidence(), 'en')
    const asked = server.requests.length
    const again = await writerFor(server, settings)
    expect((await again.explainer.explain(evidence(), 'en')).source).toBe('TEMPLATE')
    expect(server.requests).toHaveLength(asked)
  })
})

describe('a client that goes away', () => {
  test('cancels its call', async () => {
    server.behave('silent')
    const { explainer } = await writerFor(server)
    const asked = server.requests.length
    const client = new AbortController()
    const answer = explainer.explain(evidence(), 'en', client.signal)
    await server.received(asked + 1)
    client.abort()
    expect((await answer).source).toBe('TEMPLATE')
    await expect.poll(() => server.open).toBe(0)
    expect(explainer.counts.failed).toBe(0)
  })

  test('does not cancel a call that another waits for', async () => {
    server.behave('slow')
    const { explainer } = await writerFor(server)
    const given = evidence()
    const client = new AbortController()
    const [leaving, staying] = [explainer.explain(given, 'en', client.signal), explainer.explain(given, 'en')]
    client.abort()
    expect((await leaving).source).toBe('TEMPLATE')
    expect((await staying).source).toBe('LLM')
  })
})

test('where there is nothing to say, nobody is asked', async () => {
  const { explainer } = await writerFor(server)
  const asked = server.requests.length
  expect((await explainer.explain(evidenceOf([]), 'en')).source).toBe('TEMPLATE')
  expect(server.requests).toHaveLength(asked)
})

test('a store that cannot be opened is no store: the explanation comes, and a warning says why', async () => {
  const log = keptLog()
  const { explainer } = await writerFor(server, { store: `${import.meta.filename}/store.sqlite` }, log)
  expect((await explainer.explain(evidence(), 'en')).source).toBe('LLM')
  expect(log.lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
    expect.stringMatching(/^warn: the store of explanations failed to open .*: going on without it$/),
  ])
})

test('nothing that is sent names a customer, an id or a seller', async () => {
  const { explainer } = await writerFor(server)
  const product = { sku: hash('a'), name: null, category: 'bed_bath_table' }
  const purchase = bought({ ...desk, sku: hash('b') })
  const seller = { attribute: 'seller_id', value: hash('c'), purchasedValue: hash('c') }
  const given = evidenceOf(
    [taste(purchase), resemblance([seller], bought({ ...lamp, sku: hash('d') })), popular()],
    product,
  )
  await explainer.explain(given, 'en')
  for (const { body, headers } of server.requests) {
    expect(JSON.stringify({ body, headers })).not.toMatch(/([0-9a-f])\1{15}|sku|seller_id|customer-\d/i)
    expect(Object.keys(body).toSorted()).toEqual([
      'max_tokens',
      'messages',
      'model',
      'response_format',
      'temperature',
    ])
  }
})
