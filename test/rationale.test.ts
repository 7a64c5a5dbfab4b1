import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execute, parse } from 'graphql'
import { pino } from 'pino'
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { UnknownCustomerError, UnknownProductError } from '../src/engine/errors.ts'
import { type Explainer, templateExplainer } from '../src/explanations/explainer.ts'
import { configure } from '../src/model/configuration.ts'
import { ModelFileError, writeModel } from '../src/model/model-file.ts'
import { Rationale } from '../src/rationale/rationale.ts'
import { ApiKeyStore } from '../src/store/api-key-store.ts'
import { IN_MEMORY } from '../src/store/sqlite/database-file.ts'
import { openEvents } from '../src/store/open-events.ts'
import { BARE_PRODUCT, COLD_CUSTOMER, customerId, sku, smallShop } from './api/shop.ts'

const folder = await mkdtemp(join(tmpdir(), 'rationale-'))
const modelFile = join(folder, 'shop.model')
const configuration = configure('default', { factors: 8, iterations: 5 })
const trained = await Rationale.train(smallShop(), { configuration, threads: 1 })
await writeModel(trained.model, modelFile)
const rationale = await Rationale.open(modelFile, { threads: 1 })
afterAll(async () => {
  await Promise.all([trained.close(), rationale.close()])
  await rm(folder, { recursive: true })
})

test('a recorded purchase counts for the next list, also of a customer whom the model does not know', async () => {
  const events = openEvents(IN_MEMORY)
  const live = await Rationale.open(modelFile, { threads: 1, events })
  onTestFinished(async () => {
    await live.close()
    await events.close()
  })
  await expect(live.recommend('new')).rejects.toThrow(UnknownCustomerError)
  const purchase = { product: sku(4), kind: 'PURCHASE', at: Date.UTC(2018, 2, 1) } as const
  await events.append([{ ...purchase, customer: 'new' }])
  const { items } = await live.recommend('new', { first: 3 })
  expect(items).toHaveLength(3)
  expect(await live.explain('new', items[0].sku)).toMatchObject({ text: expect.stringMatching(/./) })
  const before = await live.recommend(customerId(5))
  await events.append([{ ...purchase, customer: customerId(5), product: before.items[0].sku }])
  const after = await live.recommend(customerId(5))
  expect(after.items.map((item) => item.sku)).not.toContain(before.items[0].sku)
})

describe('a list', () => {
  test("is the engine's, in the shop's own ids and in plain objects", async () => {
    const list = await rationale.recommend(customerId(5), { first: 3 })
    expect(list).toMatchObject({ strategy: 'HYBRID', hasMore: true })
    expect(list.items.map(({ rank }) => rank)).toEqual([1, 2, 3])
    for (const item of list.items) {
      expect(item.name).toBe(`Product No. ${item.sku.replace('sku-', '')}`)
      expect(item.category).toMatch(/^[a-z_]+$/)
      const amounts = item.reasons.map(({ amount }) => amount)
      expect(amounts.reduce((sum, amount) => sum + amount, 0)).toBeCloseTo(item.hybrid, 9)
    }
    expect(structuredClone(list)).toEqual(list)

    const { recommender, model } = rationale
    const [{ items }] = await recommender.recommend([
      { customer: recommender.customerIndex(customerId(5)), first: 3 },
    ])
    expect(list.items.map((item) => item.sku)).toEqual(items.map(({ product }) => model.products.at(product)))
    expect(list.items.map(({ hybrid }) => hybrid)).toEqual(items.map(({ hybrid }) => hybrid))
  })

  test('holds ten products unless told otherwise, and goes on at an offset', async () => {
    const { items } = await rationale.recommend(customerId(5))
    expect(items).toHaveLength(10)
    const next = await rationale.recommend(customerId(5), { first: 2, offset: 8 })
    expect(next.items).toEqual(items.slice(8))
  })

  test('may be that of a history: of products, or of purchases', async () => {
    const history = [sku(4), { sku: sku(8), quantity: 2 }]
    const basket = await rationale.recommend(history, { first: 5 })
    expect(basket).toEqual(
      await rationale.recommend([{ sku: sku(4), quantity: 1 }, sku(8), { sku: sku(8), purchasedAt: null }], {
        first: 5,
      }),
    )
    expect(basket.items.map((item) => item.sku)).not.toContain(sku(4))
  })

  test('takes what the engine takes, pins by the shop’s ids', async () => {
    const { items } = await rationale.recommend(customerId(5), {
      first: 4,
      filter: { categories: { anyOf: ['toys'] } },
      arrangement: { pins: [{ sku: sku(2), position: 2 }] },
    })
    expect(items.map(({ category }) => category)).toEqual(Array(4).fill('toys'))
    expect(items[1]).toMatchObject({ sku: sku(2), arranged: { placement: 'PINNED' } })
  })

  test('of popularity is for those of whom nothing is known', async () => {
    expect((await rationale.recommend(COLD_CUSTOMER)).strategy).toBe('POPULARITY')
    expect((await rationale.recommend([])).strategy).toBe('POPULARITY')
  })

  test('of somebody or something unknown is refused, naming all that is', async () => {
    await expect(rationale.recommend('nobody')).rejects.toThrow(UnknownCustomerError)
    await expect(rationale.recommend(['x', sku(1), 'y', 'x'])).rejects.toThrow(
      'There is no product x, y: products are named by their SKUs in the order history.',
    )
    const pins = [{ sku: 'z', position: 1 }]
    await expect(rationale.recommend([], { arrangement: { pins } })).rejects.toThrow(UnknownProductError)
  })
})

