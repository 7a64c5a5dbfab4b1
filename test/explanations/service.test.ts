/** What a service may answer besides a right answer, over HTTP and through OpenAI's client. */
import * as fc from 'fast-check'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { readCompletion } from '../../src/explanations/completion.ts'
import type { Evidence } from '../../src/explanations/evidence.ts'
import { CLAUSE_STYLE } from '../../src/explanations/clause-style.ts'
import { type Reply, startOpenAiServer } from './openai-server.ts'
import { evidenceOf, taste, together } from './some-evidence.ts'
import { keptLog, temporaryFile, writerFor } from './writer.ts'

const server = await startOpenAiServer()
afterAll(() => server.close())
beforeEach(() => server.behave('right'))
afterEach(() => vi.useRealTimers())

let customers = 100
const evidence = (): Evidence => evidenceOf([taste(), together(customers++)])

/** The right answer with something else in it. */
const withBody =
  (change: object): Reply =>
  (_request, right) => ({ body: { ...right, ...change } })

const withChoice = (change: object, message: object = {}): Reply => {
  return (_request, right) => {
    const [choice] = right.choices
    return {
      body: {
        ...right,
        choices: [{ ...choice, ...change, message: { ...choice.message, ...message } }],
      },
    }
  }
}

/** What cannot be believed of three numbers that ought to be what a call took. */
const UNUSABLE: readonly (readonly [string, unknown])[] = [
  ['none', undefined],
  ['null', null],
  ['an empty object', {}],
  ['a total alone', { total_tokens: 350 }],
  ['a negative number', { prompt_tokens: -300, completion_tokens: 50, total_tokens: -250 }],
  ['two negative numbers', { prompt_tokens: -1, completion_tokens: -1 }],
  ['a fraction', { prompt_tokens: 0.3, completion_tokens: 0.05, total_tokens: 0.35 }],
  ['strings', { prompt_tokens: '300', completion_tokens: '50', total_tokens: '350' }],
  ['null numbers, as JSON writes NaN', { prompt_tokens: null, completion_tokens: null, total_tokens: null }],
  ['a total that is no sum', { prompt_tokens: 1, completion_tokens: 1, total_tokens: 350 }],
  ['huge numbers', { prompt_tokens: 1e300, completion_tokens: 1e300, total_tokens: 2e300 }],
  ['numbers beyond any context', { prompt_tokens: 1e9, completion_tokens: 50, total_tokens: 1e9 + 50 }],
  ['nothing for something', { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }],
  ['no output for an answer', { prompt_tokens: 300, completion_tokens: 0, total_tokens: 300 }],
  ['an array', [300, 50, 350]],
  ['a number', 350],
]

/** Bytes of the prompt and its schema, with room for what wraps them, and 200 tokens of output. */
function worstCase(of: Evidence): number {
  const { instructions, facts, schema } = CLAUSE_STYLE.promptFor(of, 'en')
  return new TextEncoder().encode(instructions + facts + JSON.stringify(schema)).length + 50 + 200
}

describe('a budget is charged the worst case where a service says', () => {
  test.each(UNUSABLE)('%s', async (_what, usage) => {
    server.behave(withBody({ usage }))
    const { explainer } = await writerFor(server)
    const given = evidence()
    expect((await explainer.explain(given, 'en')).source).toBe('LLM')
    expect(explainer.counts.tokens).toBe(worstCase(given))
  })

  test('any of them, and so ends', async () => {
    const daily = { tokens: Infinity, money: 0.03 }
    const { explainer } = await writerFor(server, { daily, store: temporaryFile('store.sqlite') })
    const asked = server.requests.length
    for (let call = 0; call < 40; call++) {
      server.behave(withBody({ usage: UNUSABLE[call % UNUSABLE.length][1] }))
      await explainer.explain(evidence(), 'en')
    }
    // A dollar a million tokens: each call may take some 4,000.
    expect(server.requests.length - asked).toBeLessThan(20)
    expect(explainer.counts.money).toBeLessThanOrEqual(0.03)
    expect(explainer.counts.refusedByBudget).toBeGreaterThan(20)
  })

  test('nothing that is usable but what is whole, not negative and adds up', () => {
    const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom('1', null, undefined, NaN, -0, 1e308))
    fc.assert(
      fc.property(number, number, fc.option(number, { nil: undefined }), (input, output, total) => {
        const usage = { prompt_tokens: input, completion_tokens: output, total_tokens: total }
        const choices = [{ message: { content: 'An answer.' } }]
        const read = readCompletion({ choices, usage }).usage
        if (read === null) return
        for (const tokens of [read.inputTokens, read.outputTokens]) {
          expect(Number.isInteger(tokens) && tokens >= 1 && tokens <= 1e7).toBe(true)
        }
        expect(total ?? read.inputTokens + read.outputTokens).toBe(read.inputTokens + read.outputTokens)
      }),
    )
  })
})

