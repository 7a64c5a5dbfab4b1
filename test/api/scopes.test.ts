import {
  experimentalExecuteIncrementally,
  type GraphQLNamedType,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  parse,
} from 'graphql'
import { afterAll, describe, expect, test } from 'vitest'
import { templateExplainer } from '../../src/explanations/explainer.ts'
import { createContext } from '../../src/graphql/context.ts'
import { schema } from '../../src/graphql/schema.ts'
import { KEY_SCOPES, type KeyScope } from '../../src/store/scope.ts'
import { startKeyedServer } from './keyed-server.ts'
import { customerId, sku } from './shop.ts'

const server = await startKeyedServer({ requireKeys: true, production: false })
const { recommender, apiKeys } = server
afterAll(() => server.close())

const customer = globalId('Customer', customerId(1))
const product = globalId('Product', sku(1))

const QUESTIONS = {
  node: `{ node(id: "${customer}") { id ... on Customer { externalId } } }`,
  nodes: `{ nodes(ids: ["${product}", "${customer}"]) { id ... on Customer { externalId } } }`,
  customer: `{ customer(externalId: "${customerId(1)}") { __typename } }`,
  product: `{ product(sku: "${sku(1)}") { __typename } }`,
  modelInfo: '{ modelInfo { version } }',
  segments: '{ segments { name } }',
  explanationStream: `subscription { explanationStream(externalId: "${customerId(1)}", first: 1) { __typename } }`,
}

const CUSTOMERS = '{ customers(first: 1) { edges { node { externalId } } } }'

describe('a key of scope read', () => {
  test.each(Object.entries(QUESTIONS))('may ask for %s', async (_field, query) => {
    const { status, data, errors } = await ask(['read'], query)
    expect({ status, errors }).toEqual({ status: 200, errors: undefined })
    expect(data).not.toBeNull()
  })

  test('may not list all customers', async () => {
    const { status, data, errors } = await ask(['read'], CUSTOMERS)
    expect({ status, data }).toEqual({ status: 200, data: null })
    expect(errors).toEqual([
      expect.objectContaining({
        message: 'Query.customers needs an API key of scope "admin"; this one has read.',
        path: ['customers'],
        extensions: { code: 'FORBIDDEN', scope: 'admin' },
      }),
    ])
  })
})

describe.each([[['write']], [['admin']], [['write', 'admin']]] as [KeyScope[]][])('a key of %j', (scopes) => {
  test.each(Object.entries(QUESTIONS))(
    'is told that %s needs another scope, and nothing else',
    async (_field, query) => {
      const { status, data, errors } = await ask(scopes, query)
      expect(status).toBe(200)
      expect(Object.values(data ?? {}).every((value) => value === null)).toBe(true)
      expect(errors).toHaveLength(1)
      expect(errors[0]).toMatchObject({
        message: expect.stringMatching(
          `needs an API key of scope "catalog"; this one has ${scopes.join(', ')}\\.$`,
        ),
        extensions: { code: 'FORBIDDEN', scope: 'catalog' },
      })
    },
  )

  test('may not list all customers either', async () => {
    const { data, errors } = await ask(scopes, CUSTOMERS)
    expect(data).toBeNull()
    expect(errors[0].extensions).toMatchObject({ code: 'FORBIDDEN', scope: 'catalog' })
  })

  test('may ask what the schema is', async () => {
    const { data } = await ask(scopes, '{ __typename __schema { queryType { name } } }')
    expect(data).toEqual({ __typename: 'Query', __schema: { queryType: { name: 'Query' } } })
  })
})

