import { afterEach, describe, expect, test } from 'vitest'
import { decisivePurchases } from '../../src/engine/decisive-purchases.ts'
import { reasonRecord } from '../../src/engine/reason.ts'
import type { ListKind, RecommendationRequest } from '../../src/engine/recommendation.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import { withoutPurchases } from '../../src/engine/what-if.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { configure } from '../../src/model/configuration.ts'
import { fitModel } from '../../src/model/fit.ts'
import { withoutHistories } from '../../src/model/without-histories.ts'
import { IN_MEMORY } from '../../src/store/sqlite/database-file.ts'
import type { NewEvent } from '../../src/store/event.ts'
import type { EventStore } from '../../src/store/event-store.ts'
import { openEvents } from '../../src/store/open-events.ts'
import { COLD_CUSTOMER, customerId, sku, smallShop } from '../api/shop.ts'

const kernels = referenceKernels()
const shop = smallShop()
const model = await fitModel(shop, configure('default', { factors: 8, iterations: 5 }), kernels)
/** The same model without customers; unlike `withoutHistories`, it keeps what a single customer bought together. */
const { partners, itemWeights, baskets } = model
const itemSide = { ...withoutHistories(model), partners, itemWeights, baskets }
const MARCH = Date.UTC(2018, 2, 1)
const DAY = 86_400_000
const LISTS: ListKind[] = ['FOR_YOU', 'RELATED', 'ALSO_BOUGHT', 'BUY_AGAIN']

const opened: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

/** A recommender over a store of events, which is empty at first. */
function live(options: { without?: boolean; events?: EventStore } = {}) {
  const events = options.events ?? openEvents(IN_MEMORY)
  const recommender = new Recommender(options.without ? itemSide : model, kernels, { events })
  opened.push(recommender, events)
  return { recommender, events }
}

/** A recommender that knows of no events. */
function trained(): Recommender {
  const recommender = new Recommender(model, kernels)
  opened.push(recommender)
  return recommender
}

const event = (
  customer: string,
  product: number,
  kind: NewEvent['kind'] = 'PURCHASE',
  rest = {},
): NewEvent => ({
  customer,
  product: sku(product),
  kind,
  at: MARCH,
  ...rest,
})

/** Lists with all that is in them. */
async function listsOf(recommender: Recommender, requests: readonly RecommendationRequest[]) {
  const lists = await recommender.recommend(requests)
  return lists.map(({ items, strategy, hasMore }) => ({
    strategy,
    hasMore,
    items: items.map((item) =>
      Object.assign({}, item, { reasons: item.reasons().map((reason) => reasonRecord(model, reason)) }),
    ),
  }))
}

async function productsOf(recommender: Recommender, request: Omit<RecommendationRequest, 'first'>) {
  const [{ items }] = await recommender.recommend([{ first: 100, ...request }])
  return items.map(({ product }) => product)
}

/** The whole history of the shop as events. */
const history = Array.from(
  { length: shop.interactions.count },
  (_, line): NewEvent => ({
    customer: customerId(shop.interactions.customer[line]),
    product: sku(shop.interactions.product[line]),
    kind: 'PURCHASE',
    at: shop.orders.timestamp[shop.interactions.order[line]],
    quantity: shop.interactions.quantity[line],
    orderId: String(shop.interactions.order[line]),
    idempotencyKey: `line ${line}`,
  }),
)

describe('a customer of whom only the store knows', () => {
  test('gets the lists of a customer of the model who bought the same, to the last bit', async () => {
    const { recommender, events } = live({ without: true })
    await events.append(history)
    const customers = Array.from({ length: 60 }, (_, customer) => customer)
    for (const list of LISTS) {
      const known = customers.map((customer) => ({ list, customer, first: 10 }))
      const unknown = customers.map((customer) => ({ list, customer: customerId(customer), first: 10 }))
      expect(await listsOf(recommender, unknown)).toEqual(await listsOf(trained(), known))
    }
  })

  test('without events of purchases gets what a customer of the model without purchases gets', async () => {
    const { recommender, events } = live()
    await events.append([event('new', 3, 'VIEW'), { ...event('new', 3), product: 'unknown to the model' }])
    const cold = model.customers.indexOf(COLD_CUSTOMER)
    expect(await listsOf(recommender, [{ customer: 'new', first: 10 }])).toEqual(
      await listsOf(trained(), [{ customer: cold, first: 10 }]),
    )
  })
})

