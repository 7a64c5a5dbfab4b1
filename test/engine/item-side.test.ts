import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { graphql, GraphQLSchema } from 'graphql'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateShop } from '../../src/data/demo-shop.ts'
import { readDataset } from '../../src/data/read.ts'
import { DAY } from '../../src/data/ranges.ts'
import type { CustomerKey } from '../../src/engine/customer-key.ts'
import { reasonRecord } from '../../src/engine/reason.ts'
import type { ListKind, RecommendationList, RecommendationRequest } from '../../src/engine/recommendation.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import { trainModel } from '../../src/engine/train.ts'
import { gatherEvidence } from '../../src/explanations/evidence.ts'
import { explain } from '../../src/explanations/template.ts'
import { templateExplainer } from '../../src/explanations/explainer.ts'
import { createContext } from '../../src/graphql/context.ts'
import { deferDirective } from '../../src/graphql/graphql-versions.ts'
import { schema as withDefer } from '../../src/graphql/schema.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { configure } from '../../src/model/configuration.ts'
import { openModel, writeModel } from '../../src/model/model-file.ts'
import type { Model } from '../../src/model/model.ts'
import { itemSideOf } from '../../src/model/without-histories.ts'
import type { NewEvent } from '../../src/store/event.ts'
import { importDataset } from '../../src/store/import-dataset.ts'
import { readStore } from '../../src/store/read-store.ts'
import { openEvents } from '../../src/store/open-events.ts'
import { folderOf } from '../data/folders.ts'
import { temporaryFile } from '../explanations/writer.ts'

const kernels = await openKernels({ threads: 1 })
afterAll(() => kernels.close())

/** graphql's own execution takes no schema with `@defer`. */
const schema = new GraphQLSchema({
  ...withDefer.toConfig(),
  directives: withDefer.getDirectives().filter(({ name }) => name !== deferDirective.name),
})

const KINDS = [
  'FOR_YOU',
  'RELATED',
  'COMPLEMENTARY',
  'ALSO_BOUGHT',
  'BUY_AGAIN',
  'TRENDING',
  'POPULAR',
] as const satisfies ListKind[]

/** The clock of the recommenders: lists for who has bought lately are for now. */
const NOW = Date.UTC(2025, 5, 1)

/** The whole model and the item side of it, each from its file, with the store that they were trained on behind them. */
async function servedFrom(files: string, extra: readonly NewEvent[] = []) {
  const store = temporaryFile('store.sqlite')
  await importDataset(await readDataset(files, { keepColumns: true }), store)
  const events = openEvents(store)
  if (extra.length > 0) await events.append(extra)
  const trainedOn = (await events.watermark())!
  const configuration = configure('default', { factors: 8, iterations: 4 })
  const whole = await trainModel(await readStore(store), configuration, kernels, {
    trainedOn,
    effort: 'quick',
  })
  const paths = { whole: temporaryFile('whole.model'), itemSide: temporaryFile('items.model') }
  await writeModel(whole, paths.whole)
  await writeModel(itemSideOf(whole), paths.itemSide)
  const open = async (path: string) =>
    new Recommender(await openModel(path), kernels, { events, now: () => NOW })
  return {
    store,
    events,
    paths,
    trained: whole,
    whole: await open(paths.whole),
    itemSide: await open(paths.itemSide),
    close: () => events.close(),
  }
}

type Served = Awaited<ReturnType<typeof servedFrom>>

const idsOf = ({ customers }: Model) => Array.from({ length: customers.size }, (_, i) => customers.at(i))

function said(recommender: Recommender, { strategy, items }: RecommendationList, segment: string | null) {
  const { model } = recommender
  return items.map((item) => ({
    strategy,
    product: model.products.at(item.product),
    hybrid: item.hybrid,
    sources: item.sources,
    arranged: item.arranged,
    reasons: item.reasons().map((reason) => reasonRecord(model, reason)),
    explanation: explain(gatherEvidence(model, item, {}, segment)).text,
    segment,
  }))
}

/** Everything that a recommender says of some customers, by the shop's own ids. */
async function allSaid(
  recommender: Recommender,
  ids: readonly string[],
  requestOf: (customer: CustomerKey) => RecommendationRequest[],
) {
  const keys: CustomerKey[] = []
  for (const id of ids) keys.push(await recommender.customerKey(id))
  const profiles = await recommender.profilesOf(keys)
  const histories = []
  for (const key of keys) histories.push(await recommender.purchasesOf(key))
  const asked = keys.flatMap((key, i) => requestOf(key).map((request) => ({ request, i })))
  const lists = await recommender.recommend(asked.map(({ request }) => request))
  return {
    profiles,
    histories,
    lists: lists.map((list, place) => said(recommender, list, profiles[asked[place].i].segment)),
  }
}