test('the usage that a service reports is charged if it is possible, even if it is more than reserved', async () => {
  server.behave(
    withBody({ usage: { prompt_tokens: 20_000, completion_tokens: 5, total_tokens: 20_005 } }),
    withBody({ usage: { prompt_tokens: 7, completion_tokens: 5 } }),
  )
  const { explainer } = await writerFor(server)
  await explainer.explain(evidence(), 'en')
  expect(explainer.counts.tokens).toBe(20_005)
  await explainer.explain(evidence(), 'en')
  expect(explainer.counts.tokens).toBe(20_017)
})

test('each attempt that breaks off is charged, and none that is refused', async () => {
  server.behave('hanging up', 'throttled', 'right')
  const { explainer } = await writerFor(server, { retries: 2 })
  const given = evidence()
  expect((await explainer.explain(given, 'en')).source).toBe('LLM')
  expect(explainer.counts.tokens).toBe(worstCase(given) + 350)
})

test('a retry is not made if the budget is too small for it', async () => {
  server.behave('hanging up', 'right')
  const given = evidence()
  const daily = { tokens: worstCase(given) + 300, money: Infinity }
  const { explainer } = await writerFor(server, { retries: 2, daily })
  const asked = server.requests.length
  expect((await explainer.explain(given, 'en')).source).toBe('TEMPLATE')
  expect(server.requests.length - asked).toBe(1)
  expect(explainer.counts).toMatchObject({ refusedByBudget: 1, tokens: worstCase(given) })
})

describe('no answer is not a wrong answer', () => {
  const replies: readonly (readonly [string, string, Reply])[] = [
    ['no choices', 'no choices', withBody({ choices: [] })],
    ['no list of choices', 'no choices', withBody({ choices: null })],
    ['nothing at all', 'no choices', () => ({ body: null })],
    ['a list', 'no choices', () => ({ body: [] })],
    ['another object', 'no choices', () => ({ body: { ok: true } })],
    ['a choice without a message', 'no choices', withBody({ choices: [{}] })],
    ['null', 'empty', withChoice({}, { content: null })],
    ['an empty text', 'empty', withChoice({}, { content: '' })],
    ['white space', 'empty', withChoice({}, { content: ' \n' })],
    ['a text that was cut off', 'cut off', withChoice({ finish_reason: 'length' }, { content: '{"sent' })],
    ['a filtered text', 'content filter', withChoice({ finish_reason: 'content_filter' })],
    ['a refusal', 'refused', withChoice({}, { content: null, refusal: 'I cannot help with “Lamp”.' })],
    ['a text without end', 'too long', withChoice({}, { content: 'a'.repeat(100_000) })],
  ]

  test.each(replies)('%s: it is asked for again after a minute', async (_what, missing, reply) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 30, 12) })
    const log = keptLog()
    const store = temporaryFile('store.sqlite')
    const { explainer } = await writerFor(server, { store }, log)
    const given = evidence()
    server.behave(reply, 'right')
    expect((await explainer.explain(given, 'en')).source).toBe('TEMPLATE')
    expect(explainer.counts).toMatchObject({ failed: 1, rejected: 0, templates: 1 })
    expect(log.lines).toEqual([
      {
        level: 'warn',
        message: 'the language model gave no answer: a template is used',
        details: { missing },
      },
    ])
    const asked = server.requests.length
    expect((await explainer.explain(given, 'en')).source).toBe('TEMPLATE')
    expect(server.requests).toHaveLength(asked)
    vi.setSystemTime(Date.UTC(2026, 10, 30, 12, 1))
    expect((await explainer.explain(given, 'en')).source).toBe('LLM')
  })

  test.each([
    '{"tone":"plain","clauses":[{"clause":"e1a","link":"stop"}',
    '{"tone":"pl',
    'Sorry, I cannot do that.',
  ])('nor is one that is not whole, whatever the service says of its end: %s', async (content) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 30) })
    const { explainer } = await writerFor(server, { store: temporaryFile('store.sqlite') })
    const given = evidence()
    server.behave(withChoice({}, { content }))
    expect((await explainer.explain(given, 'en')).source).toBe('TEMPLATE')
    expect(explainer.counts.rejected).toBe(2)
    server.behave('right')
    expect((await explainer.explain(given, 'en')).source).toBe('TEMPLATE')
    vi.setSystemTime(Date.UTC(2026, 10, 30, 0, 1))
    expect((await explainer.explain(given, 'en')).source).toBe('LLM')
  })

  test('while after a wrong answer no call is made for a day', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 29, 12) })
    const { explainer } = await writerFor(server, { store: temporaryFile('store.sqlite') })
    const given = evidence()
    server.behave('boasting', 'boasting', 'right')
    expect((await explainer.explain(given, 'en')).source).toBe('TEMPLATE')
    vi.setSystemTime(Date.UTC(2026, 10, 30, 12) - 1)
    expect((await explainer.explain(given, 'en')).source).toBe('TEMPLATE')
    vi.setSystemTime(Date.UTC(2026, 10, 30, 12))
    expect((await explainer.explain(given, 'en')).source).toBe('LLM')
  })

  test('and later each time it does not come, a day at most, after a restart too', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 30) })
    const store = temporaryFile('store.sqlite')
    const given = evidence()
    server.behave(withBody({ choices: [] }))
    const isAsked = async () => {
      const asked = server.requests.length
      const writer = await writerFor(server, { store })
      await writer.explainer.explain(given, 'en')
      await writer.close()
      return server.requests.length > asked
    }
    expect(await isAsked()).toBe(true)
    for (const minutes of [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440, 1440, 1440]) {
      vi.setSystemTime(Date.now() + minutes * 60_000 - 1)
      expect(await isAsked()).toBe(false)
      vi.setSystemTime(Date.now() + 1)
      expect(await isAsked()).toBe(true)
    }
    // Nor does a clock that was years ahead keep it from being asked for.
    vi.setSystemTime(Date.UTC(2020, 0))
    expect(await isAsked()).toBe(true)
  })

  test('a service that answers nothing is left alone after five times', async () => {
    server.behave(withBody({ choices: [] }))
    const { explainer } = await writerFor(server)
    for (let call = 0; call < 7; call++) await explainer.explain(evidence(), 'en')
    expect(explainer.counts).toMatchObject({ failed: 5, refusedByBreaker: 2 })
  })
})

