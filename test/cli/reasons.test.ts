import { expect, test } from 'vitest'
import { reasonLines } from '../../src/cli/recommend.ts'
import { type ReasonRecord, reasonRecord } from '../../src/engine/reason.ts'
import { smallModel } from '../engine/small-model.ts'

const model = smallModel({ factors: [[1], [1]], features: [[1], [1]] })
const purchase = { product: 1, quantity: 2, purchasedAt: null }
const DAY = 86_400_000
const until = Date.UTC(2018, 7, 29, 15)
const sales = { units: 1234, days: 30, since: until - 30 * DAY, until }
const ever = { units: 3, days: null, since: null }

test('a reason is recorded with the SKUs of its purchases', () => {
  expect(reasonRecord(model, { kind: 'TASTE', amount: 1, share: 0.5, purchase })).toEqual({
    kind: 'TASTE',
    amount: 1,
    share: 0.5,
    purchase: 'product 1',
  })
  const seller = { kind: 'POPULAR_WITH_SELLER', amount: 1, share: 1, seller: 's', sales } as const
  expect(reasonRecord(model, { ...seller, purchases: [purchase] })).toEqual({
    ...seller,
    purchases: ['product 1'],
  })
})

const weighed = { amount: -0.25, share: 1 }
test.each<[ReasonRecord, string]>([
  [{ ...weighed, kind: 'TASTE', purchase: 'tea' }, 'by taste, from tea'],
  [
    { ...weighed, kind: 'RESEMBLANCE', purchase: 'tea', similarity: 0.916, sharedAttributes: [] },
    'resembles tea (cosine 0.92)',
  ],
  [
    { ...weighed, kind: 'BOUGHT_TOGETHER', purchase: 'tea', customers: 12 },
    'bought together with tea (customers: 12)',
  ],
  [{ ...weighed, kind: 'SAME_ORDER', purchase: 'tea', orders: 12 }, 'in one order with tea (orders: 12)'],
  [
    { ...weighed, kind: 'POPULAR_IN_CATEGORY', category: 'cups', sales, purchases: ['tea'] },
    'popular in the category cups (units in 30 days to 2018-08-29: 1,234)',
  ],
  [
    { ...weighed, kind: 'POPULAR_WITH_SELLER', seller: 's', sales, purchases: ['tea'] },
    'popular with the seller s (units in 30 days to 2018-08-29: 1,234)',
  ],
  [{ ...weighed, kind: 'POPULAR', sales: { ...ever, until: null } }, 'popular (units: 3)'],
  [{ ...weighed, kind: 'POPULAR', sales: { ...ever, until } }, 'popular (units up to 2018-08-29: 3)'],
  [
    { ...weighed, kind: 'POPULAR', sales: { ...sales, since: until - 20 * DAY } },
    'popular (units in 2018-08-09 to 2018-08-29: 1,234)',
  ],
  [{ ...weighed, kind: 'BOUGHT_BEFORE', purchase: 'tea' }, 'bought before'],
])('%o is shown as a line', (reason, words) => {
  expect(reasonLines([reason], -0.25, 3)).toEqual([`   -0.2500 ${words}`])
})