describe('a history that is in the model and in the store', () => {
  test('counts once', async () => {
    const { recommender, events } = live()
    await events.append(history)
    const requests = LISTS.flatMap((list) => [3, 17].map((customer) => ({ list, customer, first: 10 })))
    expect(await listsOf(recommender, requests)).toEqual(await listsOf(trained(), requests))
  })
})

/** The list of the same history, given in the request, where what a single customer bought counts too. */
const asWithHistory = async (recommender: Recommender, customer: number | string) => {
  const purchases = await recommender.purchasesOf(customer)
  return listsOf(new Recommender(model, kernels, { leastCustomers: 1 }), [
    { history: purchases, at: MARCH, first: 10 },
  ])
}

describe('the next list', () => {
  test('after a purchase counts it', async () => {
    const { recommender, events } = live()
    const before = await listsOf(recommender, [{ customer: 3, first: 10 }])
    const bought = before[0].items[0].product
    await events.append([event(customerId(3), bought)])
    const after = await listsOf(recommender, [{ customer: 3, at: MARCH, first: 10 }])
    expect(after[0].items.map(({ product }) => product)).not.toContain(bought)
    expect(after).not.toEqual(before)
    expect(after).toEqual(await asWithHistory(recommender, 3))
    expect((await recommender.purchasesOf(3))[0]).toEqual({
      product: bought,
      quantity: 1,
      purchasedAt: MARCH,
    })
    expect(await productsOf(recommender, { list: 'BUY_AGAIN', customer: 3 })).toContain(bought)
  })

  test('after its return is the former one', async () => {
    const { recommender, events } = live()
    const before = await listsOf(recommender, [{ customer: 3, first: 10 }])
    await events.append([event(customerId(3), before[0].items[0].product)])
    await events.append([event(customerId(3), before[0].items[0].product, 'RETURN', { at: MARCH + 1 })])
    expect(await listsOf(recommender, [{ customer: 3, first: 10 }])).toEqual(before)
  })

  test.each(LISTS)('%s holds no product of no interest, until that is undone', async (list) => {
    const { recommender, events } = live()
    const before = await productsOf(recommender, { list, customer: 3, includePurchased: true })
    const [hidden] = before
    await events.append([event(customerId(3), hidden, 'NOT_INTERESTED')])
    const after = await productsOf(recommender, { list, customer: 3, includePurchased: true })
    expect(before).toContain(hidden)
    expect(after).toEqual(before.filter((product) => product !== hidden))
    await events.append([event(customerId(3), hidden, 'NOT_INTERESTED', { at: MARCH + 1, undo: true })])
    expect(await productsOf(recommender, { list, customer: 3, includePurchased: true })).toEqual(before)
  })

  test('is arranged without a product of no interest, which is neither pinned nor drawn', async () => {
    const { recommender, events } = live()
    const arrangement = { pins: [{ product: 9, position: 1 }], explorationRate: 1, seed: 7 }
    expect(await productsOf(recommender, { customer: 3, arrangement })).toContain(9)
    await events.append([event(customerId(3), 9, 'NOT_INTERESTED')])
    expect(await productsOf(recommender, { customer: 3, arrangement })).not.toContain(9)
    expect(await productsOf(recommender, { customer: 4, arrangement })).toContain(9)
  })

  test('is for now where the customer has bought since the training, else for the latest purchase of the model', async () => {
    const events = openEvents(IN_MEMORY)
    const later = MARCH + 40.5 * DAY
    const recommender = new Recommender(model, kernels, { events, now: () => later + 60_000 })
    opened.push(recommender, events)
    const list = async (at?: number) =>
      listsOf(recommender, [{ list: 'BUY_AGAIN', customer: 3, first: 10, ...(at && { at }) }])
    expect(await list()).toEqual(await list(recommender.latestPurchase!))
    await events.append([event(customerId(3), 9)])
    expect(await list()).toEqual(await list(later))
    expect(await list()).not.toEqual(await list(recommender.latestPurchase!))
  })

  test('of another customer, or for a basket, is as before', async () => {
    const { recommender, events } = live()
    const requests = [
      { customer: 4, first: 10 },
      { history: [{ product: 3, quantity: 1, purchasedAt: null }], first: 10 },
      { list: 'POPULAR', first: 10 } as const,
    ]
    const before = await listsOf(recommender, requests)
    await events.append([
      event(customerId(3), 9),
      event(customerId(3), before[1].items[0].product, 'NOT_INTERESTED'),
    ])
    expect(await listsOf(recommender, requests)).toEqual(before)
  })
})

