import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startOpenAiServer } from '../explanations/openai-server.ts'
import { rationale, rationaleJson, start, temporaryFolder } from './program.ts'
import { smallShop, trainedModel } from './shop.ts'

const openAi = await startOpenAiServer()
afterAll(() => openAi.close())

let model: string
let segment: string
let customers: number
beforeAll(async () => {
  model = await trainedModel(await smallShop())
  const { segments } = await rationaleJson(`inspect --model ${model}`)
  const smallest = segments
    .filter((profile: any) => profile.customers > 0)
    .toSorted((a: any, b: any) => a.customers - b.customers)[0]
  segment = smallest.name
  customers = smallest.customers
})
beforeEach(() => openAi.behave('right'))

/** Of servers, to ask about customers. */
const TOKEN = 'sixteen-characters-and-more'

const environment = () => ({
  OPENAI_BASE_URL: openAi.url,
  OPENAI_API_KEY: '',
  LLM_PRICE: '1,1',
  LLM_RETRIES: '0',
  EXPLANATION_STORE: '',
  HOME: temporaryFolder(),
})

async function explain(args: readonly string[], env: Record<string, string> = environment()) {
  const { code, stdout, stderr } = await start(['explain', '--model', model, ...args], env).finished
  return { code, stdout, stderr, json: stdout.startsWith('{') ? JSON.parse(stdout) : undefined }
}

describe('rationale explain', () => {
  test('--json gives a customer’s explanations, sentence by sentence, with their evidence', async () => {
    const { json } = await explain([
      '--customer',
      'customer-1',
      '--first',
      '2',
      '--locale',
      'pt-BR',
      '--json',
    ])
    expect(json).toEqual({
      customer: 'customer-1',
      locale: 'pt-BR',
      items: [1, 2].map((rank) => ({
        rank,
        sku: expect.any(String),
        category: expect.any(String),
        name: expect.any(String),
        explanation: {
          text: expect.stringMatching(/\.$/),
          sentences: expect.arrayContaining([
            { text: expect.any(String), evidence: [expect.stringMatching(/^e\d$/)] },
          ]),
          source: 'TEMPLATE',
          model: null,
          promptVersion: expect.any(String),
          generatedAt: expect.any(String),
          locale: 'pt-BR',
          evidence: expect.arrayContaining([
            { id: 'e1', kind: expect.any(String), amount: expect.any(Number), share: expect.any(Number) },
          ]),
        },
      })),
      money: 0,
    })
  })

  test('without --json it shows people the same texts', async () => {
    const line = ['--customer', 'customer-1', '--first', '2']
    const [{ stdout }, { json }] = [await explain(line), await explain([...line, '--json'])]
    for (const { explanation } of json.items) expect(stdout).toContain(explanation.text)
    const percents = stdout
      .split('\n')
      .filter((shown) => shown.includes('template · e1'))
      .map((shown) => Array.from(shown.matchAll(/ (\d+) %/g), ([, percent]) => Number(percent)))
    expect(percents).toHaveLength(2)
    // What is cited and what is not come to all of it, but for rounding.
    for (const shown of percents) {
      expect(Math.abs(shown.reduce((sum, percent) => sum + percent, 0) - 100)).toBeLessThanOrEqual(1)
    }
  })

  test('--llm has a language model write, by its own name, and says what that cost', async () => {
    const line = ['--customer', 'customer-2', '--first', '1', '--llm-model', 'llama', '--json']
    const { json } = await explain(line)
    expect(json.items[0].explanation).toMatchObject({ source: 'LLM', model: 'llama' })
    expect(json.money).toBeCloseTo(350e-6, 9)
    expect(openAi.requests.at(-1)?.body.model).toBe('llama')
  })

  test('reads what configures the language model from a file .env, too', async () => {
    const folder = temporaryFolder()
    writeFileSync(
      join(folder, '.env'),
      `OPENAI_BASE_URL=${openAi.url}\nLLM_MODEL=from-the-file\nLLM_PRICE=0,0\n`,
    )
    const line = ['explain', '--model', model, '--customer', 'customer-2', '--first', '1', '--llm', '--json']
    const { stdout, stderr } = await start(line, { HOME: folder }, folder).finished
    expect(stderr).toBe('')
    expect(JSON.parse(stdout).items[0].explanation.model).toBe('from-the-file')
  })
})

const warm = (store: string, ...args: string[]) =>
  explain(['--warm', '--segment', segment, '--first', '2', '--store', store, '--json', ...args])