async function expectSame(
  served: Served,
  ids: readonly string[],
  requestOf: (customer: CustomerKey) => RecommendationRequest[],
) {
  const [found, expected] = [
    await allSaid(served.itemSide, ids, requestOf),
    await allSaid(served.whole, ids, requestOf),
  ]
  expect(found).toEqual(expected)
  return expected
}

describe('the item side with the store that it was trained on answers as the whole model, to the last bit', () => {
  let served: Served
  beforeAll(async () => {
    const shop = join(dirname(temporaryFile('x')), 'shop')
    await generateShop({ directory: shop, customers: 150, products: 50, seed: 3 })
    served = await servedFrom(shop)
  }, 60_000)
  afterAll(() => served.close())

  test('and holds no customer id in any byte of its file', () => {
    const bytes = readFileSync(served.paths.itemSide)
    const ids = idsOf(served.trained)
    expect(ids.length).toBeGreaterThan(100)
    expect(ids.filter((id) => bytes.includes(id))).toEqual([])
    const all = readFileSync(served.paths.whole)
    expect(ids.every((id) => all.includes(id))).toBe(true)
  })

  test('for every customer: history, segment, features, every kind of list, its scores, reasons and evidence', async () => {
    const { lists, profiles } = await expectSame(served, idsOf(served.trained), (customer) =>
      KINDS.map((list) => ({ customer, list, first: 10 })),
    )
    expect(new Set(profiles.map(({ segment }) => segment)).size).toBeGreaterThan(2)
    expect(lists.flat().length).toBeGreaterThan(3000)
  })

  test('with a basket, a moment, purchases allowed, and for a history', async () => {
    const { products, customers } = served.trained
    const product = fc.nat(products.size - 1)
    const entry = product.map((one) => ({ product: one, quantity: 1, purchasedAt: null }))
    const request = fc.record(
      {
        list: fc.constantFrom(...KINDS),
        basket: fc.array(entry, { minLength: 1, maxLength: 3 }),
        includePurchased: fc.boolean(),
        at: fc.date({ min: new Date('2016-01-01'), max: new Date(NOW), noInvalidDate: true }).map(Number),
        first: fc.constant(8),
      },
      { requiredKeys: ['first'] },
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(customers.size - 1), request), { minLength: 1, maxLength: 6 }),
        async (asked) => {
          const ids = asked.map(([customer]) => customers.at(customer))
          let next = 0
          await expectSame(served, ids, (customer) => {
            const [, made] = asked[next++ % asked.length]
            return [
              { ...made, customer },
              { ...made, history: made.basket ?? [] },
            ]
          })
        },
      ),
      { numRuns: 15 },
    )
  })

  test('through GraphQL: customer by id, purchases, segments and explanations', async () => {
    const source = `query ($id: String!) {
      customer(externalId: $id) {
        ... on Customer {
          id externalId segment
          features { recencyDays frequency monetary averageOrderValue distinctProducts reviewScore deliveryDelayDays }
          purchases(first: 20) { edges { node { product { sku } quantity lastPurchasedAt } } }
          recommendations(first: 5) { ... on RecommendationConnection {
            strategy edges { node { product { sku } scores { hybrid } reasons { amount share } explanation { text } } }
          } }
        }
      }
      segments { name customers share }
      trending(first: 5) { ... on RecommendationConnection { edges { node { product { sku } scores { hybrid } } } } }
    }`
    const answer = async (recommender: Recommender, id: string) => {
      const contextValue = createContext(recommender, templateExplainer())
      const { data, errors } = await graphql({ schema, source, contextValue, variableValues: { id } })
      expect(errors).toBeUndefined()
      return data
    }
    for (const id of idsOf(served.trained).slice(0, 40)) {
      const whole = await answer(served.whole, id)
      expect(await answer(served.itemSide, id)).toEqual(whole)
      expect(JSON.stringify(whole)).toContain('"hybrid"')
    }
    const page = await graphql({
      schema,
      source: '{ customers(first: 3) { edges { node { externalId } } pageInfo { hasNextPage } } }',
      contextValue: createContext(served.itemSide, templateExplainer()),
    })
    const first = idsOf(served.trained).toSorted().slice(0, 3)
    expect(page.data).toEqual({
      customers: {
        edges: first.map((externalId) => ({ node: { externalId } })),
        pageInfo: { hasNextPage: true },
      },
    })
    const found = await graphql({
      schema,
      source:
        'query ($text: String!) { searchCustomers(text: $text, first: 5) { edges { node { externalId } } } }',
      variableValues: { text: first[0].slice(0, -1) },
      contextValue: createContext(served.itemSide, templateExplainer()),
    })
    expect(JSON.stringify(found.data)).toContain(first[0])
  })

  test('after more has happened: purchases, returns, views, refusals, a new customer and an identified visitor', async () => {
    const { events, trained } = served
    const ids = idsOf(trained)
    const bought = await served.whole.purchasesOf(0)
    const sku = (product: number) => trained.products.at(product)
    const at = NOW - 2 * DAY
    await events.append([
      { customer: ids[0], product: sku(3), kind: 'PURCHASE', at, quantity: 2, orderId: 'new' },
      { customer: ids[0], product: sku(bought[0].product), kind: 'RETURN', at: at + 1, quantity: 1 },
      { customer: ids[1], product: sku(4), kind: 'NOT_INTERESTED', at, wholeCategory: true },
      { customer: ids[2], product: sku(5), kind: 'VIEW', at: NOW - 1000 },
      { customer: ids[3], product: sku(6), kind: 'CART', at: NOW - 1000 },
      { customer: 'somebody new', product: sku(7), kind: 'PURCHASE', at },
      { visitor: 'v', product: sku(8), kind: 'PURCHASE', at },
    ])
    await events.identify('v', ids[4])
    const { profiles, histories } = await expectSame(
      served,
      [...ids.slice(0, 8), 'somebody new'],
      (customer) => KINDS.map((list) => ({ customer, list, first: 20 })),
    )
    expect(histories.at(-1)).toHaveLength(1)
    expect(profiles.at(-1)!.segment).toBeNull()
  })

  test('training on the store without histories gives this model', async () => {
    const { trained, store } = served
    const again = await trainModel(
      await readStore(store, undefined, { receivedThrough: trained.summary.trainedOn!.receivedThrough }),
      configure('default', { factors: 8, iterations: 4 }),
      kernels,
      { trainedOn: trained.summary.trainedOn!, effort: 'quick', withoutHistories: true },
    )
    expect(again.version).toBe(served.itemSide.model.version)
  })
})

