import { describe, expect, test } from 'vitest'
import { languageModelSettings } from '../../src/server/language-model-settings.ts'

const key = { OPENAI_API_KEY: 'secret' }

describe('a language model is asked', () => {
  test('by default: gpt-4o-mini at its price, for a dollar a day', () => {
    expect(languageModelSettings({}, '/data/store.sqlite', key)).toEqual({
      model: 'gpt-4o-mini',
      style: 'clauses',
      baseUrl: undefined,
      apiKey: 'secret',
      timeout: 20,
      retries: 2,
      concurrency: 4,
      daily: { tokens: 5_000_000, money: 1 },
      price: { input: 0.15, output: 0.6 },
      store: '/data/store.sqlite',
    })
  })

  test('as the environment says', () => {
    const environment = {
      OPENAI_BASE_URL: 'http://127.0.0.1:8080/v1',
      LLM_MODEL: 'llama',
      LLM_STYLE: 'free',
      LLM_TIMEOUT: '2.5',
      LLM_RETRIES: '0',
      LLM_CONCURRENCY: '1',
      LLM_TOKENS_PER_DAY: '1000',
      LLM_MONEY_PER_DAY: '0.5',
      LLM_PRICE: '0,0',
      EXPLANATION_STORE: 'store.sqlite',
    }
    expect(languageModelSettings({}, null, environment)).toEqual({
      model: 'llama',
      style: 'free',
      baseUrl: 'http://127.0.0.1:8080/v1',
      apiKey: 'none',
      timeout: 2.5,
      retries: 0,
      concurrency: 1,
      daily: { tokens: 1000, money: 0.5 },
      price: { input: 0, output: 0 },
      store: 'store.sqlite',
    })
  })

  test('as options say, not as the environment says', () => {
    const environment = { ...key, LLM_MODEL: 'llama', LLM_PRICE: '1,2', EXPLANATION_STORE: 'a' }
    expect(languageModelSettings({ model: 'gpt-4o-mini', store: 'b' }, 'c', environment)).toMatchObject({
      model: 'gpt-4o-mini',
      style: 'clauses',
      price: { input: 1, output: 2 },
      store: 'b',
    })
  })

  test('by default if a variable is empty', () => {
    expect(languageModelSettings({}, null, { ...key, LLM_MODEL: '', LLM_TIMEOUT: '' })).toMatchObject({
      model: 'gpt-4o-mini',
      style: 'clauses',
      timeout: 20,
    })
  })
})

test.each([
  [{}, 'A language model needs OPENAI_API_KEY, or OPENAI_BASE_URL'],
  [{ OPENAI_BASE_URL: 'localhost' }, 'OPENAI_BASE_URL must be a URL, not "localhost"'],
  [{ ...key, LLM_MODEL: 'gpt-9' }, 'The price of gpt-9 is not known'],
  [{ ...key, LLM_PRICE: 'cheap' }, 'LLM_PRICE must look like 0.15,0.60, not "cheap"'],
  [{ ...key, LLM_STYLE: 'prose' }, 'LLM_STYLE must be clauses or free, not "prose"'],
  [{ ...key, LLM_TIMEOUT: 'soon' }, 'LLM_TIMEOUT must be a number, not "soon"'],
  [{ ...key, LLM_RETRIES: '11' }, 'LLM_RETRIES must be 10 or less, not "11"'],
  [{ ...key, LLM_CONCURRENCY: '0' }, 'LLM_CONCURRENCY must be 1 or more, not "0"'],
  [{ ...key, LLM_MONEY_PER_DAY: '-1' }, 'LLM_MONEY_PER_DAY must be 0 or more, not "-1"'],
  [
    { ...key, LLM_TOKENS_PER_DAY: 'x', LLM_RETRIES: '1.5' },
    'LLM_RETRIES must be a whole number, not "1.5"; LLM_TOKENS',
  ],
])('%j is refused', (environment, message) => {
  expect(() => languageModelSettings({}, null, environment)).toThrow(message)
})