describe('a key of scope catalog', () => {
  const PRODUCTS = {
    product: QUESTIONS.product,
    trending: '{ trending(first: 1) { edges { node { product { sku } } } } }',
    recommend: `{ recommend(input: { history: [{ sku: "${sku(1)}" }] }, first: 1) { __typename } }`,
    search: '{ searchProducts(text: "product", first: 1) { edges { node { sku } } } }',
    explanationStream: `subscription { explanationStream(input: { history: [{ sku: "${sku(1)}" }] }, first: 1) { __typename } }`,
    node: `{ node(id: "${product}") { id } }`,
    modelInfo: QUESTIONS.modelInfo,
  }
  test.each(Object.entries(PRODUCTS))('may ask for %s', async (_field, query) => {
    const { data, errors } = await ask(['catalog'], query)
    expect(errors).toBeUndefined()
    expect(Object.values(data)).not.toContain(null)
  })

  const { customer: one, segments, explanationStream } = QUESTIONS
  test.each([one, segments, explanationStream, CUSTOMERS, QUESTIONS.node, '{ viewer { externalId } }'])(
    'learns nothing of customers: %s',
    async (query) => {
      const { data, errors } = await ask(['catalog'], query)
      expect(Object.values(data ?? {}).every((value) => value === null)).toBe(true)
      expect(errors).toHaveLength(1)
      expect(errors[0].extensions.code).toBe('FORBIDDEN')
    },
  )

  test('gets the same answer for customers that exist and that do not', async () => {
    for (const question of [
      (id: string) => `{ customer(externalId: "${id}") { __typename } }`,
      (id: string) => `{ node(id: "${globalId('Customer', id)}") { id } }`,
      (id: string) => `{ nodes(ids: ["${globalId('Customer', id)}"]) { id } }`,
      (id: string) => `{ recommendations(externalIds: ["${id}"]) { __typename } }`,
      (id: string) => `subscription { explanationStream(externalId: "${id}") { __typename } }`,
      (id: string) => `{ recommend(input: { customer: "${id}" }) { __typename } }`,
      (id: string) => `{ recommend(input: { visitor: "${id}" }) { __typename } }`,
    ]) {
      const [there, nowhere] = [
        await ask(['catalog'], question(customerId(1))),
        await ask(['catalog'], question('x')),
      ]
      expect(there.errors[0].extensions.code).toBe('FORBIDDEN')
      expect({ data: there.data, errors: there.errors }).toEqual({
        data: nowhere.data,
        errors: nowhere.errors,
      })
    }
  })

  test('asks for products among which customers stand, and gets those', async () => {
    const { data, errors } = await ask(['catalog'], QUESTIONS.nodes)
    expect(data).toEqual({ nodes: [{ id: product }, null] })
    expect(errors).toMatchObject([{ path: ['nodes', 1], extensions: { code: 'FORBIDDEN' } }])
  })
})

test('read and admin together list all customers', async () => {
  const { data } = await ask(['read', 'admin'], CUSTOMERS)
  expect(data.customers.edges[0].node).toEqual({ externalId: expect.any(String) })
})

const hide = (number: number, fields: string) => `mutation {
  setProductAvailability(input: { products: [{ sku: "${sku(number)}", hidden: true }] }) { ${fields} }
}`
const isHidden = (number: number) => recommender.availability.get(sku(number)).hidden

describe('a mutation', () => {
  test('takes a key of scope write', async () => {
    const { data, errors } = await ask(['write'], hide(1, '__typename'))
    expect(errors).toBeUndefined()
    expect(data.setProductAvailability).toEqual({ __typename: 'SetProductAvailabilityPayload' })
    expect(isHidden(1)).toBe(true)
  })

  test.each([[['read']], [['admin']], [['read', 'admin']]] as [KeyScope[]][])(
    'changes nothing for one of %j',
    async (scopes) => {
      const { data, errors } = await ask(scopes, hide(2, '__typename'))
      expect(data).toBeNull()
      expect(errors[0]).toMatchObject({
        message: expect.stringContaining('Mutation.setProductAvailability needs an API key of scope "write"'),
        extensions: { code: 'FORBIDDEN', scope: 'write' },
      })
      expect(isHidden(2)).toBe(false)
    },
  )

  test('is carried out for a key that may not read, whose answer leads nowhere', async () => {
    const fields =
      '... on SetProductAvailabilityPayload { products { sku neighbours(first: 1) { edges { cursor } } } }'
    const { data, errors } = await ask(['write'], hide(3, fields))
    expect(isHidden(3)).toBe(true)
    expect(data).toEqual({ setProductAvailability: { products: null } })
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatchObject({
      path: ['setProductAvailability', 'products'],
      extensions: { code: 'FORBIDDEN', scope: 'catalog' },
    })
  })

  test('answers with the products for one that may both', async () => {
    const { data } = await ask(
      ['read', 'write'],
      hide(4, '... on SetProductAvailabilityPayload { products { sku } }'),
    )
    expect(data).toEqual({ setProductAvailability: { products: [{ sku: sku(4) }] } })
  })
})

