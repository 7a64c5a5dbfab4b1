/** `recommend(input:)` for customers, visitors and baskets, over HTTP. */
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { Recommender } from '../../src/engine/recommender.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { IN_MEMORY } from '../../src/store/sqlite/database-file.ts'
import type { NewEvent } from '../../src/store/event.ts'
import { openEvents } from '../../src/store/open-events.ts'
import { customerToken, startKeyedServer } from './keyed-server.ts'
import { type Answer, serving } from './serving.ts'
import { customerId, sku, smallRecommender } from './shop.ts'

const events = openEvents(IN_MEMORY)
const { model } = await smallRecommender()
const recommender = new Recommender(model, referenceKernels(), { events, leastCustomers: 1 })
const { ask } = await serving({ recommender })
afterAll(() => events.close())

const LIST = `
  strategy
  edges { node { rank product { sku } scores { hybrid } reasons { amount } } }
`

const RECOMMEND = `query ($input: RecommendInput!, $first: Int! = 8, $after: String) {
  recommend(input: $input, first: $first, after: $after) {
    __typename
    ... on RecommendationConnection { ${LIST} notes { kind message subject } pageInfo { endCursor } }
    ... on InvalidInputError { message path }
  }
}`

async function recommend(input: object, page = {}) {
  const { data, errors } = await ask(RECOMMEND, { input, ...page })
  expect(errors).toBeUndefined()
  return data.recommend
}

const costOf = async (input: object): Promise<number> =>
  (await ask(RECOMMEND, { input })).extensions.cost.requested

/** A list without its cursors and notes, which depend on how it was asked for. */
const listOf = ({ strategy, edges }: any) => ({ strategy, edges })
const skusOf = ({ edges }: any): string[] => edges.map(({ node }: any) => node.product.sku)

const MARCH = Date.UTC(2018, 2, 1)
const bought = (who: object, product: number): NewEvent => ({
  ...who,
  product: sku(product),
  kind: 'PURCHASE',
  at: MARCH,
})

describe('a customer', () => {
  test('gets the list of Customer.recommendations', async () => {
    const { data } = await ask(`{ customer(externalId: "${customerId(3)}") { ... on Customer {
      recommendations(first: 8) { ${LIST} }
    } } }`)
    const list = await recommend({ customer: customerId(3) })
    expect(listOf(list)).toEqual(data.customer.recommendations)
    expect(list.notes).toEqual([])
  })

  test('who is only in the store is known', async () => {
    await events.append([bought({ customer: 'of the store' }, 5)])
    const list = await recommend({ customer: 'of the store' })
    expect(list.notes).toEqual([])
    const history = [{ product: 5, quantity: 1, purchasedAt: MARCH }]
    const [{ items }] = await recommender.recommend([{ history, first: 8 }])
    expect(skusOf(list)).toEqual(items.map(({ product }) => model.products.at(product)))
  })

  test('who is unknown gets what a newcomer gets, and is told so', async () => {
    const list = await recommend({ customer: 'nobody' })
    expect(listOf(list)).toEqual(listOf(await recommend({})))
    expect(list.notes).toEqual([
      {
        kind: 'UNKNOWN_CUSTOMER',
        message: 'Unknown customer "nobody": the list is what a newcomer gets.',
        subject: 'nobody',
      },
    ])
    const basket = [{ sku: sku(4) }]
    expect(listOf(await recommend({ customer: 'nobody', basket }))).toEqual(
      listOf(await recommend({ basket })),
    )
  })
})

