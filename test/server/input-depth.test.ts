import { expect, test } from 'vitest'
import { serving } from '../api/serving.ts'

const { url } = await serving({ production: false })
const QUERY = 'query ($filter: ProductFilter) { products(first: 1, filter: $filter) { edges { cursor } } }'

/** A filter that must not hold, that … must not hold: so many objects within each other. */
const nested = (levels: number) => `${'{"not":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`

async function post(body: string): Promise<{ status: number; text: string }> {
  const headers = { 'Content-Type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body })
  return { status: response.status, text: await response.text() }
}
const body = (filter: string) => `{"query":${JSON.stringify(QUERY)},"variables":{"filter":${filter}}}`
const REFUSED = {
  errors: [
    {
      message: "The request's JSON is nested more than 100 levels deep: use fewer.",
      extensions: { code: 'LIMIT_EXCEEDED', limit: 'inputDepth', maximum: 100 },
    },
  ],
}

test.each([12_700, 5000, 1000, 99])(
  'variables of %d levels are refused before they are read',
  async (levels) => {
    const { status, text } = await post(body(nested(levels)))
    expect(status).toBe(400)
    expect(JSON.parse(text)).toEqual(REFUSED)
  },
)

test('variables of 100 levels, as all requests of fewer, are read, and answered by what they say', async () => {
  // The body and its variables are two levels more.
  const { status, text } = await post(body(nested(98)))
  expect(status).toBe(200)
  expect(JSON.parse(text).errors).toEqual([
    expect.objectContaining({
      message: 'Filters may stand in filters 5 deep; this one stands deeper.',
      extensions: { code: 'BAD_USER_INPUT', inputPath: ['filter', ...Array(6).fill('not')] },
    }),
  ])
})

test.each(['variables', 'extensions', 'query', 'operationName', 'documentId'])(
  'lists within lists are refused wherever they stand: as %s',
  async (name) => {
    const deep = '['.repeat(40_000) + ']'.repeat(40_000)
    const { status, text } = await post(`{"query":"{ __typename }","${name}":${deep}}`)
    expect(status).toBe(400)
    expect(JSON.parse(text)).toEqual(REFUSED)
  },
)