/** Refuses parameters as OpenAI does, and as servers do that read OpenAI's protocol. */
const REFUSALS: Readonly<Record<string, (parameter: string) => ReturnType<Reply>>> = {
  'OpenAI, unsupported': (parameter) => ({
    status: 400,
    body: {
      error: {
        message: `Unsupported parameter: '${parameter}' is not supported with this model.`,
        type: 'invalid_request_error',
        param: parameter,
        code: 'unsupported_parameter',
      },
    },
  }),
  'OpenAI, an unsupported value': (parameter) => ({
    status: 400,
    body: {
      error: {
        message: `Unsupported value: '${parameter}' does not support 0.3 with this model. Only the default (1) value is supported.`,
        param: parameter,
        code: 'unsupported_value',
      },
    },
  }),
  'Azure, before': (parameter) => ({
    status: 400,
    body: { error: { message: `Unrecognized request argument supplied: ${parameter}`, param: null } },
  }),
  'a server of pydantic': (parameter) => ({
    status: 422,
    body: {
      detail: [{ type: 'extra_forbidden', loc: ['body', parameter], msg: 'Extra inputs are not permitted' }],
    },
  }),
}

/** A model that takes these parameters besides its model and messages, and refuses all others. */
const taking =
  (refuse: (parameter: string) => ReturnType<Reply>, ...taken: string[]): Reply =>
  (request, right) => {
    const other = Object.keys(request).find(
      (name) => !['model', 'messages', 'response_format', ...taken].includes(name),
    )
    return other === undefined ? { body: right } : refuse(other)
  }