describe('a basket', () => {
  test('alone is a history', async () => {
    const purchases = [{ sku: sku(4), quantity: 2 }, { sku: sku(9) }]
    expect(await recommend({ basket: purchases })).toEqual(await recommend({ history: purchases }))
  })

  test('of a customer counts beside what was bought, as of unknown time', async () => {
    const [stored] = recommender.histories.of([3])
    const known = new Set(stored.map(({ product }) => product))
    const product = 30
    expect(known.has(product)).toBe(false)
    const history = [{ product, quantity: 2, purchasedAt: null }, ...stored]
    const [{ items }] = await recommender.recommend([{ history, first: 8 }])
    const list = await recommend({ customer: customerId(3), basket: [{ sku: sku(product), quantity: 2 }] })
    expect(skusOf(list)).toEqual(items.map((item) => model.products.at(item.product)))
    list.edges.forEach(({ node }: any, i: number) =>
      expect(node.scores.hybrid).toBeCloseTo(items[i].hybrid, 10),
    )
    expect(skusOf(list)).not.toContain(sku(product))
    expect(listOf(list)).not.toEqual(listOf(await recommend({ customer: customerId(3) })))
  })

  test('of a customer pages like any list, and another basket is another list', async () => {
    const input = { customer: customerId(3), basket: [{ sku: sku(0) }] }
    const whole = await recommend(input)
    const { pageInfo } = await recommend(input, { first: 4 })
    const rest = await recommend(input, { first: 4, after: pageInfo.endCursor })
    expect(rest.edges).toEqual(whole.edges.slice(4))
    const other = { ...input, basket: [{ sku: sku(1) }] }
    expect((await recommend(other, { after: pageInfo.endCursor })).__typename).toBe('InvalidInputError')
  })

  test('is told as chosen, and what was bought as bought', async () => {
    const { data } = await ask(
      `query ($input: RecommendInput!) { recommend(input: $input, first: 30) { ... on RecommendationConnection {
        edges { node { explanation { text } } }
      } } }`,
      { input: { customer: customerId(3), basket: [{ sku: sku(0) }] } },
    )
    const texts = data.recommend.edges.map(({ node }: any) => node.explanation.text).join(' ')
    expect(texts).toContain('the “Product No. 0” you chose,')
    expect(texts).toContain('the “Product No. 39” you bought in January 2018')
    expect(texts).not.toContain('“Product No. 0” you bought')
  })

  test('with an unknown product says so beside a customer', async () => {
    const basket = [{ sku: 'nothing' }]
    const list = await recommend({ customer: customerId(3), basket })
    expect(listOf(list)).toEqual(listOf(await recommend({ customer: customerId(3) })))
    expect(list.notes).toMatchObject([{ kind: 'UNKNOWN_PRODUCT', subject: 'nothing' }])
  })
})

describe('a visitor', () => {
  test("gets a list of the visitor's own events, told apart from a customer of the same id", async () => {
    await events.append([bought({ visitor: 'x' }, 4), bought({ customer: 'x' }, 7)])
    const list = await recommend({ visitor: 'x' })
    const [{ items }] = await recommender.recommend([
      { history: [{ product: 4, quantity: 1, purchasedAt: MARCH }], first: 8 },
    ])
    expect(skusOf(list)).toEqual(items.map(({ product }) => model.products.at(product)))
    expect(list.notes).toEqual([])
    expect(skusOf(await recommend({ customer: 'x' }))).not.toEqual(skusOf(list))
  })

  test('hides what is of no interest, and has what-ifs', async () => {
    await events.append([bought({ visitor: 'picky' }, 4), bought({ visitor: 'picky' }, 9)])
    const [first] = skusOf(await recommend({ visitor: 'picky' }))
    await events.append([{ visitor: 'picky', product: first, kind: 'NOT_INTERESTED', at: MARCH }])
    expect(skusOf(await recommend({ visitor: 'picky' }, { first: 50 }))).not.toContain(first)
    const productId = Buffer.from(`Product:${sku(4)}`).toString('base64')
    const { data } = await ask(`{ recommend(input: { visitor: "picky" }, first: 1) {
      ... on RecommendationConnection { edges { node {
        whatIf(withoutPurchases: ["${productId}"]) { __typename ... on WhatIf { rank } }
        decisivePurchases { outcome }
      } } }
    } }`)
    expect(data.recommend.edges[0].node).toMatchObject({
      whatIf: { __typename: 'WhatIf', rank: expect.any(Number) },
      decisivePurchases: { outcome: expect.any(String) },
    })
  })

  test('who has only looked at products is known by that', async () => {
    const at = Date.now() - 1000
    await events.append([{ visitor: 'looking', product: sku(4), kind: 'VIEW', at }])
    const list = await recommend({ visitor: 'looking' })
    expect(list.notes).toEqual([])
    expect(list.strategy).toBe('HYBRID')
    const interest = [{ product: 4, kind: 'VIEW' as const, at }]
    const [{ items }] = await recommender.recommend([{ history: [], interest, first: 8 }])
    expect(skusOf(list)).toEqual(items.map(({ product }) => model.products.at(product)))
  })

  test('of whom nothing is known, or who was identified, gets what a newcomer gets, and is told so', async () => {
    await events.append([bought({ visitor: 'known soon' }, 4)])
    await events.identify('known soon', 'somebody')
    for (const visitor of ['nobody', 'known soon']) {
      const list = await recommend({ visitor })
      expect(listOf(list)).toEqual(listOf(await recommend({})))
      expect(list.notes).toMatchObject([{ kind: 'UNKNOWN_VISITOR', subject: visitor }])
    }
  })
})