describe('rationale explain --warm', () => {
  test('has the explanations of a segment written, and does not pay for them again', async () => {
    const store = join(temporaryFolder(), 'store.sqlite')
    const first = await warm(store)
    expect(first.json).toMatchObject({ customers, of: customers, budgetSpent: false, rejected: 0, failed: 0 })
    expect(first.json.written).toBeGreaterThan(0)
    const asked = openAi.requests.length
    const second = await warm(store)
    expect(second.json).toMatchObject({ customers, written: 0, money: 0, cached: expect.any(Number) })
    expect(openAi.requests).toHaveLength(asked)
  })

  test('stops where its budget is spent, and goes on from there', async () => {
    const store = join(temporaryFolder(), 'store.sqlite')
    const first = await warm(store, '--budget', '0.0015')
    expect(first.json).toMatchObject({ budgetSpent: true, written: expect.any(Number) })
    expect(first.json.money).toBeLessThanOrEqual(0.0015)
    const second = await warm(store)
    expect(second.json).toMatchObject({ customers, budgetSpent: false })
    expect(second.json.cached).toBeGreaterThanOrEqual(first.json.written)
  })

  test('stops with an error where the language model keeps failing', async () => {
    openAi.behave('refusing')
    const { code, stderr, stdout } = await explain([
      '--warm',
      '--first',
      '2',
      '--store',
      join(temporaryFolder(), 'store.sqlite'),
    ])
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^error: the language model keeps failing: texts written so far are stored/m)
  })

  test('stops at Ctrl-C, keeping what was written', async () => {
    openAi.behave('slow')
    const store = join(temporaryFolder(), 'store.sqlite')
    const asked = openAi.requests.length
    const run = start(
      ['explain', '--model', model, '--warm', '--first', '2', '--store', store],
      environment(),
    )
    await openAi.received(asked + 8)
    run.process.kill('SIGINT')
    expect((await run.finished).code).toBe(130)
    openAi.behave('right')
    const { json } = await explain(['--warm', '--first', '2', '--store', store, '--json'])
    expect(json.cached).toBeGreaterThan(0)
  })
})

const serve = (store: string) =>
  start(['serve', '--model', model, '--port', '0', '--llm', '--store', store], {
    ...environment(),
    RATIONALE_TOKEN: TOKEN,
  })
async function explanationOf(url: string, customer: string) {
  const query = `{ customer(externalId: "${customer}") { ... on Customer {
    recommendations(first: 1) { edges { node { explanation { text source generatedAt } } } }
  } } }`
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) })
  const { data } = (await response.json()) as any
  return data.customer.recommendations.edges[0].node.explanation
}

describe('rationale serve --llm', () => {
  test('killed in the middle of writing, it keeps what it had written', async () => {
    const store = join(temporaryFolder(), 'store.sqlite')
    const first = serve(store)
    const url = (await first.printed('/graphql\n')).trim()
    const written = await explanationOf(url, 'customer-1')
    expect(written.source).toBe('LLM')
    openAi.behave('silent')
    const asked = openAi.requests.length
    const cutOff = explanationOf(url, 'customer-9').catch(() => 'cut off')
    await openAi.received(asked + 1)
    first.process.kill('SIGKILL')
    await first.finished
    expect(await cutOff).toBe('cut off')
    openAi.behave('refusing')
    const second = serve(store)
    expect(await explanationOf((await second.printed('/graphql\n')).trim(), 'customer-1')).toEqual(written)
    second.process.kill('SIGTERM')
    expect((await second.finished).code).toBe(0)
  })
})

describe('a wrong command line is refused', () => {
  test.each([
    [['--first', '2'], 2, 'error: name a --customer, or --warm many'],
    [['--customer', 'customer-1', '--segment', 'x'], 2, 'error: --segment and --budget need --warm'],
    [
      ['--customer', 'customer-1', '--warm'],
      2,
      "option '--customer <id>' cannot be used with option '--warm'",
    ],
    [
      ['--customer', 'customer-1', '--locale', 'de'],
      2,
      "argument 'de' is invalid. Allowed choices are en, pt-BR.",
    ],
    [['--customer', 'nobody'], 1, 'nobody'],
    [['--warm', '--segment', 'Nobody'], 1, 'there is no segment "Nobody": there are '],
  ])('%j', async (args, code, message) => {
    const result = await explain(args)
    expect(result.code).toBe(code)
    expect(result.stderr).toContain(message)
    expect(result.stdout).toBe('')
  })

  test('and a language model that is not configured', async () => {
    const { code, stderr } = await explain(['--customer', 'customer-1', '--llm'], {
      ...environment(),
      OPENAI_BASE_URL: '',
    })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: A language model needs OPENAI_API_KEY/)
  })
})

test('rationale explain --help says how a language model is configured', async () => {
  const { stdout } = await rationale('explain --help')
  for (const word of ['OPENAI_API_KEY', 'LLM_PRICE', '--llm-model', '--warm', '--budget'])
    expect(stdout).toContain(word)
})