describe('neighbours', () => {
  test('are products like one, the nearest first, never itself', async () => {
    const near = await rationale.similar(sku(5), { first: 4 })
    expect(near.map(({ rank }) => rank)).toEqual([1, 2, 3, 4])
    expect(near.map(({ sku: other }) => other)).not.toContain(sku(5))
    // Of one category, and next in price: No. 5 costs 15, No. 1 and No. 9 cost 11 and 19.
    expect(
      near
        .slice(0, 2)
        .map(({ sku: other }) => other)
        .sort(),
    ).toEqual([sku(1), sku(9)])
    expect(near[0].category).toBe('garden_tools')
  })

  test('of an unknown product are refused', async () => {
    await expect(rationale.similar('x')).rejects.toThrow(
      'There is no product x: products are named by their SKUs in the order history.',
    )
  })
})

describe('an explanation', () => {
  test('says why a list holds a product, wherever that stands in it', async () => {
    const { items } = await rationale.recommend(customerId(5), { first: 30 })
    for (const item of [items[0], items[29]]) {
      const explanation = await rationale.explain(customerId(5), item.sku)
      expect(explanation?.text).toContain(item.name)
      for (const { reason } of explanation!.evidence) expect(item.reasons).toContainEqual(reason)
    }
  })

  test('is written in the language asked for', async () => {
    const { items } = await rationale.recommend(customerId(5), { first: 1 })
    const explanation = await rationale.explain(customerId(5), items[0].sku, { locale: 'pt-BR' })
    expect(explanation).toMatchObject({ locale: 'pt-BR', source: 'TEMPLATE' })
  })

  test('is not there for what the list does not hold', async () => {
    const bought = rationale.model.products.at(rationale.recommender.history(5)[0].product)
    expect(await rationale.explain(customerId(5), bought)).toBeNull()
    expect(await rationale.explain(customerId(5), bought, { includePurchased: true })).not.toBeNull()
    await expect(rationale.explain(customerId(5), 'x')).rejects.toThrow(UnknownProductError)
  })
})