test('a program that embeds the schema may do everything', async () => {
  const contextValue = createContext(recommender, templateExplainer())
  const answer = await experimentalExecuteIncrementally({ schema, document: parse(CUSTOMERS), contextValue })
  expect(answer).toEqual({ data: { customers: { edges: [{ node: { externalId: expect.any(String) } }] } } })
})

describe('every way into the shop’s data asks for its scope', () => {
  test('all fields of queries and subscriptions for catalog, all mutations for write', () => {
    expect(scopesOf(schema.getQueryType())).toEqual({ catalog: true })
    expect(scopesOf(schema.getSubscriptionType())).toEqual({ catalog: true })
    expect(scopesOf(schema.getMutationType())).toEqual({ write: true })
    const apart = Object.values(schema.getMutationType()!.getFields()).filter(
      ({ extensions }: any) => extensions.pothosOptions?.skipTypeScopes,
    )
    expect(apart.map((field) => [field.name, scopesOf(field)])).toEqual([
      ['recordEvents', { $any: { write: true, customer: true } }],
    ])
  })

  test('what lists or searches all customers for admin', () => {
    const types = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type))
    const fields = types.flatMap((type) => Object.values(type.getFields()))
    const listing = fields.filter(({ type }) => getNamedType(type).name === 'CustomerConnection')
    expect(listing.map(({ name }) => name)).toEqual(['customers', 'searchCustomers'])
    for (const field of listing) expect(scopesOf(field)).toEqual({ read: true, admin: true })
  })

  test('what leads from a mutation’s payload to an object for catalog', () => {
    expect(openings()).toEqual([])
  })
})

/** Fields of payloads that give an object to callers who may not ask for products. */
function openings(): string[] {
  const mutations = Object.values(schema.getMutationType()?.getFields() ?? {})
  return mutations
    .flatMap(({ type }) => membersOf(getNamedType(type)))
    .flatMap((payload) => {
      const fields =
        isObjectType(payload) || isInterfaceType(payload) ? Object.values(payload.getFields()) : []
      return fields
        .filter((field) => isCompositeType(getNamedType(field.type)) && scopesOf(field)?.['catalog'] !== true)
        .map(({ name }) => `${payload.name}.${name}`)
    })
}

function membersOf(type: GraphQLNamedType): readonly GraphQLNamedType[] {
  return isUnionType(type) ? type.getTypes() : [type]
}

/** What a type or a field was given as `authScopes`. */
function scopesOf(owner: { extensions: object } | null | undefined): Record<string, unknown> | undefined {
  const extensions: { pothosOptions?: { authScopes?: Record<string, unknown> } } = owner?.extensions ?? {}
  return extensions.pothosOptions?.authScopes
}

async function ask(scopes: readonly KeyScope[], query: string): Promise<any> {
  const { key } = await apiKeys.create(
    `may ${KEY_SCOPES.filter((scope) => scopes.includes(scope)).join()}`,
    scopes,
    null,
  )
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${key}` },
    body: JSON.stringify({ query }),
  })
  const text = await response.text()
  // A subscription is answered as events, the first of which is enough.
  const [, event = text] = /^data: (.+)$/m.exec(text) ?? []
  return { status: response.status, ...JSON.parse(event) }
}

function globalId(type: string, id: string): string {
  return Buffer.from(`${type}:${id}`).toString('base64')
}
