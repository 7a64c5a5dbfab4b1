/** What clients can send that is new each time, and so could be kept for ever. */
import { Agent, type IncomingMessage, request as httpRequest } from 'node:http'
import { text } from 'node:stream/consumers'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

interface Sent {
  readonly method?: 'GET' | 'POST'
  /** Behind /graphql. */
  readonly url?: string
  readonly body?: string
  readonly headers?: Record<string, string>
}

const asQuery = (query: string, rest: object = {}): Sent => ({ body: JSON.stringify({ query, ...rest }) })

const BASKET = `query ($input: RecommendInput!, $filter: ProductFilter) {
  recommend(input: $input, first: 2, filter: $filter) { __typename ... on RecommendationConnection { edges { cursor } } }
}`

/** Each makes a request that no other number gives. */
export const KINDS: Readonly<Record<string, (i: number) => Sent>> = {
  'invalid documents': (i) => asQuery(`{a${i} b c d e f g h i j k l m n o p}`),
  'invalid documents of many errors': (i) =>
    asQuery(`{${Array.from({ length: 110 }, (_, j) => `x${i}_${j}`).join(' ')}}`),
  'documents that cannot be read': (i) => asQuery(`{ unreadable${i}`),
  'documents of too many tokens': (i) => asQuery(`{ ${`x${i} `.repeat(1001)} }`),
  'documents too deep': (i) => asQuery(`{ a${i}: ${'node(id: "x") { '.repeat(20)}id${'}'.repeat(20)} }`),
  'bodies too long': (i) => asQuery(`{ __typename } #${i}${'-'.repeat(262_144)}`),
  'bodies that are no JSON': (i) => ({ body: `{"query": "${i}` }),
  'valid documents, each with a comment of its own': (i) => asQuery(`{ __typename } # ${i}`),
  'valid documents, each with long comments': (i) => asQuery(`{ __typename } # ${i}${'é'.repeat(5000)}`),
  'valid documents, each with an alias of its own': (i) =>
    asQuery(`{ ${Array.from({ length: 10 }, (_, j) => `a${i}_${j}: modelInfo { version }`).join(' ')} }`),
  'valid documents by GET': (i) => ({
    method: 'GET',
    url: `?query=${encodeURIComponent(`{a${i}:__typename}`)}`,
  }),
  'operation names': (i) => asQuery(`query Q${i} { __typename }`, { operationName: `Q${i}` }),
  'operation names that there are not': (i) => asQuery('query Q { __typename }', { operationName: `Q${i}` }),
  introspection: (i) => asQuery(`{ a${i}: __type(name: "T${i}") { name } }`),
  'ids of persisted documents': (i) => ({ body: JSON.stringify({ documentId: `id-${i}` }) }),
  'hashes of persisted queries': (i) => ({
    body: JSON.stringify({
      extensions: { persistedQuery: { version: 1, sha256Hash: i.toString(16).padStart(64, '0') } },
    }),
  }),
  'variables of one document': (i) =>
    asQuery('query ($first: Int) { trending(first: $first) { edges { cursor } } }', {
      variables: { first: i % 101, [`v${i}`]: i },
    }),
  baskets: (i) =>
    asQuery(BASKET, { variables: { input: { history: [{ sku: `sku-${i % 48}`, quantity: 1 + i / 1e6 }] } } }),
  filters: (i) =>
    asQuery(BASKET, {
      variables: {
        input: { history: [] },
        filter: { price: { min: i / 1e6 }, exclude: [`${i}`.repeat(50)] },
      },
    }),
  'filters that cannot be': (i) =>
    asQuery(BASKET, { variables: { input: { history: [] }, filter: { attributes: [{ name: `n${i}` }] } } }),
  moments: (i) =>
    asQuery(`query ($at: DateTime) { trending(at: $at, first: 1) { edges { cursor } } }`, {
      variables: { at: new Date(1.5e12 + i * 60_000).toISOString() },
    }),
  cursors: (i) =>
    asQuery(`query ($after: String) { trending(after: $after) { edges { cursor } } }`, {
      variables: { after: `cursor-${i}` },
    }),
  'ids of nothing': (i) =>
    asQuery('query ($id: ID!) { node(id: $id) { id } }', { variables: { id: btoa(`Product:gone-${i}`) } }),
  searches: (i) =>
    asQuery('query ($text: String!) { searchProducts(text: $text, first: 1) { edges { cursor } } }', {
      variables: { text: `no ${i}` },
    }),
  'what-ifs': (i) =>
    asQuery(
      `query ($input: RecommendInput!) { recommend(input: $input, first: 1) { ... on RecommendationConnection { edges { node { whatIf(withoutPurchases: []) { __typename } } } } } }`,
      { variables: { input: { history: [{ sku: 'sku-1', quantity: 1 + i / 1e6 }] } } },
    ),
  keys: (i) => ({ ...asQuery('{ __typename }'), headers: { Authorization: `Bearer rk_${i}` } }),
  addresses: (i) => ({
    ...asQuery('{ nothing }'),
    headers: { 'X-Forwarded-For': `2001:db8:${(i >> 16).toString(16)}:${(i & 65535).toString(16)}::1` },
  }),
  paths: (i) => ({ method: 'GET', url: `/${i}` }),
  'types of body': (i) => ({ ...asQuery('{ __typename }'), headers: { 'Content-Type': `text/x-${i}` } }),
  'deferred parts': (i) => ({
    ...asQuery(`{ ... @defer { a${i}: __typename } }`),
    headers: { Accept: 'multipart/mixed' },
  }),
}

