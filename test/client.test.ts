import { getEventListeners, once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { parse } from 'graphql'
import { describe, expect, expectTypeOf, onTestFinished, test } from 'vitest'
import { createClient, RequestError } from '../src/client/index.ts'
import { referenceKernels } from '../src/kernels/reference.ts'
import { serving } from './api/serving.ts'
import { customerId, sku } from './api/shop.ts'
import { runChild } from './child-process.ts'

const { url } = await serving()
const client = createClient({ url })

interface ProductResult {
  product: { __typename: 'Product'; name: string | null } | { __typename: 'UnknownProductError' }
}
const PRODUCT = 'query ($sku: String!) { product(sku: $sku) { __typename ... on Product { name } } }'

/** As GraphQL Code Generator writes documents. */
const productNode = parse(PRODUCT) as TypedDocumentNode<ProductResult, { sku: string }>

/** As it writes them with documentMode: "string". */
class TypedDocumentString<Result, Variables> extends String {
  declare __apiType?: (variables: Variables) => Result
  readonly __meta__: Record<string, unknown>

  constructor(text: string, meta: Record<string, unknown> = {}) {
    super(text)
    this.__meta__ = meta
  }
}

describe('a query', () => {
  const answer = { product: { __typename: 'Product', name: 'Product No. 3' } }

  test('may be a string', async () => {
    expect(await client.query(PRODUCT, { sku: sku(3) })).toEqual(answer)
    expect(await client.query<{ modelInfo: object }>('{ modelInfo { __typename } }')).toHaveProperty(
      'modelInfo',
    )
  })

  test('may be a typed document, whose variables and result are checked', async () => {
    const result = await client.query(productNode, { sku: sku(3) })
    expectTypeOf(result).toEqualTypeOf<ProductResult>()
    expect(result).toEqual(answer)
    // @ts-expect-error The variable is missing.
    await expect(client.query(productNode, {})).rejects.toThrow('"$sku"')
    // @ts-expect-error Variables are missing.
    await expect(client.query(productNode)).rejects.toThrow('"$sku"')
  })

  test('may be a typed string; what it does not require need not be passed', async () => {
    const text = new TypedDocumentString<ProductResult, { sku: string }>(PRODUCT)
    expect(await client.query(text, { sku: sku(3) })).toEqual(answer)
    const version = new TypedDocumentString<{ modelInfo: { version: string } }, { [key: string]: never }>(
      '{ modelInfo { version } }',
    )
    const { modelInfo } = await client.query(version)
    expectTypeOf(modelInfo.version).toBeString()
    expect(modelInfo.version).toMatch(/^[0-9a-f]{12}$/)
  })
})

describe('what cannot be answered is thrown', () => {
  test('with the codes, the HTTP status and the request id that the server logs', async () => {
    const error = await failure(client.query('{ products(first: -1) { edges { node { sku } } } }'))
    expect(error).toMatchObject({ codes: ['BAD_USER_INPUT'], status: 200, data: null, retryAfter: null })
    expect(error.message).toContain('"first" is -1')
    expect(error.requestId).toMatch(/^[0-9a-f]{8}-/)
    expect(error.errors[0].path).toEqual(['products'])
  })

  test('where the document is not one of the schema', async () => {
    const error = await failure(client.query('{ oracle }'))
    expect(error).toMatchObject({ status: 400, codes: ['GRAPHQL_VALIDATION_FAILED'] })
  })

  test('where nothing listens', async () => {
    const error = await failure(createClient({ url: 'http://127.0.0.1:9/graphql' }).query('{ __typename }'))
    expect(error).toMatchObject({ status: null, errors: [], cause: expect.any(TypeError) })
    expect(error.message).toContain('http://127.0.0.1:9/graphql cannot be reached')
  })

  test('where the answer is not GraphQL', async () => {
    const gate = await listening((_request, response) => response.writeHead(502).end('<h1>Bad gateway</h1>'))
    const error = await failure(createClient({ url: gate }).query('{ __typename }'))
    expect(error).toMatchObject({ status: 502, errors: [] })
    expect(error.message).toContain('answered 502, and not with GraphQL: <h1>Bad gateway</h1>')
  })

  test.each([
    ['no answer comes', () => {}],
    ['no whole answer comes', (_request, response) => void response.writeHead(200).write('{"data":')],
  ] satisfies [string, RequestListener][])('where %s in time', async (_what, handle) => {
    const error = await failure(
      createClient({ url: await listening(handle), timeout: 100 }).query('{ __typename }'),
    )
    expect(error).toMatchObject({ status: null, message: expect.stringContaining('no answer within 100 ms') })
  })

  test('as what it was aborted with, where the caller has no use for it any more', async () => {
    const controller = new AbortController()
    const asked = createClient({ url: await listening(() => controller.abort('gone')) }).query(
      '{ __typename }',
      {},
      { signal: controller.signal },
    )
    await expect(asked).rejects.toBe('gone')
  })
})

const RECOMMENDED = `{ customer(externalId: "${customerId(5)}") { ... on Customer {
  recommendations(first: 5) { edges { node { rank product { sku } } } } } } }`

describe('a throttled request', () => {
  test('leaves nothing at a signal that lives longer than it', async () => {
    const { signal } = new AbortController()
    const gate = await throttling(2, '0')
    await createClient({ url: gate.url }).query('{ __typename }', {}, { signal })
    expect(gate.asked()).toBe(3)
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  test('is sent again after the wait asked for', async () => {
    const gate = await throttling(2, '0')
    expect(await createClient({ url: gate.url }).query('{ __typename }')).toEqual({ __typename: 'Query' })
    expect(gate.asked()).toBe(3)
  })

  test('of a real server is answered in the end, and so is a subscription', async () => {
    const limits = { cost: 300, rateLimit: { capacity: 300, perSecond: 300 } }
    const { url: strict } = await serving({ limits })
    const refused: string[] = []
    const hasty = createClient({
      url: strict,
      // A busy machine makes requests more expensive: what counts is that each is answered in the end.
      retries: 30,
      fetch: async (...request) => {
        const response = await fetch(...request)
        if (response.status === 429) refused.push(response.headers.get('content-type')!)
        return response
      },
    })
    const many = Array.from({ length: 15 }, (_, i) => i)
    const answers = await Promise.all(many.map(() => hasty.query(RECOMMENDED)))
    expect(answers).toEqual(Array(15).fill(await client.query(RECOMMENDED)))
    const streams = await Promise.all(many.map(() => all(hasty.subscribe(STREAM, { id: customerId(1) }))))
    expect(streams.map((events) => events.length)).toEqual(Array(15).fill(3))
    expect(refused.join()).toMatch(/json.*event-stream/)
  })

  test('is given up after so many', async () => {
    const gate = await throttling(9, '0')
    const error = await failure(createClient({ url: gate.url, retries: 2 }).query('{ __typename }'))
    expect(error).toMatchObject({ status: 429, codes: ['THROTTLED'], retryAfter: 0 })
    expect(gate.asked()).toBe(3)
  })

  test('is given up at once where the wait would be long', async () => {
    const gate = await throttling(1, '3600')
    const error = await failure(createClient({ url: gate.url }).query('{ __typename }'))
    expect(error.retryAfter).toBe(3_600_000)
    expect(gate.asked()).toBe(1)
  })

  test('may be told a date to wait for', async () => {
    const gate = await throttling(1, new Date(Date.now() + 3_600_000).toUTCString())
    const error = await failure(createClient({ url: gate.url }).query('{ __typename }'))
    expect(error.retryAfter).toBeGreaterThan(3_590_000)
    expect(error.retryAfter).toBeLessThanOrEqual(3_600_000)
  })

  test('waits no longer than its caller does', async () => {
    const gate = await throttling(1, '30')
    const signal = AbortSignal.timeout(100)
    const asked = createClient({ url: gate.url }).query('{ __typename }', {}, { signal })
    await expect(asked).rejects.toMatchObject({ name: 'TimeoutError' })
  })
})

const STREAM = `subscription ($id: String!) {
  explanationStream(externalId: $id, first: 3) { recommendation { rank } explanation { text } }
}`

describe('pages', () => {
  const PRODUCTS = `query ($first: Int!, $after: String) {
    products(first: $first, after: $after) { edges { node { sku } } pageInfo { hasNextPage endCursor } }
  }`
  interface Products {
    products: {
      edges: { node: { sku: string } }[]
      pageInfo: { hasNextPage: boolean; endCursor: string | null }
    }
  }
  const products = parse(PRODUCTS) as TypedDocumentNode<Products, { first: number; after?: string | null }>

  test('come one after another, to the last', async () => {
    const skus: string[][] = []
    for await (const page of client.paginate(products, { first: 20 }, (result) => result.products)) {
      expectTypeOf(page.edges[0].node.sku).toBeString()
      skus.push(page.edges.map(({ node }) => node.sku))
    }
    const [whole] = await all(client.paginate(products, { first: 100 }, (result) => result.products))
    expect(skus.map((page) => page.length)).toEqual([20, 20, 9])
    expect(skus.flat()).toEqual(whole.edges.map(({ node }) => node.sku))
  })

  test('are asked for only when they are wanted, and from where the caller says', async () => {
    let asked = 0
    const counting = createClient({ url, fetch: (...request) => (asked++, fetch(...request)) })
    const pages = counting.paginate(products, { first: 20 }, (result) => result.products)
    const { value: first } = await pages.next()
    await pages.return()
    expect(asked).toBe(1)
    const after = first?.pageInfo.endCursor ?? null
    const rest = await all(client.paginate(products, { first: 20, after }, (result) => result.products))
    expect(rest.map(({ edges }) => edges.length)).toEqual([20, 9])
  })

  test('of a model that is replaced meanwhile end with an error that says so', async () => {
    const retrained = await serving({ kernels: { ...referenceKernels(), variant: 'simd' } })
    let asked = 0
    const moving = createClient({
      url,
      fetch: (_url, init) => fetch(asked++ < 2 ? url : retrained.url, init),
    })
    const pages = moving.paginate(products, { first: 20 }, (result) => result.products)
    await pages.next()
    await pages.next()
    const error = await failure(pages.next())
    expect(error.codes).toEqual(['STALE_CURSOR'])
    expect(error.message).toMatch(/^After 2 pages: /)
  })

  test('of a document that does not lead to the next one are not read for ever', async () => {
    const lost = PRODUCTS.replace(', $after: String', '').replace(', after: $after', '')
    const pages = client.paginate(lost, { first: 20 }, (result: Products) => result.products)
    await expect(all(pages)).rejects.toThrow('has to pass $after on')
  })
})

describe('a subscription', () => {
  test('gives its results as they come', async () => {
    const events = await all(client.subscribe(STREAM, { id: customerId(1) }))
    expect(events).toHaveLength(3)
    expect(events[0]).toMatchObject({ explanationStream: { explanation: { text: expect.any(String) } } })
  })

  test('is left by leaving the loop', async () => {
    const closed = Promise.withResolvers<void>()
    const endless = await listening((request, response) => {
      request.socket.on('close', closed.resolve)
      response.writeHead(200, { 'Content-Type': 'text/event-stream' })
      response.write(':\n\nevent: next\ndata: {"data":\ndata: {"tick":"Größe"}}\n\nevent: ne')
    })
    for await (const result of createClient({ url: endless }).subscribe('subscription { tick }')) {
      expect(result).toEqual({ tick: 'Größe' })
      break
    }
    await closed.promise
  })

  test('that is refused, or fails on the way, throws why', async () => {
    const nobody = failure(all(client.subscribe(STREAM, { id: 'nobody' })))
    expect(await nobody).toMatchObject({
      codes: ['BAD_USER_INPUT'],
      message: 'There is no customer nobody: customers are named as in the order history.',
    })
    const seen = Promise.withResolvers<void>()
    const torn = await listening(async (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' })
      response.write('event: next\ndata: {"data":{"tick":1}}\n\n')
      await seen.promise
      response.destroy()
    })
    const stream = createClient({ url: torn }).subscribe('subscription { tick }')
    expect(await stream.next()).toEqual({ done: false, value: { tick: 1 } })
    seen.resolve()
    expect((await failure(stream.next())).message).toContain('broke off before the last event')
  })
})

test('a persisted document is asked for by its hash, of a server that answers no other', async () => {
  const trusting = await serving({ trustedDocuments: new Map([['sha256:abc', PRODUCT]]) })
  const persisted = createClient({ url: trusting.url, persisted: true })
  const document = new TypedDocumentString<ProductResult, { sku: string }>(PRODUCT, { hash: 'sha256:abc' })
  expect(await persisted.query(document, { sku: sku(3) })).toHaveProperty('product.name', 'Product No. 3')
  const unknown = new TypedDocumentString<object, object>('{ __typename }', { hash: 'sha256:abd' })
  expect((await failure(persisted.query(unknown))).status).toBeGreaterThanOrEqual(400)
  await expect(persisted.query(PRODUCT)).rejects.toThrow('persistedDocuments: true')
})

test('the key is sent as a bearer token', async () => {
  const headers = Promise.withResolvers<string | undefined>()
  const gate = await listening((request, response) => {
    headers.resolve(request.headers.authorization)
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"data":{}}')
  })
  await createClient({ url: gate, apiKey: 'rk_1' }).query('{ __typename }')
  expect(await headers.promise).toBe('Bearer rk_1')
})

describe('the client stands alone:', () => {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const sources = globSync('src/client/*.ts', { cwd: root })

  test('it imports nothing but itself, and graphql only to print a parsed document', () => {
    const imported = sources.flatMap((file) =>
      Array.from(
        readFileSync(`${root}${file}`, 'utf8').matchAll(/^(?! \*).*(?:from |import\()'([^']+)'/gm),
        ([, name]) => name,
      ),
    )
    expect(imported.filter((name) => !/^\.\/[\w-]+\.ts$/.test(name))).toEqual(['graphql'])
  })

  test('it compiles for a browser, without the types of Node', async () => {
    const options = '--ignoreConfig --noEmit --strict --target es2024 --lib es2024,dom --skipLibCheck'
    const modules = '--module esnext --moduleResolution bundler --allowImportingTsExtensions'
    const compiler = [
      'node_modules/typescript/bin/tsc',
      ...`${options} ${modules}`.split(' '),
      'src/client/index.ts',
    ]
    const compiled = await runChild(process.execPath, compiler, { cwd: root }).catch((error) => error)
    expect(compiled).toEqual({ stdout: '', stderr: '' })
  })
})

/** A server that answers as `handle` does. */
async function listening(handle: RequestListener): Promise<string> {
  const server = createServer(handle).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
}

/** A server that refuses the first requests. */
async function throttling(times: number, retryAfter: string): Promise<{ url: string; asked: () => number }> {
  let asked = 0
  const gate = await listening((_request, response) => {
    const refused = ++asked <= times
    const errors = [{ message: 'Too much at once.', extensions: { code: 'THROTTLED' } }]
    response.writeHead(refused ? 429 : 200, { 'Content-Type': 'application/json', 'Retry-After': retryAfter })
    response.end(JSON.stringify(refused ? { errors } : { data: { __typename: 'Query' } }))
  })
  return { url: gate, asked: () => asked }
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const gathered = []
  for await (const item of items) gathered.push(item)
  return gathered
}

async function failure(asked: Promise<unknown>): Promise<RequestError> {
  const error = await asked.then(
    () => expect.fail('was answered'),
    (reason) => reason,
  )
  expect(error).toBeInstanceOf(RequestError)
  return error
}
