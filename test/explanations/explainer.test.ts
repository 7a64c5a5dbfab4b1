import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { rejectionRate } from '../../src/explanations/counts.ts'
import type { Evidence } from '../../src/explanations/evidence.ts'
import { LOCALES, type Locale } from '../../src/explanations/explanation.ts'
import { compose } from '../../src/explanations/clauses.ts'
import { LINKS, TONES } from '../../src/explanations/languages/language.ts'
import { explain } from '../../src/explanations/template.ts'
import { patience } from '../patience.ts'
import {
  BEHAVIOURS,
  type Behaviour,
  COOPERATIVE,
  PROMISE,
  type Reply,
  SLOW,
  startOpenAiServer,
} from './openai-server.ts'
import { bought, desk, evidenceOf, lamp, popular, resemblance, taste, together } from './some-evidence.ts'
import { NO_LIMIT, keptLog, temporaryFile, writerFor } from './writer.ts'

const server = await startOpenAiServer()
afterAll(() => server.close())
beforeEach(() => server.behave('right'))

/** An id as shops make them. */
const hash = (digit: string) => digit.repeat(32)

/** Answers with a plan. */
const plan =
  (of: object): Reply =>
  (_request, right) => {
    const [choice] = right.choices
    const message = { ...choice.message, content: JSON.stringify(of) }
    return { body: { ...right, choices: [{ ...choice, message }] } }
  }

/** Evidence that no other test asks about. */
let customers = 100
const evidence = (): Evidence => evidenceOf([taste(), together(customers++)])

