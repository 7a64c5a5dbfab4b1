/** Events over HTTP: recorded, counted by the next list, joined, given out and erased. */
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Recommender } from '../../src/engine/recommender.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { startServer } from '../../src/server/server.ts'
import { ApiKeyStore } from '../../src/store/api-key-store.ts'
import { IN_MEMORY } from '../../src/store/sqlite/database-file.ts'
import type { KeyScope } from '../../src/store/scope.ts'
import { openEvents } from '../../src/store/open-events.ts'
import { customerToken } from './keyed-server.ts'
import { type Answer, serving } from './serving.ts'
import { customerId, sku, smallRecommender } from './shop.ts'

const events = openEvents(IN_MEMORY)
const { model } = await smallRecommender()
const recommender = new Recommender(model, referenceKernels(), { events, leastCustomers: 1 })
const { ask } = await serving({ recommender })
afterAll(() => events.close())

const RECORD = `mutation ($events: [EventInput!]!) {
  recordEvents(input: { events: $events }) {
    __typename
    ... on RecordEventsPayload { accepted duplicates }
    ... on InvalidInputError { message path paths }
  }
}`

async function record(...given: object[]) {
  const { data, errors } = await ask(RECORD, { events: given })
  expect(errors).toBeUndefined()
  return data.recordEvents
}

const bought = (customer: string, product: number, rest = {}) => ({
  customer,
  product: sku(product),
  kind: 'PURCHASE',
  at: '2018-03-01T12:00:00Z',
  ...rest,
})

const skusOf = (list: any) => list?.edges.map(({ node }: any) => node.product.sku)

/** The SKUs of a customer's list, and of the customer's purchases. */
async function listOf(customer: string) {
  const { data } = await ask(`{ customer(externalId: "${customer}") {
    __typename
    ... on Customer {
      externalId segment features { frequency }
      recommendations(first: 10) { edges { node { product { sku } } } }
      purchases(first: 3) { edges { node { product { sku } quantity lastPurchasedAt } } }
    }
  } }`)
  const { recommendations, purchases, ...rest } = data.customer
  return { ...rest, list: skusOf(recommendations), purchases: purchases?.edges.map(({ node }: any) => node) }
}

/** The sum of the amounts of a recommendation's reasons of a type. */
const ofReasons = (node: any, type: string) =>
  node.reasons
    .filter(({ __typename }: any) => __typename === type)
    .reduce((sum: number, { amount }: any) => sum + amount, 0)

const many = (count: number, rest: object) =>
  Array.from({ length: count }, (_, n) => bought('busy', n % 40, { idempotencyKey: `busy ${n}`, ...rest }))

/** Whole lists of customer 6. */
const lists = () =>
  ask(`{ customer(externalId: "${customerId(6)}") { ... on Customer {
    recommendations(first: 100) { edges { node { product { sku category } } } }
    alsoBought(first: 100) { edges { node { product { sku category } } } }
    buyAgain(first: 100) { edges { node { product { sku category } } } }
  } } }`)

/** Lists without the products of a category. */
const withoutCategory = (answer: Answer, category: string) =>
  Object.fromEntries(
    Object.entries<any>(answer.data.customer).map(([name, { edges }]) => [
      name,
      edges.filter(({ node }: any) => node.product.category !== category),
    ]),
  )

