import { describe, expect, test } from 'vitest'
import type { Reason } from '../../src/engine/reason.ts'
import type { ListRequest } from '../../src/engine/what-if.ts'
import type { PurchaseAction } from '../../src/explanations/evidence.ts'
import { gatherEvidence, productFacts } from '../../src/explanations/evidence.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { configure } from '../../src/model/configuration.ts'
import { fitModel } from '../../src/model/fit.ts'
import { BARE_PRODUCT, COLD_CUSTOMER, smallShop } from '../api/shop.ts'

const model = await fitModel(
  smallShop(),
  configure('default', { factors: 4, iterations: 1 }),
  referenceKernels(),
)

const PRODUCT = 0
const day = (number: number) => Date.UTC(2018, 0, number)
const entry = (product: number, purchasedAt: number | null = null) => ({ product, quantity: 1, purchasedAt })
const sales = { units: 3, days: 30, since: day(1), until: day(31) }

const taste = (product: number, amount: number): Reason => ({
  kind: 'TASTE',
  amount,
  share: 0.1,
  purchase: entry(product),
})
const popular = (amount: number, units = 3): Reason => ({
  kind: 'POPULAR',
  amount,
  share: 0.1,
  sales: { ...sales, units },
})
const together = (product: number, amount: number, customers = 2): Reason => ({
  kind: 'BOUGHT_TOGETHER',
  amount,
  share: 0.1,
  purchase: entry(product),
  customers,
})
const inOneOrder = (product: number, orders: number): Reason => ({
  kind: 'SAME_ORDER',
  amount: orders,
  share: 1,
  purchase: entry(product),
  orders,
})
const alike = (product: number, similarity: number, value: string | number = 7): Reason => ({
  kind: 'RESEMBLANCE',
  amount: 1,
  share: 0.1,
  purchase: entry(product),
  similarity,
  sharedAttributes: () => [{ attribute: 'colour', value, purchasedValue: value }],
})

const evidenceOf = (...reasons: Reason[]) =>
  gatherEvidence(model, { product: PRODUCT, reasons: () => reasons }, { customer: 0 })
const kindsOf = (...reasons: Reason[]) => evidenceOf(...reasons).cited.map(({ reason }) => reason.kind)

describe('the facts of a product', () => {
  test('are its SKU, name and category', () => {
    expect(productFacts(model, 5)).toEqual({ sku: 'sku-5', name: 'Product No. 5', category: 'garden_tools' })
  })

  test('are null where the shop does not give them', () => {
    const bare = model.products.indexOf(BARE_PRODUCT)
    expect(productFacts(model, bare)).toEqual({ sku: BARE_PRODUCT, name: null, category: null })
  })
})

describe('the reasons worth naming', () => {
  test('are three at most, one a kind, the strongest first, numbered', () => {
    const { cited } = evidenceOf(taste(1, 4), taste(2, 3), popular(3), together(3, 2), alike(4, 0.9))
    expect(cited.map(({ id, reason }) => [id, reason.kind, reason.amount])).toEqual([
      ['e1', 'TASTE', 4],
      ['e2', 'POPULAR', 3],
      ['e3', 'BOUGHT_TOGETHER', 2],
    ])
  })

  test('support the product', () => {
    expect(kindsOf(taste(1, -4), popular(3), together(3, -1))).toEqual(['POPULAR'])
  })

  test('weigh at least a quarter of the strongest', () => {
    expect(kindsOf(taste(1, 4), popular(1), together(3, 0.99))).toEqual(['TASTE', 'POPULAR'])
  })

  test('are none if no reason supports it', () => {
    expect(kindsOf()).toEqual([])
    expect(kindsOf(taste(1, -1))).toEqual([])
  })

  test.each([
    ['nobody else bought both', together(3, 1, 0)],
    ['nothing of it was sold of late', popular(1, 0)],
    ['the likeness is slight and of no label', alike(4, 0.49)],
    ['the likeness is to itself', alike(PRODUCT, 1)],
    ['the taste is for itself', taste(PRODUCT, 1)],
    ['the order is its own', inOneOrder(PRODUCT, 1)],
  ])('leave out what makes no sentence: %s', (_why, reason) => {
    expect(kindsOf(reason)).toEqual([])
  })

  test('name a slight likeness that has a label', () => {
    expect(kindsOf(alike(4, 0.1, 'red'))).toEqual(['RESEMBLANCE'])
    expect(kindsOf(alike(4, 0.5))).toEqual(['RESEMBLANCE'])
  })
})

