import fc from 'fast-check'
import { awkwardStrings } from './input-values.ts'
import type { Operation } from './operations.ts'

/** What is sent over HTTP. */
export interface FuzzRequest {
  readonly method: string
  /** Behind the URL's path. */
  readonly search: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  /** Latin 1 for bytes that are no text. */
  readonly encoding?: 'latin1'
}

const accepts = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('*/*', 'application/json', 'application/graphql-response+json') },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'text/event-stream',
      'multipart/mixed',
      'multipart/mixed; incrementalSpec=v0.2',
      'multipart/mixed, application/json',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', 'text/html', 'image/png', 'application/json; charset=utf-16', ';;;,,'),
  },
)

/** As clients send it. */
const posted = (operation: Operation, accept: string): FuzzRequest => ({
  method: 'POST',
  search: '',
  headers: { 'Content-Type': 'application/json', Accept: accept },
  body: JSON.stringify(operation),
})

const withBody = (request: FuzzRequest, body: string): FuzzRequest => ({ ...request, body })

const withHeaders = (request: FuzzRequest, more: FuzzRequest['headers']): FuzzRequest => ({
  ...request,
  headers: { ...request.headers, ...more },
})

/** Requests of operations, of which every other carries a key. */
export function requests(
  operations: fc.Arbitrary<Operation>,
  keys: readonly string[],
): fc.Arbitrary<FuzzRequest> {
  const carried = fc.oneof(fc.constant(undefined), fc.constantFrom(...keys))
  return fc.tuple(keyless(operations), carried).map(([request, key]) => {
    const headers = key === undefined ? {} : { Authorization: `Bearer ${key}` }
    return withHeaders(request, headers)
  })
}

/** Sent as they should be mostly, else damaged on their way or by whoever made them. */
function keyless(operations: fc.Arbitrary<Operation>): fc.Arbitrary<FuzzRequest> {
  const right = fc.tuple(operations, accepts).map(([operation, accept]) => posted(operation, accept))
  const damaged = fc
    .tuple(operations, damages)
    .map(([{ query, variables }, damage]) => posted({ query: damage(query), variables }, '*/*'))
  const broken = fc
    .tuple(right, damages)
    .map(([request, damage]) => withBody(request, damage(String(request.body))))
  return fc.oneof(
    { weight: 12, arbitrary: right },
    { weight: 5, arbitrary: damaged },
    { weight: 2, arbitrary: broken },
    {
      weight: 1,
      arbitrary: fc.tuple(operations, accepts).map(([operation, accept]) => gotten(operation, accept)),
    },
    { weight: 1, arbitrary: odd(operations) },
  )
}

function gotten({ query, variables }: Operation, accept: string): FuzzRequest {
  // Node reads 16 KB of head; what is longer it refuses itself.
  const parameters = new URLSearchParams({
    query: query.slice(0, 4000).toWellFormed(),
    variables: JSON.stringify(variables).slice(0, 2000).toWellFormed(),
  })
  return { method: 'GET', search: `?${parameters}`, headers: { Accept: accept }, body: null }
}

/** Some places of a text, as parts of its length. */
const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), {
  minLength: 1,
  maxLength: 4,
})

/** Characters left out, doubled, exchanged with the next, put in; or the end cut off. */
const damages: fc.Arbitrary<(text: string) => string> = fc
  .tuple(places, fc.constantFrom('leave out', 'double', 'exchange', 'put in', 'cut off'), awkwardStrings)
  .map(
    ([at, kind, other]) =>
      (text: string) =>
        at.reduce((damaged, part) => damageAt(damaged, Math.floor(part * damaged.length), kind, other), text),
  )

function damageAt(text: string, at: number, kind: string, other: string): string {
  const [before, here, next, after] = [
    text.slice(0, at),
    text.slice(at, at + 1),
    text.slice(at + 1, at + 2),
    text.slice(at + 2),
  ]
  switch (kind) {
    case 'leave out':
      return before + next + after
    case 'double':
      return before + here + here + next + after
    case 'exchange':
      return before + next + here + after
    case 'put in':
      return before + other.slice(0, 50) + here + next + after
    default:
      return before
  }
}

/** What no GraphQL client sends. */
function odd(operations: fc.Arbitrary<Operation>): fc.Arbitrary<FuzzRequest> {
  const bodies = fc.oneof(
    fc.json(),
    fc.constantFrom(
      '',
      'null',
      '[]',
      '{}',
      '{"query":1}',
      '{"query":null}',
      '{"query":"{__typename}","variables":[1]}',
      '['.repeat(50_000),
    ),
    fc.constantFrom(
      '{"query":"{__typename}","extensions":1}',
      '{"query":"{__typename}","more":1}',
      '{"query":"{__typename}","operationName":"No"}',
    ),
    fc.constantFrom(
      '{"query":"query A{__typename} query B{__typename}"}',
      '{"query":"fragment F on Query{__typename}"}',
      '{"query":"type A{b:Int}"}',
    ),
    fc.constantFrom(
      '{"__proto__":{"query":"{__typename}"}}',
      '{"query":"{__typename}","variables":{"__proto__":{"a":1}}}',
      '\ufeff{"query":"{__typename}"}',
    ),
    operations.map((operation) => JSON.stringify([operation, operation])),
    fc.nat(500_000).map((length) => JSON.stringify({ query: `{ __typename } #${'-'.repeat(length)}` })),
  )
  const types = fc.constantFrom(
    'application/json',
    'application/json; charset=utf-8',
    'application/json; charset=latin1',
    'text/plain',
    'application/graphql',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'multipart/form-data',
    '',
    ';',
    'application/graphql-response+json',
  )
  const methods = fc.constantFrom(
    'POST',
    'POST',
    'POST',
    'PUT',
    'DELETE',
    'PATCH',
    'HEAD',
    'OPTIONS',
    'GET',
    'QUERY',
  )
  const searches = fc.constantFrom(
    '',
    '?',
    '?query=',
    '?query={__typename}&variables={bad',
    '?query={__typename}&extensions=[]',
    '?query=%ff',
    '?query={__typename}&query={a}',
    '/more',
    '?query=mutation{__typename}',
  )
  const more = fc.constantFrom(
    {},
    { 'Sec-Fetch-Site': 'cross-site' },
    { Origin: 'https://elsewhere.example' },
    { 'Content-Encoding': 'gzip' },
    { Authorization: 'Bearer x' },
    { 'X-Forwarded-For': '1.2.3.4, x' },
  )
  const bytes = fc.uint8Array({ maxLength: 200 }).map((octets) => Buffer.from(octets).toString('latin1'))
  return fc
    .tuple(fc.oneof(bodies, bytes), types, methods, searches, accepts, more)
    .map(([body, type, method, search, accept, headers]) => ({
      method,
      search,
      headers: { ...headers, 'Content-Type': type, Accept: accept },
      body: method === 'GET' || method === 'HEAD' ? null : body,
      encoding: 'latin1',
    }))
}