describe('recordEvents', () => {
  test('counts for the next list, and a return takes it back', async () => {
    const before = await listOf(customerId(5))
    const [first] = before.list
    const event = { customer: customerId(5), product: first, at: '2018-03-01T12:00:00Z' }
    expect(await record({ ...event, kind: 'PURCHASE', quantity: 2 })).toEqual({
      __typename: 'RecordEventsPayload',
      accepted: 1,
      duplicates: 0,
    })
    const after = await listOf(customerId(5))
    expect(after.list).not.toContain(first)
    expect(after.purchases[0]).toEqual({
      product: { sku: first },
      quantity: 2,
      lastPurchasedAt: '2018-03-01T12:00:00.000Z',
    })
    await record({ ...event, kind: 'RETURN', quantity: 2, at: '2018-03-02T12:00:00Z' })
    expect(await listOf(customerId(5))).toEqual(before)
  })

  test('hides what is of no interest until that is undone', async () => {
    const before = await listOf(customerId(6))
    const event = { customer: customerId(6), product: before.list[0], kind: 'NOT_INTERESTED' }
    await record(event)
    expect((await listOf(customerId(6))).list).not.toContain(before.list[0])
    await record({ ...event, undo: true })
    expect(await listOf(customerId(6))).toEqual(before)
  })

  test('hides a category that is of no interest, until that is undone', async () => {
    const before = await lists()
    const { sku: product, category } = before.data.customer.buyAgain.edges[0].node.product
    const event = { customer: customerId(6), product, kind: 'NOT_INTERESTED', wholeCategory: true }
    await record(event)
    const after = await lists()
    expect(withoutCategory(after, '')).toEqual(withoutCategory(before, category))
    expect(withoutCategory(before, category)).not.toEqual(withoutCategory(before, ''))
    await record({ ...event, undo: true })
    expect(await lists()).toEqual(before)
  })

  test('counts views and cart entries for the next list, and says so in reasons and words', async () => {
    const viewedAt = new Date(Date.now() - 60_000).toISOString()
    await record(
      { customer: 'browser', product: sku(9), kind: 'VIEW', at: viewedAt },
      { customer: 'browser', product: sku(10), kind: 'CART', at: viewedAt },
    )
    const { data, errors } = await ask(`{ customer(externalId: "browser") { ... on Customer {
      recommendations(first: 40) { strategy edges { node {
        product { sku }
        scores { hybrid viewed { contribution } cart { contribution } }
        reasons {
          __typename amount
          ... on ViewedReason { product { sku } viewedAt }
          ... on InCartReason { product { sku } addedAt }
        }
        explanation { text }
      } } }
    } } }`)
    expect(errors).toBeUndefined()
    const { strategy, edges } = data.customer.recommendations
    expect(strategy).toBe('HYBRID')
    const reasons = edges.flatMap(({ node }: any) => node.reasons)
    expect(reasons).toContainEqual(
      expect.objectContaining({ __typename: 'ViewedReason', product: { sku: sku(9) }, viewedAt }),
    )
    expect(reasons).toContainEqual(
      expect.objectContaining({ __typename: 'InCartReason', product: { sku: sku(10) }, addedAt: viewedAt }),
    )
    for (const { node } of edges) {
      expect(ofReasons(node, 'ViewedReason')).toBeCloseTo(node.scores.viewed.contribution ?? 0, 12)
      expect(ofReasons(node, 'InCartReason')).toBeCloseTo(node.scores.cart.contribution ?? 0, 12)
    }
    expect(edges[0].node.explanation.text).toMatch(/you (looked at|put into your cart) on \d+ /)
    expect(edges[0].node.explanation.text).not.toContain('bought')
  })

  test('records the same key once', async () => {
    const event = bought('twice', 3, { idempotencyKey: 'a key' })
    expect(await record(event, event)).toMatchObject({ accepted: 1, duplicates: 1 })
    expect(await record(event)).toMatchObject({ accepted: 0, duplicates: 1 })
  })

  test('takes customers and products that the model does not know', async () => {
    expect(await listOf('newcomer')).toEqual({
      __typename: 'UnknownCustomerError',
      list: undefined,
      purchases: undefined,
    })
    await record(bought('newcomer', 3), { ...bought('newcomer', 3), product: 'of no model' })
    expect(await listOf('newcomer')).toMatchObject({
      externalId: 'newcomer',
      segment: null,
      features: { frequency: null },
      purchases: [{ product: { sku: sku(3) }, quantity: 1 }],
    })
    const [{ items }] = await recommender.recommend([
      { history: [{ product: 3, quantity: 1, purchasedAt: Date.UTC(2018, 2, 1, 12) }], first: 10 },
    ])
    expect((await listOf('newcomer')).list).toEqual(items.map(({ product }) => model.products.at(product)))
  })

  test('makes a customer of the store known in every query', async () => {
    await record(bought('everywhere', 3))
    const id = Buffer.from('Customer:everywhere').toString('base64')
    const { data, errors } = await ask(`{
      node(id: "${id}") { ... on Customer { externalId alsoBought(first: 1) { edges { node { product { sku } } } } } }
      recommendations(externalIds: ["everywhere", "${customerId(1)}", "nobody"], first: 2) {
        __typename
        ... on CustomerRecommendations { customer { externalId } recommendations { edges { node {
          reasons { __typename }
          explanation { text }
          whatIf(withoutPurchases: ["${Buffer.from(`Product:${sku(3)}`).toString('base64')}"]) { __typename }
        } } } }
      }
    }`)
    expect(errors).toBeUndefined()
    expect(data.node.externalId).toBe('everywhere')
    expect(data.node.alsoBought.edges).toHaveLength(1)
    const [everywhere, known, nobody] = data.recommendations
    expect([everywhere.customer.externalId, known.customer.externalId]).toEqual(['everywhere', customerId(1)])
    expect(nobody.__typename).toBe('UnknownCustomerError')
    for (const { node } of everywhere.recommendations.edges) expect(node.whatIf.__typename).toBe('WhatIf')
  })

  test('records none of the events if some are invalid, and gives the path of each', async () => {
    const answer = await record(
      bought('careless', 1),
      bought('careless', 2, { quantity: 0 }),
      bought('careless', 3, { at: '2999-01-01T00:00:00Z' }),
      bought('careless', 3, { visitor: 'v' }),
    )
    expect(answer).toEqual({
      __typename: 'InvalidInputError',
      message: expect.stringMatching(
        /^Event 1: "quantity" is 0: .+ Event 2: "at" is 2999-01-01T00:00:00.000Z, which is in the future: .+ Event 3: Name exactly one/,
      ),
      path: ['input', 'events', '1', 'quantity'],
      paths: [
        ['input', 'events', '1', 'quantity'],
        ['input', 'events', '2', 'at'],
        ['input', 'events', '3', 'customer'],
      ],
    })
    expect((await listOf('careless')).__typename).toBe('UnknownCustomerError')
  })

  test('takes a thousand events at once, and no more', async () => {
    const padded = { orderId: 'x'.repeat(60), placement: 'home' }
    expect(await record(...many(1000, padded))).toMatchObject({ accepted: 1000, duplicates: 0 })
    expect(await record(...many(1001, {}))).toMatchObject({
      message: '"events" holds 1001 events: send at most 1000 at once.',
      path: ['input', 'events'],
    })
  })

  test('of nothing records nothing', async () => {
    expect(await record()).toMatchObject({ accepted: 0, duplicates: 0 })
  })

  test('costs by its events, before anything is recorded', async () => {
    const costOf = async (count: number) => {
      const given = Array.from({ length: count }, () => bought('costly', 1))
      const { extensions } = await ask(RECORD, { events: given })
      return extensions.cost.requested
    }
    expect((await costOf(100)) - (await costOf(0))).toBe(100)
    const cheap = await serving({ recommender, limits: { cost: 50 } })
    const { errors } = await cheap.ask(RECORD, {
      events: Array.from({ length: 60 }, () => bought('refused', 1)),
    })
    expect(errors).toMatchObject([{ extensions: { code: 'LIMIT_EXCEEDED' } }])
    expect((await listOf('refused')).__typename).toBe('UnknownCustomerError')
  })

  test.each([
    ['a kind that there is not', { kind: 'SOLD' }],
    ['a time without a zone', { at: '2018-03-01T12:00:00' }],
    ['a product that is no text', { product: 5 }],
    ['a field that there is not', { colour: 'red' }],
  ])('refuses %s as the schema does', async (_, wrong) => {
    const { errors, status } = await ask(RECORD, { events: [bought('careless', 1, wrong)] })
    expect(status).toBeLessThan(500)
    expect(errors).toHaveLength(1)
    expect((await listOf('careless')).__typename).toBe('UnknownCustomerError')
  })
})

