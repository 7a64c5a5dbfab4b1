/** What a page records with a customer token: events of its own customer, and nothing that others' lists rest on. */
import { afterAll, describe, expect, test } from 'vitest'
import { Recommender } from '../../src/engine/recommender.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { IN_MEMORY } from '../../src/store/sqlite/database-file.ts'
import { EVENT_KINDS } from '../../src/store/event.ts'
import { openEvents } from '../../src/store/open-events.ts'
import { customerToken, startKeyedServer } from './keyed-server.ts'
import type { Answer } from './serving.ts'
import { customerId, sku, smallRecommender } from './shop.ts'

const events = openEvents(IN_MEMORY)
const { model } = await smallRecommender()
const recommender = new Recommender(model, referenceKernels(), { events })
const { url, apiKeys, ...server } = await startKeyedServer({ recommender, requireKeys: true })
afterAll(async () => {
  await server.close()
  await events.close()
})

const [MINE, THEIRS] = [customerId(1), customerId(2)]
const mine = await customerToken(apiKeys, MINE)
const shop = (await apiKeys.create('shop', ['read', 'write'], null)).key

async function ask(bearer: string, query: string, variables: object = {}): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${bearer}` },
    body: JSON.stringify({ query, variables }),
  })
  return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>) }
}

/** What became of events: the payload, or the code of the error. */
async function record(bearer: string, ...given: object[]) {
  const { data, errors } = await ask(
    bearer,
    `mutation ($events: [EventInput!]!) { recordEvents(input: { events: $events }) {
      ... on RecordEventsPayload { accepted duplicates }
      ... on InvalidInputError { message paths }
    } }`,
    { events: given },
  )
  return errors === undefined ? data.recordEvents : errors[0].extensions['code']
}

const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString()

const view = (rest: object = {}) => ({ product: sku(3), kind: 'VIEW', ...rest })

async function eventsOf(customer: string) {
  const { data } = await ask(
    shop,
    `mutation ($customer: String!) { exportCustomer(input: { customer: $customer }) {
      ... on ExportCustomerPayload { events { key kind product listId } }
    } }`,
    { customer },
  )
  return data.exportCustomer.events
}

describe('a customer token', () => {
  test('records events of its own customer, named or not', async () => {
    const listId = 'a list'
    expect(await record(mine, view(), view({ customer: MINE, kind: 'CLICK', listId }))).toEqual({
      accepted: 2,
      duplicates: 0,
    })
    const kinds = (await eventsOf(MINE)).map(({ kind, listId: of }: any) => [kind, of])
    expect(kinds.toSorted()).toEqual([
      ['CLICK', listId],
      ['VIEW', null],
    ])
  })

  test('records nothing of anybody else, also beside its own', async () => {
    const before = [await eventsOf(MINE), await eventsOf(THEIRS)]
    for (const other of [{ customer: THEIRS }, { visitor: 'v' }, { visitor: MINE }, { customer: '' }])
      expect(await record(mine, view(), view(other))).toBe('FORBIDDEN')
    expect([await eventsOf(MINE), await eventsOf(THEIRS)]).toEqual(before)
  })

  test('says nothing of what was bought or given back', async () => {
    const answers = await Promise.all(
      EVENT_KINDS.map(async (kind) => {
        const answer = await record(mine, { product: sku(4), kind, ...(kind === 'RATING' && { value: 5 }) })
        return [kind, answer.accepted ?? answer]
      }),
    )
    expect(Object.fromEntries(answers)).toEqual({
      PURCHASE: 'FORBIDDEN',
      RETURN: 'FORBIDDEN',
      VIEW: 1,
      CART: 1,
      RATING: 1,
      NOT_INTERESTED: 1,
      IMPRESSION: 1,
      CLICK: 1,
    })
  })

  test('hides a product from its own lists at once', async () => {
    const list = `{ viewer { recommendations(first: 10) { edges { node { product { sku } } } } } }`
    const skus = async () =>
      (await ask(mine, list)).data.viewer.recommendations.edges.map(({ node }: any) => node.product.sku)
    const [product] = await skus()
    await record(mine, { product, kind: 'NOT_INTERESTED' })
    expect(await skus()).not.toContain(product)
  })

  test('cannot use up the keys of the shop, nor those of other customers', async () => {
    const idempotencyKey = 'order 1/1'
    const theirs = await customerToken(apiKeys, THEIRS)
    expect(await record(mine, view({ idempotencyKey }))).toEqual({ accepted: 1, duplicates: 0 })
    expect(await record(mine, view({ idempotencyKey }))).toEqual({ accepted: 0, duplicates: 1 })
    expect(await record(theirs, view({ idempotencyKey }))).toEqual({ accepted: 1, duplicates: 0 })
    const bought = { customer: THEIRS, product: sku(5), kind: 'PURCHASE', idempotencyKey }
    expect(await record(shop, bought)).toEqual({ accepted: 1, duplicates: 0 })
  })

  test('records what happened within a day, and a hundred events at once', async () => {
    expect(await record(mine, view({ at: hoursAgo(23) }), view({ at: hoursAgo(25) }))).toMatchObject({
      paths: [['input', 'events', '1', 'at']],
    })
    const many = Array.from({ length: 101 }, () => view())
    expect(await record(mine, ...many)).toMatchObject({ paths: [['input', 'events']] })
    expect(await record(mine, ...many.slice(1))).toMatchObject({ accepted: 100 })
  })

  test('may record five thousand events a day', async () => {
    const token = await customerToken(apiKeys, 'busy')
    const at = Date.now() - 3_600_000
    for (const [count, time] of [
      [4990, at],
      [100, at - 48 * 3_600_000],
    ])
      await events.append(
        Array.from({ length: count }, () => ({ customer: 'busy', product: 'p', kind: 'VIEW', at: time })),
      )
    expect(await record(token, ...Array.from({ length: 10 }, () => view()))).toMatchObject({ accepted: 10 })
    expect(await record(token, view())).toBe('TOO_MANY_EVENTS')
    expect(await record(shop, { ...view(), customer: 'busy' })).toMatchObject({ accepted: 1 })
  })
})

test.each([['catalog'], ['read'], ['admin']] as const)('a key of scope %s records nothing', async (scope) => {
  expect(await record((await apiKeys.create(scope, [scope], null)).key, view({ customer: MINE }))).toBe(
    'FORBIDDEN',
  )
})