describe('what a language model chose', () => {
  test('is the explanation, with its source', async () => {
    const { explainer } = await writerFor(server)
    const given = evidenceOf([taste(), together(14)])
    server.behave(
      plan({
        tone: 'direct',
        clauses: [
          { clause: 'e2b', link: 'stop' },
          { clause: 'e1a', link: 'and' },
        ],
      }),
    )
    const explanation = await explainer.explain(given, 'en')
    const text =
      'Why “Oak Shelf”? 14 other customers bought both the “Lamp” you bought in March 2018 and this product, and ' +
      'customers who like the “Pine Desk” you bought in March 2018 tend to like this one too.'
    expect(explanation).toEqual({
      text,
      sentences: [{ text, evidence: ['e2', 'e1'] }],
      source: 'LLM',
      model: 'test-model',
      promptVersion: 'clauses-1',
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

  test('is requested by OpenAI’s API, with a key, 200 tokens and a schema', async () => {
    const { explainer } = await writerFor(server)
    await explainer.explain(evidence(), 'pt-BR')
    const { path, headers, body } = server.requests.at(-1)!
    expect(path).toBe('/v1/chat/completions')
    expect(headers['authorization']).toBe('Bearer test-key')
    expect(body).toMatchObject({
      model: 'test-model',
      max_tokens: 200,
      messages: [
        { role: 'system', content: expect.stringContaining('You decide how') },
        { role: 'user', content: expect.stringContaining('Brazilian Portuguese') },
      ],
      response_format: { type: 'json_schema', json_schema: { strict: true } },
    })
  })
})

describe('for any answer of the language model the text consists of prepared clauses', () => {
  test.each(BEHAVIOURS)('%s', async (behaviour) => {
    server.behave(behaviour)
    for (const locale of LOCALES) {
      const { explainer } = await writerFor(server, {
        timeout: behaviour === 'silent' ? 0.4 : NO_LIMIT,
        retries: 0,
      })
      const given = evidence()
      const { source, text } = await explainer.explain(given, locale)
      const isUsed = COOPERATIVE.some((cooperative) => cooperative === behaviour)
      expect(source).toBe(isUsed ? 'LLM' : 'TEMPLATE')
      if (isUsed) expect(sayable(given, locale)).toContain(text)
      else expect(text).toBe(explain(given, locale).text)
    }
  })
})

/** All that can be said of two pieces of evidence. */
function sayable({ cited, ...rest }: Evidence, locale: Locale): Set<string> {
  const ids = cited.map(({ id }) => id)
  const texts = new Set<string>()
  for (const tone of TONES)
    for (const [first, second] of [ids, ids.toReversed(), ...ids.map((id) => [id])])
      for (const wording of [0, 1, 2])
        for (const other of [0, 1, 2])
          for (const link of LINKS) {
            const clauses = [
              { evidence: first, wording, link: 'stop' as const },
              ...(second ? [{ evidence: second, wording: other, link }] : []),
            ]
            const sentences = compose({ cited, ...rest }, { tone, clauses }, locale)
            texts.add(sentences.map(({ text }) => text).join(' '))
          }
  return texts
}

describe('an answer that is not among the choices', () => {
  test('is requested once more', async () => {
    server.behave('boasting', 'right')
    const log = keptLog()
    const { explainer } = await writerFor(server, {}, log)
    expect((await explainer.explain(evidence(), 'en')).source).toBe('LLM')
    expect(explainer.counts).toMatchObject({ rejected: 1, written: 1 })
    expect(rejectionRate(explainer.counts)).toBe(0.5)
    expect(JSON.stringify(log.lines)).not.toMatch(/cheapest|Lamp|Oak/)
    expect(log.lines).toEqual([
      {
        level: 'info',
        message: 'the language model gave an unusable answer',
        details: { tried: 1, digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
      },
    ])
  })

  test('is not requested a third time, nor again for the same evidence', async () => {
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

describe('a stored answer', () => {
  test('is not requested again, even after a restart, and states when it was written', async () => {
    const store = temporaryFile('store.sqlite')
    const given = evidence()
    const first = await writerFor(server, { store })
    const written = await first.explainer.explain(given, 'en')
    await first.close()
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

  test('is used for all customers with the same facts', async () => {
    const { explainer } = await writerFor(server, { store: temporaryFile('store.sqlite') })
    const given = evidence()
    await explainer.explain(given, 'en')
    const twin = { ...given, product: { ...given.product, sku: 'another' } }
    await explainer.explain(twin, 'en')
    expect(explainer.counts).toMatchObject({ cached: 1, written: 1 })
  })

  test('is a choice, not a text: a changed file puts no word into it', async () => {
    const { explainer, store } = await writerFor(server, { store: temporaryFile('store.sqlite') })
    const given = evidence()
    const find = store.find.bind(store)
    await explainer.explain(given, 'en')
    const changed = (kept: string) => {
      store.find = async (key) => ((await find(key)) === undefined ? undefined : kept)
      return explainer.explain(given, 'en')
    }
    const text = JSON.stringify({ sentences: [{ text: PROMISE, evidence: ['e1'] }] })
    for (const kept of [
      PROMISE,
      '{}',
      'null',
      '[]',
      'rejected',
      JSON.stringify({ answer: text, generatedAt: new Date() }),
      JSON.stringify({ answer: PROMISE, generatedAt: new Date() }),
      JSON.stringify({ sentences: [{ text: PROMISE, evidence: ['e1'] }], generatedAt: new Date() }),
      JSON.stringify({ times: 1, until: PROMISE }),
    ]) {
      expect((await changed(kept)).text).not.toContain(PROMISE)
    }
  })

  test('holds nothing of an answer but its choices', async () => {
    server.behave('wordy')
    const { explainer, store } = await writerFor(server, { store: temporaryFile('store.sqlite') })
    const keep = store.keep.bind(store)
    const kept: string[] = []
    store.keep = async (key, answer) => {
      kept.push(answer)
      await keep(key, answer)
    }
    await explainer.explain(evidence(), 'en')
    expect(kept).toHaveLength(1)
    expect(kept[0]).not.toMatch(/nothing|reads best|note|reasoning/)
  })

  test.each(['prompt-1', 'prompt-2', 'prompt-3'])(
    'by the former design, %s, is not served',
    async (version) => {
      const { explainer, store } = await writerFor(server, { store: temporaryFile('store.sqlite') })
      const given = evidence()
      const find = store.find.bind(store)
      const old = JSON.stringify({
        sentences: [{ text: PROMISE, evidence: ['e1'] }],
        generatedAt: new Date(),
      })
      const keys: string[] = []
      store.find = async (key) => {
        keys.push(key)
        return key.includes(version) ? old : find(key)
      }
      expect((await explainer.explain(given, 'en')).text).not.toContain(PROMISE)
      expect([...new Set(keys)]).toEqual([expect.stringMatching(/^test-model clauses-1 en [0-9a-f]{64}$/)])
    },
  )
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
        message: 'the language model failed: a template is used',
        details: { err: { message: '401 Incorrect API key provided', status: 401 } },
      },
    ])
    expect(JSON.stringify(log.lines)).not.toContain('test-key')
  })

  test('is logged without what its service quotes of the prompt', async () => {
    server.behave((request) => ({
      status: 400,
      body: { error: { message: `Flagged: ${request.messages[1].content} ${'x'.repeat(5000)}` } },
    }))
    const log = keptLog()
    const { explainer } = await writerFor(server, {}, log)
    await explainer.explain(evidence(), 'en')
    const text = JSON.stringify(log.lines)
    expect(text).toContain('Flagged')
    expect(text).not.toMatch(/Oak|Pine|Lamp|Loyal|furniture/)
    expect(text.length).toBeLessThan(1000)
  })

  test('takes no longer than the time limit, including retries', async () => {
    server.behave('silent')
    const { explainer } = await writerFor(server, { timeout: 0.2, retries: 5 })
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
    const settings = { store: temporaryFile('store.sqlite'), daily: { tokens: Infinity, money: 0.009 } }
    const { explainer } = await writerFor(server, settings, log)
    await Promise.all(Array.from({ length: 12 }, () => explainer.explain(evidence(), 'en')))
    expect(explainer.counts.money).toBeLessThanOrEqual(0.009)
    expect(explainer.counts.written).toBeGreaterThan(0)
    expect(explainer.counts.refusedByBudget).toBeGreaterThan(0)
    expect(log.lines.map(({ message }) => message)).toEqual([
      'the budget for explanations is spent: templates are used',
    ])
    while (explainer.counts.refusedByBudget < 12) await explainer.explain(evidence(), 'en')
    const asked = server.requests.length
    const again = await writerFor(server, settings)
    expect((await again.explainer.explain(evidence(), 'en')).source).toBe('TEMPLATE')
    expect(server.requests).toHaveLength(asked)
  })
})

describe('a client that disconnects', () => {
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

test('without evidence the model is not called', async () => {
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
    expect.stringMatching(/^warn: other processes may ask a language model the same: .*cannot be opened$/),
    expect.stringMatching(/^warn: the store of explanations failed to .*: going on without it$/),
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