const visited = (product: number) => ({ ...bought('', product), customer: null, visitor: 'session-1' })

const identify = async (visitor: string, customer: string) => {
  const { data } = await ask(`mutation { identify(input: { visitor: "${visitor}", customer: "${customer}" }) {
    __typename
    ... on IdentifyPayload { joined }
    ... on InvalidInputError { message path }
  } }`)
  return data.identify
}

describe('identify', () => {
  test("makes a visitor's events the customer's, earlier and later ones", async () => {
    await record(visited(1))
    expect((await listOf('signed-in')).__typename).toBe('UnknownCustomerError')
    expect(await identify('session-1', 'signed-in')).toEqual({ __typename: 'IdentifyPayload', joined: 1 })
    await record(visited(2))
    const { purchases } = await listOf('signed-in')
    expect(purchases.map(({ product }: any) => product.sku).toSorted()).toEqual([sku(1), sku(2)])
  })

  test('says what is wrong with an id', async () => {
    expect(await identify('v', '')).toEqual({
      __typename: 'InvalidInputError',
      message: '"customer" cannot be an id: it is empty.',
      path: ['input', 'customer'],
    })
  })
})

const EXPORT = `mutation ($customer: String!, $first: Int! = 100, $after: String) {
  exportCustomer(input: { customer: $customer, first: $first, after: $after }) {
    __typename
    ... on ExportCustomerPayload {
      visitors next
      events { key product kind at receivedAt quantity price value undo wholeCategory orderId listId placement }
    }
    ... on InvalidInputError { message path }
  }
}`