const somePlaces = fc.uniqueArray(fc.nat(47), { minLength: 1, maxLength: 6 })
const someKinds = fc.array(fc.constantFrom('PURCHASE', 'RETURN', 'NOT_INTERESTED', 'VIEW'), {
  minLength: 6,
  maxLength: 6,
}) as fc.Arbitrary<NewEvent['kind'][]>

test('a visitor gets the list that a new customer with the same events gets', async () => {
  let names = 0
  await fc.assert(
    fc.asyncProperty(somePlaces, someKinds, fc.boolean(), async (places, kinds, wholeCategory) => {
      const name = `twin ${names++}`
      const happened = places.map((place, i) => ({
        product: sku(place),
        kind: kinds[i],
        at: MARCH + i,
        ...(kinds[i] === 'NOT_INTERESTED' && { wholeCategory }),
      }))
      for (const who of [{ visitor: name }, { customer: name }])
        await events.append(happened.map((event) => Object.assign({}, who, event)))
      const [visitor, customer] = await Promise.all([
        recommend({ visitor: name }, { first: 48 }),
        recommend({ customer: name }, { first: 48 }),
      ])
      expect(listOf(visitor)).toEqual(listOf(customer))
    }),
    { numRuns: 25 },
  )
})

test('whatever unknown products are among them, the list is that of the known ones', async () => {
  const unknown = fc.string({ minLength: 1, maxLength: 8 }).filter((id) => model.products.indexOf(id) < 0)
  const named = fc.array(fc.oneof(fc.nat(47).map(sku), unknown), { maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(named, fc.constantFrom('history', 'basket'), async (skus, field) => {
      const known = skus.filter((id) => model.products.indexOf(id) >= 0)
      const [all, some] = await Promise.all(
        [skus, known].map((given) => recommend({ [field]: given.map((id) => ({ sku: id })) })),
      )
      expect(listOf(all)).toEqual(listOf(some))
      expect(all.notes.map(({ subject }: any) => subject)).toEqual([
        ...new Set(skus.filter((id) => !known.includes(id))),
      ])
    }),
    { numRuns: 25 },
  )
})

describe('an input', () => {
  const history = [{ sku: sku(1) }]
  test.each([
    { customer: customerId(1), visitor: 'v' },
    { customer: customerId(1), history },
    { visitor: 'v', history },
  ])('that names several people is refused: %j', async (input) => {
    expect(await recommend(input)).toEqual({
      __typename: 'InvalidInputError',
      message:
        'Pass at most one of "customer", "visitor" and "history"; what is in the basket goes into "basket".',
      path: ['input'],
    })
  })

  test('has limits for the basket as for the history', async () => {
    const basket = Array.from({ length: 101 }, () => ({ sku: sku(1) }))
    expect(await recommend({ basket })).toMatchObject({
      message: 'The basket holds 101 purchases: send at most 100.',
      path: ['input', 'basket'],
    })
    expect(await recommend({ basket: [{ sku: sku(1), quantity: -1 }] })).toMatchObject({
      path: ['input', 'basket', '0', 'quantity'],
    })
  })

  test('costs more where the customer bought more', async () => {
    const newcomer = await costOf({})
    expect(await costOf({ customer: customerId(3) })).toBeGreaterThan(newcomer)
    expect(await costOf({ basket: Array.from({ length: 50 }, () => ({ sku: sku(1) })) })).toBeGreaterThan(
      newcomer,
    )
  })
})

describe('listId', () => {
  const QUERY = `{ recommend(input: {}) { ... on RecommendationConnection { listId again: listId } } }`

  test('is new for each answer, the same within one, and kept with the events that name it', async () => {
    const [one, two] = [await ask(QUERY), await ask(QUERY)].map(({ data }) => data.recommend)
    expect(one.listId).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    expect(one.again).toBe(one.listId)
    expect(two.listId).not.toBe(one.listId)
    const { data } = await ask(`mutation {
      recordEvents(input: { events: [
        { customer: "shown", product: "${sku(1)}", kind: IMPRESSION, listId: "${one.listId}", placement: "home" }
      ] }) { ... on RecordEventsPayload { accepted } }
      exportCustomer(input: { customer: "shown" }) {
        ... on ExportCustomerPayload { events { kind listId placement } }
      }
    }`)
    expect(data.exportCustomer.events).toEqual([
      { kind: 'IMPRESSION', listId: one.listId, placement: 'home' },
    ])
  })
})

describe('who may', async () => {
  const server = await startKeyedServer({ recommender, requireKeys: true })
  afterAll(() => server.close())
  const { apiKeys } = server
  const token = await customerToken(apiKeys, customerId(1))

  async function answerTo(bearer: string, input: string): Promise<unknown> {
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${bearer}` },
      body: JSON.stringify({ query: `{ recommend(input: ${input}, first: 1) { __typename } }` }),
    })
    const { data, errors } = (await response.json()) as Answer
    return errors === undefined ? data.recommend.__typename : errors[0].extensions['code']
  }

  const WHOM = {
    own: `{ customer: "${customerId(1)}" }`,
    other: `{ customer: "${customerId(2)}" }`,
    unknown: '{ customer: "nobody" }',
    visitor: '{ visitor: "x" }',
    'unknown visitor': '{ visitor: "nobody" }',
    basket: `{ basket: [{ sku: "${sku(1)}" }] }`,
  }
  const [LIST_OF, NO] = ['RecommendationConnection', 'FORBIDDEN']

  test.each([
    ['catalog', [NO, NO, NO, NO, NO, LIST_OF]],
    ['customer token', [LIST_OF, NO, NO, NO, NO, LIST_OF]],
    ['read', [LIST_OF, LIST_OF, LIST_OF, LIST_OF, LIST_OF, LIST_OF]],
    ['write', [NO, NO, NO, NO, NO, NO]],
  ] as const)('ask for %s', async (scope, expected) => {
    const bearer = scope === 'customer token' ? token : (await apiKeys.create(scope, [scope], null)).key
    const answers = await Promise.all(Object.values(WHOM).map((input) => answerTo(bearer, input)))
    expect(answers).toEqual(expected)
  })
})

test('what one other customer bought shows in no list with a basket, whoever asks', async () => {
  const strict = new Recommender(model, referenceKernels(), { events })
  const basket = [{ product: 30, quantity: 1, purchasedAt: null }]
  const lists = await strict.recommend([
    { customer: 0, first: 48 },
    { customer: 0, first: 48, basket },
  ])
  const ofOneCustomer = lists.map(({ items }) =>
    items
      .flatMap(({ reasons }) => reasons())
      .filter((reason) => reason.kind === 'BOUGHT_TOGETHER' && reason.customers === 1),
  )
  expect(ofOneCustomer[0]).not.toEqual([])
  expect(ofOneCustomer[1]).toEqual([])
  strict.close()
})