test('its schema answers with its context', async () => {
  const document = parse(`{ product(sku: "${BARE_PRODUCT}") { ... on Product { sku name } } }`)
  const { schema } = rationale
  const { data, errors } = await execute({ schema, document, contextValue: rationale.context() })
  expect(errors).toBeUndefined()
  expect(data).toMatchObject({ product: { sku: BARE_PRODUCT, name: null } })

  const admin = parse('{ customers(first: 1) { edges { node { externalId } } } }')
  const refused = await execute({ schema, document: admin, contextValue: rationale.context() })
  expect(refused.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  const viewer = await execute({
    schema,
    document: parse('{ viewer { externalId } }'),
    contextValue: rationale.context({ customer: customerId(5) }),
  })
  expect(viewer).toEqual({ data: { viewer: { externalId: customerId(5) } } })
  const contextValue = rationale.context({ scopes: ['read', 'admin'] })
  expect((await execute({ schema, document: admin, contextValue })).errors).toBeUndefined()
})

describe('its handler', () => {
  test('answers requests of the Fetch API, at whatever path', async () => {
    const handler = await rationale.handler()
    const response = await handler.fetch(post('{ modelInfo { version } }'))
    expect(await response.json()).toMatchObject({ data: { modelInfo: { version: rationale.model.version } } })
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('masks what goes wrong, and says by which id it was logged', async () => {
    const lines: string[] = []
    const logger = pino({}, { write: (line) => void lines.push(line) })
    const explainer: Explainer = {
      ...templateExplainer(),
      explain: () => Promise.reject(new Error('out of words')),
    }
    await using speechless = await Rationale.open(modelFile, { threads: 1, explainer })
    const handler = await speechless.handler({ logger, scopes: ['read'] })
    const response = await handler.fetch(
      post(`{ customer(externalId: "${customerId(5)}") { ... on Customer {
        recommendations(first: 1) { edges { node { explanation { text } } } } } } }`),
    )
    const { errors } = (await response.json()) as { errors: { message: string; extensions: object }[] }
    const requestId = response.headers.get('x-request-id')
    expect(errors[0]).toMatchObject({ message: 'Unexpected error.', extensions: { requestId } })
    expect(JSON.parse(lines[0])).toMatchObject({ requestId, err: { message: 'out of words' } })
  })

  test('answers nobody without a key where keys are given, and whoever has one', async () => {
    const apiKeys = new ApiKeyStore(join(folder, 'keys.sqlite'))
    const { key } = await apiKeys.create('shop', ['read'], null)
    const handler = await rationale.handler({ apiKeys })
    expect((await handler.fetch(post('{ __typename }'))).status).toBe(401)
    const request = post('{ __typename }')
    request.headers.set('Authorization', `Bearer ${key}`)
    expect(await (await handler.fetch(request)).json()).toMatchObject({ data: { __typename: 'Query' } })
    await apiKeys.close()
  })

  test('answers visitors about products alone, unless it is told otherwise', async () => {
    const customers = '{ customers(first: 1) { edges { node { externalId } } } }'
    const one = `{ customer(externalId: "${customerId(5)}") { __typename } }`
    const change = `mutation { setProductAvailability(input: { products: [] }) { __typename } }`
    const plain = await rationale.handler()
    for (const query of [customers, one, change, '{ viewer { externalId } }', '{ segments { name } }']) {
      const refused = await plain.fetch(post(query))
      expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] })
    }
    const products = await plain.fetch(post('{ trending(first: 1) { edges { node { rank } } } }'))
    expect(await products.json()).toMatchObject({ data: { trending: { edges: [{ node: { rank: 1 } }] } } })
    const handler = await rationale.handler({ scopes: ['read', 'admin'] })
    expect(await (await handler.fetch(post(customers))).json()).not.toHaveProperty('errors')
  })

  test('limits what visitors may spend, and serves no GraphiQL, unless it is told otherwise', async () => {
    const plain = await rationale.handler()
    const { extensions } = (await (await plain.fetch(post('{ modelInfo { version } }'))).json()) as any
    expect(extensions.cost.throttle).toMatchObject({ maximumAvailable: 150_000, restoreRate: 15_000 })
    expect(await (await plain.fetch(page())).text()).not.toContain('GraphiQL')
    const open = await rationale.handler({ graphiql: true, limits: { rateLimit: null } })
    const answer = (await (await open.fetch(post('{ modelInfo { version } }'))).json()) as any
    expect(answer.extensions.cost).not.toHaveProperty('throttle')
    expect(await (await open.fetch(page())).text()).toContain('<title>Rationale</title>')
  })

  test('answers who is signed in about themselves', async () => {
    const handler = await rationale.handler({
      signedIn: async ({ headers }) => headers.get('cookie')?.replace('session-of=', ''),
    })
    const asked = async (cookie: string | null, query: string) => {
      const request = post(query)
      if (cookie !== null) request.headers.set('Cookie', cookie)
      return (await (await handler.fetch(request)).json()) as any
    }
    const session = `session-of=${customerId(5)}`
    expect((await asked(session, '{ viewer { externalId } }')).data).toEqual({
      viewer: { externalId: customerId(5) },
    })
    const other = `{ customer(externalId: "${customerId(6)}") { __typename } }`
    expect((await asked(session, other)).errors[0].extensions.code).toBe('FORBIDDEN')
    for (const nobody of [null, 'session-of=', '']) {
      const { errors } = await asked(nobody, '{ viewer { externalId } }')
      expect(errors[0].extensions.code).toBe('FORBIDDEN')
    }
  })

  test('minds no setting of where to listen', async () => {
    vi.stubEnv('PORT', '/run/shop.sock')
    onTestFinished(() => void vi.unstubAllEnvs())
    await expect(rationale.handler()).resolves.toBeTypeOf('function')
  })
})

describe('opening and training', () => {
  test('a trained model answers as the opened one', async () => {
    const options = { first: 5 }
    expect(await trained.recommend(customerId(7), options)).toEqual(
      await rationale.recommend(customerId(7), options),
    )
  })

  test('data may be named by its path', async () => {
    const file = join(folder, 'interactions.csv')
    const lines = ['a,1', 'a,2', 'b,1', 'b,3', 'c,2', 'c,3'].join('\n')
    await writeFile(file, `customer_id,product_id\n${lines}\n`)
    await using shop = await Rationale.train(file, { configuration, threads: 1 })
    const { items } = await shop.recommend('a')
    expect(items.map((item) => item.sku)).toEqual(['3'])
  })

  test('what cannot be opened or read is refused with what is wrong', async () => {
    await expect(Rationale.open(join(folder, 'missing.model'))).rejects.toThrow(ModelFileError)
    await expect(Rationale.train(join(folder, 'missing'))).rejects.toThrow('missing')
    await expect(Rationale.open(modelFile, { threads: 0 })).rejects.toThrow('threads is 0')
  })
})

const page = () => new Request('http://localhost/any/path', { headers: { Accept: 'text/html' } })

function post(query: string): Request {
  const headers = { 'Content-Type': 'application/json' }
  return new Request('http://localhost/any/path', {
    method: 'POST',
    headers,
    body: JSON.stringify({ query }),
  })
}