export interface Grown {
  readonly requests: number
  /** By status, how many were answered. */
  readonly answers: Readonly<Record<string, number>>
  /** Of the heap and of buffers beside it after collection, in bytes. */
  readonly bytes: number
}

/** How many are under way at once. */
const AT_ONCE = 8

/** Before anything is measured, so many of each kind have been sent. */
const WARM_UP = 20

/**
 * Sends so many requests of each kind, from `start` on, to a server of this process, and measures what is left of them.
 * @param counts  by name of `KINDS`
 */
export async function growMemory(url: string, counts: Readonly<Record<string, number>>): Promise<Grown> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  const answers: Record<string, number> = {}
  const send = async (kind: string, i: number) => {
    const status = await answerTo(url, KINDS[kind](i), agent)
    answers[status] = (answers[status] ?? 0) + 1
  }
  try {
    for (const kind of Object.keys(counts)) await eachOf(WARM_UP, (i) => send(kind, 1_000_000 + i))
    const before = memory()
    for (const [kind, count] of Object.entries(counts)) await eachOf(count, (i) => send(kind, i))
    const requests = Object.values(counts).reduce((sum, count) => sum + count, 0)
    return { requests, answers, bytes: memory() - before }
  } finally {
    agent.destroy()
  }
}

async function eachOf(count: number, send: (i: number) => Promise<void>): Promise<void> {
  let next = 0
  const work = async () => {
    while (next < count) await send(next++)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

async function answerTo(
  url: string,
  { method = 'POST', url: behind = '', body, headers }: Sent,
  agent: Agent,
): Promise<string> {
  const answered = Promise.withResolvers<IncomingMessage>()
  const sending = httpRequest(
    `${url}${behind}`,
    { method, agent, headers: { 'Content-Type': 'application/json', ...headers } },
    answered.resolve,
  )
  sending.on('error', answered.reject)
  sending.end(body)
  try {
    const answer = await answered.promise
    await text(answer)
    return String(answer.statusCode)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'failed'
  }
}

let collect: (() => void) | undefined

/** What is reachable: the heap, and the buffers beside it. */
function memory(): number {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  for (let i = 0; i < 3; i++) collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
