import { describe, expect, test } from 'vitest'
import { serving } from '../api/serving.ts'

const { ask, url, recommender } = await serving()

/** With variables that JSON.stringify could not write. */
async function askRaw(query: string, variables: string) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: `{"query":${JSON.stringify(query)},"variables":${variables}}`,
  })
  return (await response.json()) as { data?: unknown; errors?: { message: string }[] }
}

const popular = (filter: string) => `{ trending(first: 3, filter: ${filter}) { edges { node { rank } } } }`
const DIGITS = '9'.repeat(400)

describe('a number that no Float can hold is refused', () => {
  test.each([
    ['as a bound', popular('{ price: { min: -1e999 } }')],
    ['as the other', popular('{ price: { max: 1e999 } }')],
    ['alone', popular('{ minPopularity: 1E+999 }')],
    ['without a point', popular(`{ minPopularity: ${DIGITS} }`)],
    ['within a filter', popular('{ and: [{ or: [{ not: { minPopularity: -1e400 } }] }] }')],
    ['of an attribute', popular('{ attributes: [{ name: "x", min: 1e400 }] }')],
    [
      'as a default',
      `query ($m: Float = 1e999) { trending(filter: { minPopularity: $m }) { edges { node { rank } } } }`,
    ],
    ['in a ranking', '{ trending(ranking: { minScore: -1e999 }) { edges { node { rank } } } }'],
    ['of a basket', '{ recommend(input: { history: [{ sku: "sku-1", quantity: 1e999 }] }) { __typename } }'],
  ])('in a document, %s', async (_what, query) => {
    const { data, errors } = await ask(query)
    expect(data).toBeUndefined()
    expect(errors?.[0].message).toMatch(/^Float cannot represent [-+\dE…]+: write a number from /i)
    expect(errors?.[0].extensions).toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED' })
  })

  test.each(['1e999', '-1e999', DIGITS])('in variables, as %s', async (number) => {
    const query = `query ($min: Float) { trending(filter: { price: { min: $min } }) { edges { node { rank } } } }`
    const { data, errors } = await askRaw(query, `{"min":${number}}`)
    expect(data).toBeUndefined()
    expect(errors?.[0].message).toContain('Float cannot represent')
  })

  test('within variables of an input type', async () => {
    const query = `query ($filter: ProductFilter) { trending(filter: $filter) { edges { node { rank } } } }`
    const { errors } = await askRaw(query, '{"filter":{"minPopularity":1e999}}')
    expect(errors?.[0].message).toContain('Float cannot represent')
  })
})

test.each(['2147483648', '-2147483649', '1e3', DIGITS])(
  '%s is no Int, wherever it stands',
  async (number) => {
    expect(
      (await ask(`{ trending(first: ${number}) { edges { node { rank } } } }`)).errors?.[0].message,
    ).toContain('Int cannot represent')
    const query = `query ($first: Int) { trending(first: $first) { edges { node { rank } } } }`
    const { data, errors } = await askRaw(query, `{"first":${number}}`)
    // JSON has one kind of numbers: 1e3 is 1000, which is too many, and said by the page.
    expect(data ?? null).toBeNull()
    expect(errors?.[0].message).toMatch(number === '1e3' ? /"first" is 1000/ : /Int cannot represent/)
  },
)

test('an id may be of as many digits as it likes', async () => {
  const { errors } = await ask(`{ node(id: ${DIGITS}) { __typename } }`)
  expect(errors?.[0].message).toContain('is not a global id')
})

test('the greatest numbers there are bound lists, each its own', async () => {
  const { data } = await ask(`{
    a: trending(first: 3, filter: { price: { min: -${Number.MAX_VALUE} } }) { edges { node { rank } } }
    b: trending(first: 3, filter: { price: { min: ${Number.MAX_VALUE} } }) { edges { node { rank } } }
  }`)
  expect(data.a.edges).toHaveLength(3)
  expect(data.b.edges).toHaveLength(0)
})

describe('the engine', () => {
  test.each([NaN, Infinity, -Infinity])('takes no bound of %d', (bound) => {
    for (const filter of [
      { minPopularity: bound },
      { price: { max: bound } },
      { not: { price: { min: bound } } },
    ])
      expect(() => recommender.eligible(filter)).toThrow(
        `is ${bound}: state a finite number, or leave it out.`,
      )
  })
})