describe('exportCustomer and eraseCustomer', () => {
  test('give out everything that is stored, in pages, and remove it', async () => {
    await record(
      bought('leaving', 1, { idempotencyKey: 'l1', price: 9.5, orderId: 'o1', quantity: 2 }),
      { ...bought('leaving', 2), kind: 'RATING', value: 4, at: '2018-03-02T00:00:00Z', idempotencyKey: 'l2' },
      {
        ...bought('leaving', 3),
        kind: 'NOT_INTERESTED',
        undo: true,
        at: '2018-03-03T00:00:00Z',
        idempotencyKey: 'l3',
      },
      bought('staying', 1),
    )
    const first = (await ask(EXPORT, { customer: 'leaving', first: 2 })).data.exportCustomer
    const none = {
      price: null,
      value: null,
      undo: null,
      wholeCategory: null,
      orderId: null,
      listId: null,
      placement: null,
    }
    const receivedAt = expect.any(String)
    expect(first).toEqual({
      __typename: 'ExportCustomerPayload',
      visitors: [],
      next: expect.any(String),
      events: [
        {
          ...none,
          key: 'l1',
          product: sku(1),
          kind: 'PURCHASE',
          at: '2018-03-01T12:00:00.000Z',
          receivedAt,
          quantity: 2,
          price: 9.5,
          orderId: 'o1',
        },
        {
          ...none,
          key: 'l2',
          product: sku(2),
          kind: 'RATING',
          at: '2018-03-02T00:00:00.000Z',
          receivedAt,
          quantity: null,
          value: 4,
        },
      ],
    })
    const second = (await ask(EXPORT, { customer: 'leaving', first: 2, after: first.next })).data
      .exportCustomer
    expect(second).toMatchObject({ next: null, events: [{ key: 'l3', undo: true }] })
    const erase = 'mutation { eraseCustomer(input: { customer: "leaving" }) { events } }'
    expect((await ask(erase)).data.eraseCustomer).toEqual({ events: 3 })
    expect((await ask(erase)).data.eraseCustomer).toEqual({ events: 0 })
    expect((await ask(EXPORT, { customer: 'leaving' })).data.exportCustomer).toMatchObject({
      events: [],
      next: null,
    })
    expect((await listOf('leaving')).__typename).toBe('UnknownCustomerError')
    expect((await listOf('staying')).purchases).toHaveLength(1)
  })

  test.each([
    ['a page of no events', { first: 0 }, ['input', 'first']],
    ['a page that is too long', { first: 1001 }, ['input', 'first']],
    ['a page after something else', { after: 'here' }, ['input', 'after']],
  ])('refuses %s', async (_, wrong, path) => {
    const { data } = await ask(EXPORT, { customer: 'staying', ...wrong })
    expect(data.exportCustomer).toMatchObject({ __typename: 'InvalidInputError', path })
  })
})