describe('the purchase of a reason', () => {
  test('is given with the facts of what was bought', () => {
    const reason: Reason = {
      kind: 'BOUGHT_BEFORE',
      amount: 1,
      share: 1,
      purchase: { ...entry(PRODUCT, day(3)), quantity: 2 },
    }
    expect(evidenceOf(reason).cited[0].purchase).toEqual({
      product: productFacts(model, PRODUCT),
      action: 'BOUGHT',
      quantity: 2,
      purchasedAt: day(3),
    })
  })

  test('is the latest of several, and of another product', () => {
    const purchases = [entry(4, day(2)), entry(8, day(5)), entry(12, day(3)), entry(PRODUCT, day(9))]
    const reason: Reason = {
      kind: 'POPULAR_IN_CATEGORY',
      amount: 1,
      share: 1,
      category: 'toys',
      sales,
      purchases,
    }
    expect(evidenceOf(reason).cited[0].purchase?.product.sku).toBe('sku-8')
    expect(kindsOf({ ...reason, purchases: [entry(PRODUCT, day(9))] })).toEqual([])
  })

  test('is null if the reason has none', () => {
    expect(evidenceOf(popular(1)).cited[0].purchase).toBeNull()
  })
})

describe('what the reader did with a product of the history', () => {
  const deedIn = (list: ListRequest, purchasedAt: number | null = null) => {
    const reason = { ...inOneOrder(8, 2), purchase: entry(8, purchasedAt) } as Reason
    return gatherEvidence(model, { product: PRODUCT, reasons: () => [reason] }, list).cited[0].purchase
      ?.action
  }
  const history = [entry(8)]

  test.each<[string, ListRequest, number | null, PurchaseAction]>([
    ['a known customer bought it', { customer: 2 }, day(3), 'BOUGHT'],
    ['also where the shop knows no dates', { customer: 2 }, null, 'BOUGHT'],
    ['and whatever list it is', { list: 'RELATED', customer: 2 }, null, 'BOUGHT'],
    ['what is in a basket was chosen', { history }, null, 'CHOSEN'],
    ['and whatever the list', { list: 'RELATED', history }, null, 'CHOSEN'],
    ['what has a date was bought', { history, lookedAt: true }, day(3), 'BOUGHT'],
    ['a page’s product is looked at', { list: 'RELATED', history, lookedAt: true }, null, 'LOOKED_AT'],
    ['so also for what goes with it', { list: 'COMPLEMENTARY', history, lookedAt: true }, null, 'LOOKED_AT'],
  ])('%s', (_what, list, purchasedAt, action) => {
    expect(deedIn(list, purchasedAt)).toBe(action)
  })
})

test.each([
  ['VIEWED', 'VIEW', 'VIEWED'],
  ['IN_CART', 'CART', 'PUT_INTO_CART'],
] as const)('what is %s was not bought', (reasonKind, kind, action) => {
  const interest = { product: 5, kind, at: day(3) }
  const [{ purchase }] = evidenceOf({ kind: reasonKind, amount: 1, share: 1, interest }).cited
  expect(purchase).toEqual({
    product: { sku: 'sku-5', name: 'Product No. 5', category: 'garden_tools' },
    action,
    quantity: 1,
    purchasedAt: null,
    interestAt: day(3),
  })
})

test('what is only looked at was not chosen before', () => {
  const reason: Reason = { kind: 'BOUGHT_BEFORE', amount: 1, share: 1, purchase: entry(PRODUCT) }
  const kinds = (list: ListRequest) =>
    gatherEvidence(model, { product: PRODUCT, reasons: () => [reason] }, list).cited.map(
      ({ reason: { kind } }) => kind,
    )
  const history = [entry(PRODUCT)]
  expect(kinds({ list: 'BUY_AGAIN', history })).toEqual(['BOUGHT_BEFORE'])
  expect(kinds({ list: 'BUY_AGAIN', history, lookedAt: true })).toEqual([])
})

test('the segment is that of the customer, null for a basket and for a customer without purchases', () => {
  const segmentOf = (customer?: number) =>
    gatherEvidence(
      model,
      { product: 0, reasons: () => [] },
      customer === undefined ? { history: [] } : { customer },
    ).segment
  expect(segmentOf(3)).toBe(model.segments.labels[model.segments.codes[3]])
  expect(segmentOf()).toBeNull()
  expect(segmentOf(model.customers.indexOf(COLD_CUSTOMER))).toBeNull()
})
