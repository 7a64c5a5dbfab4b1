import { describe, expect, test } from 'vitest'
import { serving } from '../api/serving.ts'

const { url, ask } = await serving({ production: false })
const production = await serving({ production: true })

async function post(contentType: string | null, body: string): Promise<{ status: number; body: string }> {
  const headers: Record<string, string> = contentType === null ? {} : { 'Content-Type': contentType }
  const response = await fetch(url, { method: 'POST', headers, body: new TextEncoder().encode(body) })
  return { status: response.status, body: await response.text() }
}

describe('a request is refused', () => {
  test('when its body is over 100 KB', async () => {
    const { status, body } = await post(
      'application/json',
      JSON.stringify({ query: `{ __typename } #${'-'.repeat(102_400)}` }),
    )
    expect(status).toBe(413)
    expect(body).toContain('errors')
  })

  test('when its document has over 1,000 tokens', async () => {
    const { status, errors } = await ask(`{ ${'__typename '.repeat(1000)} }`)
    expect(status).toBe(200)
    expect(errors?.[0].message).toContain('more than 1000 tokens')
  })

  test.each([
    ['a form', 'application/x-www-form-urlencoded', 'query=%7B__typename%7D'],
    [
      'a form with parts',
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{"query":"{__typename}"}\r\n--x--',
    ],
    ['plain text', 'text/plain', '{"query":"{__typename}"}'],
    ['a bare document', 'application/graphql', '{ __typename }'],
    ['untyped', null, '{"query":"{__typename}"}'],
  ])('when it is %s', async (_what, contentType, body) => {
    const answer = await post(contentType, body)
    expect(answer.status).toBe(415)
    expect(JSON.parse(answer.body).errors[0].message).toContain('POST takes application/json')
  })

  test('when the variables in its URL are no JSON', async () => {
    const response = await fetch(`${url}?query={__typename}&variables={bad`)
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('\\"variables\\" and \\"extensions\\" must be JSON')
  })

  test('when it holds several operations as a batch', async () => {
    const { status, body } = await post(
      'application/json',
      '[{"query":"{__typename}"},{"query":"{__typename}"}]',
    )
    expect(status).toBe(400)
    expect(body).toContain('Batching is not supported')
  })
})

test('no other origin may read an answer', async () => {
  const response = await fetch(`${url}?query={__typename}`, {
    headers: { Origin: 'https://elsewhere.example' },
  })
  expect(response.headers.get('access-control-allow-origin')).toBeNull()
})

describe('an error message suggests what could be meant', () => {
  test.each(['{ modelInf { version } }', '{ products(frist: 5) { __typename } }'])('%s', async (query) => {
    expect((await ask(query)).errors?.[0].message).toContain('Did you mean')
    expect((await production.ask(query)).errors?.[0].message).not.toContain('Did you mean')
  })

  test('but not in production, in variables neither', async () => {
    const query = 'query ($history: [PurchaseInput!]!) { recommend(history: $history) { __typename } }'
    const variables = { history: [{ sku: 'sku-1', quantitty: 2 }] }
    expect((await ask(query, variables)).errors?.[0].message).toContain('Did you mean')
    expect((await production.ask(query, variables)).errors?.[0].message).not.toContain('Did you mean')
  })
})