describe('who may', () => {
  const apiKeys = new ApiKeyStore(IN_MEMORY)
  let keyed: Awaited<ReturnType<typeof startServer>>
  beforeAll(async () => {
    const logger = pino({ level: 'silent' })
    keyed = await startServer({ recommender, apiKeys, host: '127.0.0.1', port: 0, production: true, logger })
  })
  afterAll(async () => {
    await keyed.close()
    await apiKeys.close()
  })

  const MUTATIONS = {
    recordEvents: `recordEvents(input: { events: [{ customer: "c", product: "p", kind: VIEW }] }) { __typename }`,
    identify: 'identify(input: { visitor: "v", customer: "c" }) { __typename }',
    eraseCustomer: 'eraseCustomer(input: { customer: "c" }) { events }',
    exportCustomer: 'exportCustomer(input: { customer: "c" }) { __typename }',
  }

  const codeOf = async (bearer: string, mutation: string) => {
    const response = await fetch(keyed.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${bearer}` },
      body: JSON.stringify({ query: `mutation { ${mutation} }` }),
    })
    const { errors } = (await response.json()) as Answer
    return errors === undefined ? 'ALLOWED' : errors[0].extensions['code']
  }

  test.each([
    [
      ['write'],
      { recordEvents: 'ALLOWED', identify: 'ALLOWED', eraseCustomer: 'ALLOWED', exportCustomer: 'FORBIDDEN' },
    ],
    [
      ['read'],
      {
        recordEvents: 'FORBIDDEN',
        identify: 'FORBIDDEN',
        eraseCustomer: 'FORBIDDEN',
        exportCustomer: 'FORBIDDEN',
      },
    ],
    [
      ['read', 'write'],
      { recordEvents: 'ALLOWED', identify: 'ALLOWED', eraseCustomer: 'ALLOWED', exportCustomer: 'ALLOWED' },
    ],
  ] as [KeyScope[], Record<string, string>][])('with a key of scopes %j', async (scopes, expected) => {
    const { key } = await apiKeys.create('key', scopes, null)
    const codes = await Promise.all(
      Object.entries(MUTATIONS).map(async ([name, mutation]) => [name, await codeOf(key, mutation)]),
    )
    expect(Object.fromEntries(codes)).toEqual(expected)
  })

  test('not with a customer token, though it reads the lists of a customer whom only the store knows', async () => {
    await record(bought('token-customer', 3))
    const token = await customerToken(apiKeys, 'token-customer')
    for (const mutation of Object.values(MUTATIONS)) expect(await codeOf(token, mutation)).toBe('FORBIDDEN')
    const response = await fetch(keyed.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      body: JSON.stringify({
        query: '{ viewer { externalId recommendations(first: 1) { edges { node { rank } } } } }',
      }),
    })
    const { data } = (await response.json()) as Answer
    expect(data.viewer).toEqual({
      externalId: 'token-customer',
      recommendations: { edges: [{ node: { rank: 1 } }] },
    })
  })
})

test('a server without a store for events says so', async () => {
  const { ask: without } = await serving()
  const { errors, status } = await without(RECORD, { events: [bought('c', 1)] })
  expect(status).toBe(200)
  expect(errors).toMatchObject([
    {
      message: 'This server has no store for events, so nothing can be recorded.',
      extensions: { code: 'NO_STORE' },
    },
  ])
})