describe.each(Object.entries(REFUSALS))('parameters that are refused by %s', (_who, refuse) => {
  test.each([
    ['max_completion_tokens alone', ['max_completion_tokens']],
    ['max_completion_tokens and a temperature', ['max_completion_tokens', 'temperature']],
    ['max_tokens and no temperature', ['max_tokens']],
    ['max_tokens and a temperature', ['max_tokens', 'temperature']],
  ])('are learnt: %s', async (_what, taken) => {
    for (const model of ['a-model-of-tomorrow', 'gpt-4o-mini', 'o3-mini', 'gpt-5-nano']) {
      server.behave(taking(refuse, ...taken))
      const { explainer } = await writerFor(server, { model })
      expect((await explainer.explain(evidence(), 'en')).source).toBe('LLM')
      const asked = server.requests.length
      expect((await explainer.explain(evidence(), 'en')).source).toBe('LLM')
      expect(server.requests).toHaveLength(asked + 1)
      expect(explainer.counts).toMatchObject({ failed: 0, tokens: 700 })
    }
  })

  test('by calls that are under way at the same time, too', async () => {
    server.behave(taking(refuse, 'max_completion_tokens'))
    const { explainer } = await writerFor(server, { model: 'a-model-of-tomorrow' })
    const all = await Promise.all(Array.from({ length: 12 }, () => explainer.explain(evidence(), 'en')))
    expect(all.map(({ source }) => source)).toEqual(Array(12).fill('LLM'))
  })

  test('are tried once: where both limits are refused, the call fails, and the first limit stands', async () => {
    server.behave(taking(refuse, 'temperature'))
    const { explainer } = await writerFor(server, { model: 'a-model-of-tomorrow' })
    const asked = server.requests.length
    expect((await explainer.explain(evidence(), 'en')).source).toBe('TEMPLATE')
    expect(server.requests.slice(asked).map(({ body }) => 'max_tokens' in body)).toEqual([true, false])
    await explainer.explain(evidence(), 'en')
    expect(server.requests.slice(asked + 2).map(({ body }) => 'max_tokens' in body)).toEqual([true])
    expect(explainer.counts).toMatchObject({ failed: 2, tokens: 0 })
  })
})

test.each([
  ['gpt-4o-mini', 'max_tokens'],
  ['gpt-4.1-nano', 'max_tokens'],
  ['gpt-35-turbo', 'max_tokens'],
  ['llama-3.1-8b', 'max_tokens'],
  ['ft:gpt-4o-mini:shop', 'max_tokens'],
  ['o1', 'max_completion_tokens'],
  ['o3-mini-2025-01-31', 'max_completion_tokens'],
  ['openai/o4-mini', 'max_completion_tokens'],
  ['gpt-5', 'max_completion_tokens'],
  ['gpt-5.1-mini', 'max_completion_tokens'],
  ['ft:gpt-6:shop', 'max_completion_tokens'],
  ['gpt-12-turbo', 'max_completion_tokens'],
])('%s is sent %s from the first call on', async (model, limit) => {
  const { explainer } = await writerFor(server, { model })
  const asked = server.requests.length
  await explainer.explain(evidence(), 'en')
  const [{ body }, ...more] = server.requests.slice(asked)
  expect(more).toEqual([])
  const sent = ['max_tokens', 'max_completion_tokens', 'temperature'].filter((name) => name in body)
  expect(sent).toEqual(limit === 'max_tokens' ? ['max_tokens', 'temperature'] : ['max_completion_tokens'])
})

test('a server without JSON schemas is called without one', async () => {
  server.behave((request, right) =>
    'response_format' in request ? REFUSALS['OpenAI, unsupported']('response_format') : { body: right },
  )
  const { explainer } = await writerFor(server)
  expect((await explainer.explain(evidence(), 'en')).source).toBe('LLM')
})

test.each([
  {
    error: {
      message: "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
      param: 'messages[0].role',
      code: 'unsupported_value',
    },
  },
  { object: 'error', message: 'System role not supported', type: 'BadRequestError', code: 400 },
])('a model that takes no system message is sent one message: %#', async (refusal) => {
  server.behave((request, right) =>
    request.messages[0].role === 'system' ? { status: 400, body: refusal } : { body: right },
  )
  const { explainer } = await writerFor(server)
  expect((await explainer.explain(evidence(), 'en')).source).toBe('LLM')
  const { messages } = server.requests.at(-1)!.body
  expect(messages).toEqual([{ role: 'user', content: expect.stringMatching(/^You decide how[^]*"facts":/) }])
})

test('a refusal of another kind teaches nothing', async () => {
  server.behave(() => ({
    status: 400,
    body: { error: { message: 'Your account is not allowed to do this' } },
  }))
  const { explainer } = await writerFor(server)
  const asked = server.requests.length
  expect((await explainer.explain(evidence(), 'en')).source).toBe('TEMPLATE')
  expect(server.requests).toHaveLength(asked + 1)
})
