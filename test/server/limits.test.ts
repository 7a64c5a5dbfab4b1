import { getIntrospectionQuery } from 'graphql'
import { describe, expect, test } from 'vitest'
import { type Answer, serving } from '../api/serving.ts'

const { url, ask } = await serving({ production: false })
const production = await serving({ production: true })

async function post(
  contentType: string | null,
  body: string,
): Promise<{ status: number; body: string; errors: NonNullable<Answer['errors']> }> {
  const headers: Record<string, string> = contentType === null ? {} : { 'Content-Type': contentType }
  const response = await fetch(url, { method: 'POST', headers, body: new TextEncoder().encode(body) })
  const text = await response.text()
  return { status: response.status, body: text, errors: JSON.parse(text).errors }
}

async function get(headers: Record<string, string>): Promise<{ status: number; text: string }> {
  const response = await fetch(`${url}?query={__typename}`, { headers })
  return { status: response.status, text: await response.text() }
}

/** A request of so many bytes. */
const ofLength = (bytes: number) => {
  const empty = JSON.stringify({ query: '{ __typename } #' })
  return JSON.stringify({ query: `{ __typename } #${'-'.repeat(bytes - empty.length)}` })
}

const send = (bytes: number) => {
  const body = new Blob([ofLength(bytes)]).stream()
  const headers = { 'Content-Type': 'application/json' }
  return fetch(url, { method: 'POST', headers, body, duplex: 'half' } as RequestInit)
}

describe('a request is refused', () => {
  test('when its body is over 256 KiB', async () => {
    expect(await post('application/json', ofLength(262_144))).toMatchObject({ status: 200 })
    const { status, errors } = await post('application/json', ofLength(262_145))
    expect(status).toBe(413)
    expect(errors).toEqual([
      {
        message: 'The request is longer than 262144 bytes: ask in several operations.',
        extensions: { code: 'LIMIT_EXCEEDED', limit: 'bodyBytes', maximum: 262_144 },
      },
    ])
  })

  test('when its body is over 256 KiB and does not say so', async () => {
    expect(await (await send(262_144)).json()).toMatchObject({ data: { __typename: 'Query' } })
    const response = await send(262_145)
    expect(response.status).toBe(413)
    expect(await response.text()).toContain('"limit":"bodyBytes"')
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
    const { status, errors } = await post(contentType, body)
    expect(status).toBe(415)
    expect(errors[0].message).toContain('POST takes application/json')
    expect(errors[0].extensions).toEqual({ code: 'UNSUPPORTED_MEDIA_TYPE' })
  })

  test('when the variables in its URL are no JSON', async () => {
    const response = await fetch(`${url}?query={__typename}&variables={bad`)
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('\\"variables\\" and \\"extensions\\" must be JSON')
  })

  test('when it holds several operations as a batch', async () => {
    const { status, errors } = await post(
      'application/json',
      '[{"query":"{__typename}"},{"query":"{__typename}"}]',
    )
    expect(status).toBe(400)
    expect(errors).toEqual([{ message: 'Batching is not supported.', extensions: { code: 'BAD_REQUEST' } }])
  })

  test('when it is a mutation by GET', async () => {
    const response = await fetch(`${url}?query=mutation{__typename}`)
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST')
    expect(await response.text()).toContain('Can only perform a mutation operation from a POST request.')
  })
})

describe('the page of another site', () => {
  test('may not read an answer', async () => {
    const response = await fetch(`${url}?query={__typename}`, {
      headers: { Origin: 'https://elsewhere.example' },
    })
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })

  test.each(['cross-site', 'same-site'])('cannot have a browser ask by GET (%s)', async (site) => {
    const { status, text } = await get({ 'Sec-Fetch-Site': site })
    expect(status).toBe(403)
    expect(text).toContain('"code":"CROSS_SITE_REQUEST"')
  })

  test.each(['same-origin', 'none'])('is distinguished from a page of this site (%s)', async (site) => {
    expect(await get({ 'Sec-Fetch-Site': site })).toMatchObject({ status: 200 })
  })

  test('may ask with what a browser does not send unasked', async () => {
    const headers = { 'Sec-Fetch-Site': 'cross-site', Authorization: 'Bearer of-a-gateway' }
    expect(await get(headers)).toMatchObject({ status: 200 })
  })
})

describe('an error message suggests what could be meant', () => {
  test.each(['{ modelInf { version } }', '{ products(frist: 5) { __typename } }'])('%s', async (query) => {
    expect((await ask(query)).errors?.[0].message).toContain('Did you mean')
    expect((await production.ask(query)).errors?.[0].message).not.toContain('Did you mean')
  })

  test('but not in production, in variables neither', async () => {
    const query = 'query ($input: RecommendInput!) { recommend(input: $input) { __typename } }'
    const variables = { input: { history: [{ sku: 'sku-1', quantitty: 2 }] } }
    expect((await ask(query, variables)).errors?.[0].message).toContain('Did you mean')
    expect((await production.ask(query, variables)).errors?.[0].message).not.toContain('Did you mean')
  })
})

describe('introspection', () => {
  test('is answered, however deep and long it is', async () => {
    const { data, errors } = await ask(getIntrospectionQuery())
    expect(errors).toBeUndefined()
    expect(JSON.stringify(data)).toContain('"name":"Customer"')
  })

  test('is refused in production', async () => {
    const { data, errors } = await production.ask('{ __type(name: "Customer") { name } }')
    expect(data).toBeUndefined()
    expect(errors?.[0].message).toContain('GraphQL introspection has been disabled')
    expect((await production.ask('{ __typename }')).data).toEqual({ __typename: 'Query' })
  })

  test('is answered in production if it is enabled, with suggestions', async () => {
    const open = await serving({ production: true, introspection: true })
    const { data } = await open.ask('{ type: __type(name: "Customer") { name } }')
    expect(data).toEqual({ type: { name: 'Customer' } })
    expect((await open.ask('{ modelInf { version } }')).errors?.[0].message).toContain('Did you mean')
  })
})