const interestReasons = (lists: Awaited<ReturnType<typeof listsOf>>) =>
  lists[0].items.flatMap(({ reasons }) => reasons.filter((reason) => 'interest' in reason))

describe('what was viewed or put into the cart', () => {
  const customer = customerId(3)
  const now = MARCH + 60_000
  /** A recommender whose clock stands a minute after the events. */
  function atNow() {
    const events = openEvents(IN_MEMORY)
    const recommender = new Recommender(model, kernels, { events, now: () => now })
    opened.push(recommender, events)
    return { recommender, events }
  }

  test('changes the next list, with its own reasons, and every score is the sum of its reasons', async () => {
    const { recommender, events } = atNow()
    const request = { customer: 3, first: 100 }
    const before = await listsOf(recommender, [request])
    await events.append([event(customer, 9, 'VIEW'), event(customer, 10, 'CART', { at: MARCH + 1 })])
    const after = await listsOf(recommender, [request])
    expect(after).not.toEqual(before)
    expect(
      new Set(interestReasons(after).map(({ kind, interest }) => `${kind} ${interest.product}`)),
    ).toEqual(new Set([`VIEWED ${sku(9)}`, `IN_CART ${sku(10)}`]))
    const former = new Map(before[0].items.map((item) => [item.product, item.hybrid]))
    for (const { product, hybrid, sources, reasons } of after[0].items) {
      expect(sources.reduce((sum, { contribution }) => sum + (contribution ?? 0), 0)).toBe(hybrid)
      expect(reasons.reduce((sum, { amount }) => sum + amount, 0)).toBeCloseTo(hybrid, 10)
      const others = sources.slice(0, -2).reduce((sum, { contribution }) => sum + (contribution ?? 0), 0)
      expect(others).toBe(former.get(product))
    }
  })

  test('makes a list for who has bought nothing', async () => {
    const { recommender, events } = atNow()
    await events.append([event('new', 9, 'VIEW')])
    const [{ strategy, items }] = await listsOf(recommender, [{ customer: 'new', first: 3 }])
    expect(strategy).toBe('HYBRID')
    expect(items[0].reasons).toContainEqual(expect.objectContaining({ kind: 'VIEWED' }))
  })

  test('counts the same as interest given in the request', async () => {
    const { recommender, events } = atNow()
    await events.append([event('new', 9, 'VIEW'), event('new', 10, 'CART')])
    const interest = [
      { product: 9, kind: 'VIEW', at: MARCH } as const,
      { product: 10, kind: 'CART', at: MARCH } as const,
    ]
    const given = new Recommender(model, kernels, { leastCustomers: 1, now: () => now })
    opened.push(given)
    for (const includePurchased of [false, true]) {
      const own = await listsOf(recommender, [{ customer: 'new', includePurchased, first: 10 }])
      expect(own).toEqual(await listsOf(given, [{ history: [], interest, includePurchased, first: 10 }]))
      expect(own).not.toEqual(await listsOf(given, [{ history: [], includePurchased, first: 10 }]))
    }
  })

  test('does not count once it is bought, hidden or a month old, nor in other lists', async () => {
    const { recommender, events } = atNow()
    const others = LISTS.slice(1).map((list) => ({ list, customer: 3, first: 10 }))
    const before = await listsOf(recommender, others)
    await events.append([
      event(customer, 8, 'CART', { at: MARCH - 31 * DAY }),
      event(customer, 9, 'VIEW'),
      event(customer, 10, 'VIEW'),
    ])
    expect(await listsOf(recommender, others)).toEqual(before)
    expect(interestReasons(await listsOf(recommender, [{ customer: 3, first: 10 }]))).not.toEqual([])
    await events.append([
      event(customer, 9, 'PURCHASE', { at: MARCH + 1 }),
      event(customer, 10, 'NOT_INTERESTED', { at: MARCH + 1 }),
    ])
    expect(interestReasons(await listsOf(recommender, [{ customer: 3, first: 10 }]))).toEqual([])
  })

  test('given in a request must be of the model’s products, and have times', async () => {
    const recommender = trained()
    for (const [product, at, problem] of [
      [-1, MARCH, 'there is no product -1'],
      [1, NaN, 'at of interest must be a time in ms since 1970, not NaN'],
    ] as const) {
      const interest = [{ product, kind: 'VIEW', at } as const]
      await expect(recommender.recommend([{ history: [], interest, first: 1 }])).rejects.toThrow(problem)
    }
  })
})