const line = (customer: string, product: string, day: number, quantity: string, order: string) =>
  `${customer},${product},2018-01-${String(day).padStart(2, '0')},${quantity},1.10,${order},s1`

test('units in parts, returns, several orders of a day, reviews and given segments are put together as in training', async () => {
  const rows = [
    line('ben', 'cup', 5, '0.1', 'o9'),
    line('ana', 'mug', 2, '0.3', 'o1'),
    line('ana', 'mug', 2, '0.7', 'o2'),
    line('ana', 'mug', 1, '0.2', 'o3'),
    line('ana', 'jug', 9, '3', 'o4'),
    line('ana', 'jug', 10, '-1', 'o4'),
    line('cy', 'jug', 3, '2', 'o5'),
    line('cy', 'jug', 4, '-2', 'o5'),
    line('cy', 'pan', 4, '1.5', 'o6'),
    ...Array.from({ length: 12 }, (_, i) => line(`c${i}`, i % 2 ? 'cup' : 'pan', 1 + i, '1', `p${i}`)),
  ]
  const folder = await folderOf({
    'interactions.csv': ['customer_id,product_id,timestamp,quantity,price,order_id,seller_id', ...rows].join(
      '\n',
    ),
    'customer_features.csv': 'customer_id,segment_name\nana,good\nben,late\nnobody,late\n',
  })
  const served = await servedFrom(folder, [
    { customer: 'ana', product: 'mug', kind: 'PURCHASE', at: Date.UTC(2018, 0, 20), quantity: 0.1 },
    { customer: 'ana', product: 'mug', kind: 'RETURN', at: Date.UTC(2018, 0, 21), quantity: 0.15 },
  ])
  try {
    await expectSame(served, idsOf(served.trained), (customer) =>
      KINDS.map((list) => ({ customer, list, first: 5, includePurchased: true })),
    )
  } finally {
    await served.close()
  }
})