test('the events of all customers of a batch are looked up in one call for histories and one for interest', async () => {
  const events = openEvents(IN_MEMORY)
  const asked: string[][] = []
  const counted: EventStore = Object.assign(Object.create(events), {
    histories: (customers: string[], limit: number) => {
      asked.push([...customers])
      return events.histories(customers, limit)
    },
    interests: (customers: string[], limit: number) => {
      asked.push(customers.map((id) => `interest of ${id}`))
      return events.interests(customers, limit)
    },
    append: events.append.bind(events),
    close: events.close.bind(events),
  })
  const { recommender } = live({ events: counted })
  await recommender.recommend([
    { customer: 3, first: 10 },
    { customer: 'new', first: 10 },
    { list: 'ALSO_BOUGHT', customer: 3, first: 10 },
    { list: 'POPULAR', first: 10 },
    { history: [], first: 10 },
  ])
  expect(asked).toEqual([
    [customerId(3), 'new'],
    [`interest of ${customerId(3)}`, 'interest of new'],
  ])
})

describe('a model that was trained on the events of the store', () => {
  /** A recommender over events of which the model was trained on those that are given. */
  async function trainedOn(before: NewEvent[]) {
    const events = openEvents(IN_MEMORY)
    await events.append([event('somebody else', 0), ...before])
    const summary = { ...model.summary, trainedOn: (await events.watermark())! }
    const recommender = new Recommender({ ...model, summary }, kernels, { events })
    opened.push(recommender, events)
    return { recommender, events }
  }
  const customer = 3
  const bought = new Recommender(model, kernels).history(customer)[0]
  const quantityOf = async (recommender: Recommender) =>
    (await recommender.purchasesOf(customer)).find(({ product }) => product === bought.product)?.quantity ?? 0

  test('does not take a return off twice', async () => {
    const { recommender, events } = await trainedOn([event(customerId(customer), bought.product, 'RETURN')])
    expect(await quantityOf(recommender)).toBe(bought.quantity)
    await events.append([event(customerId(customer), bought.product, 'RETURN')])
    expect(await quantityOf(recommender)).toBe(bought.quantity - 1)
  })

  test('counts a later event that happened among the purchases that the model holds', async () => {
    const { recommender, events } = await trainedOn([])
    await events.append([event(customerId(customer), bought.product, 'PURCHASE', { at: bought.purchasedAt })])
    expect(await quantityOf(recommender)).toBe(bought.quantity + 1)
  })

  test('counts all events of another store', async () => {
    const { recommender } = await trainedOn([event('somebody else', 1)])
    const events = openEvents(IN_MEMORY)
    await events.append([event(customerId(customer), bought.product, 'RETURN')])
    const other = new Recommender(recommender.model, kernels, { events })
    opened.push(other, events)
    expect(await quantityOf(other)).toBe(bought.quantity - 1)
  })
})

describe('what-ifs', () => {
  test('take recorded purchases out as any others', async () => {
    const { recommender, events } = live()
    const before = await productsOf(recommender, { customer: 3 })
    await events.append([event(customerId(3), 9)])
    const histories = await recommender.historiesFor([{ customer: 3 }])
    const list = withoutPurchases(model, { customer: 3 }, [9], histories)
    expect(await productsOf(recommender, list)).toEqual(before)
    expect(() => withoutPurchases(model, { customer: 3 }, [9])).toThrow('There is no purchase of sku-9')
  })

  test('find a recorded purchase that a place depends on', async () => {
    const { recommender, events } = live()
    await events.append([event('new', 10, 'PURCHASE', { quantity: 5 })])
    const [first] = await productsOf(recommender, { list: 'ALSO_BOUGHT', customer: 'new' })
    const request = { list: { list: 'ALSO_BOUGHT' as const, customer: 'new' }, product: first, first: 10 }
    expect(await decisivePurchases(recommender, [request])).toEqual([
      { outcome: 'FOUND', purchases: [{ product: 10, quantity: 5, purchasedAt: MARCH }], atLeast: 1 },
    ])
  })
})
