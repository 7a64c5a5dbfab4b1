import * as fc from 'fast-check'
import type { Reason, SharedAttribute } from '../../src/engine/reason.ts'
import type {
  PurchaseAction,
  CitedReason,
  Evidence,
  ProductFacts,
  PurchaseFacts,
} from '../../src/explanations/evidence.ts'

export const shelf: ProductFacts = { sku: 'A1', name: 'Oak Shelf', category: 'furniture' }
export const desk: ProductFacts = { sku: 'B2', name: 'Pine Desk', category: 'furniture' }
export const lamp: ProductFacts = { sku: 'C3', name: 'Lamp', category: 'lighting' }

/** Noon of a day in March 2018. */
export const MARCH = Date.UTC(2018, 2, 14, 12)
export const MAY = Date.UTC(2017, 4, 2)

export const bought = (
  product: ProductFacts,
  purchasedAt: number | null = MARCH,
  quantity = 1,
  action: PurchaseAction = purchasedAt === null ? 'CHOSEN' : 'BOUGHT',
): PurchaseFacts => ({
  product,
  action,
  quantity,
  purchasedAt,
})

export const lookedAt = (product: ProductFacts) => bought(product, null, 1, 'LOOKED_AT')

/** Evidence for a product (the shelf), whose reasons are e1, e2, … */
export function evidenceOf(
  reasons: readonly (readonly [Reason, PurchaseFacts | null])[],
  product: ProductFacts = shelf,
): Evidence {
  const cited = reasons.map(
    ([reason, purchase], place): CitedReason => ({ id: `e${place + 1}`, reason, purchase }),
  )
  return { product, segment: 'Repeat Loyalists', cited }
}

const weight = { amount: 1, share: 0.5 }
const entry = { product: 7, quantity: 1, purchasedAt: MARCH }
const DAY = 86_400_000
/** Up to when sales were counted. */
export const UNTIL = Date.UTC(2018, 2, 31, 15)
const sales = (units: number, days: number | null = 30, since = days && UNTIL - days * DAY) => ({
  units,
  days,
  since,
  until: UNTIL,
})

export const taste = (purchase = bought(desk)) =>
  [{ ...weight, kind: 'TASTE', purchase: entry }, purchase] as const

export const resemblance = (
  sharedAttributes: readonly SharedAttribute[] = [SAME_CATEGORY, NEAR_PRICE],
  purchase = bought(desk),
  similarity = 0.8,
) =>
  [
    {
      ...weight,
      kind: 'RESEMBLANCE',
      purchase: entry,
      similarity,
      sharedAttributes: () => sharedAttributes,
    },
    purchase,
  ] as const

export const together = (customers = 14, purchase = bought(lamp)) =>
  [{ ...weight, kind: 'BOUGHT_TOGETHER', purchase: entry, customers }, purchase] as const

export const inOneOrder = (orders = 12, purchase = lookedAt(desk)) =>
  [{ ...weight, kind: 'SAME_ORDER', purchase: entry, orders }, purchase] as const

export const inCategory = (units = 12, purchase = bought(desk), days: number | null = 30) =>
  [
    {
      ...weight,
      kind: 'POPULAR_IN_CATEGORY',
      category: 'furniture',
      sales: sales(units, days),
      purchases: [entry],
    },
    purchase,
  ] as const

export const withSeller = (units = 12, purchase = bought(desk)) =>
  [
    {
      ...weight,
      kind: 'POPULAR_WITH_SELLER',
      seller: '3d871de0142ce09b7081e2b9d1733cb1',
      sales: sales(units),
      purchases: [entry],
    },
    purchase,
  ] as const

export const popular = (units = 120, days: number | null = 30) =>
  [{ ...weight, kind: 'POPULAR', sales: sales(units, days) }, null] as const

/** For a list of a moment that the data does not reach: 20 of its 30 days are known. */
export const popularInPart = (units = 120) =>
  [{ ...weight, kind: 'POPULAR', sales: sales(units, 30, UNTIL - 20 * DAY) }, null] as const

/** Where the shop knows no times. */
export const popularUndated = (units = 120) =>
  [{ ...weight, kind: 'POPULAR', sales: { units, days: null, since: null, until: null } }, null] as const

export const before = (quantity = 1, purchasedAt: number | null = MARCH, action?: PurchaseAction) =>
  [
    { ...weight, kind: 'BOUGHT_BEFORE', purchase: entry },
    bought(shelf, purchasedAt, quantity, action),
  ] as const

export const SAME_CATEGORY = { attribute: 'category', value: 'furniture', purchasedValue: 'furniture' }
export const NEAR_PRICE = { attribute: 'price', value: 99.9, purchasedValue: 89.9 }
export const NEAR_WEIGHT = { attribute: 'product_weight_g', value: 900, purchasedValue: 950 }
export const NEAR_WIDTH = { attribute: 'product_width_cm', value: 30, purchasedValue: 31 }
export const SAME_COLOUR = { attribute: 'colour', value: 'red', purchasedValue: 'red' }
export const SAME_SELLER = {
  attribute: 'seller',
  value: '3d871de0142ce09b',
  purchasedValue: '3d871de0142ce09b',
}

/** Looked at, or put into the cart, on 14 March 2018: never bought. */
export const viewed = (product: ProductFacts = desk, at = MARCH) =>
  [
    { ...weight, kind: 'VIEWED', interest: { product: 7, kind: 'VIEW', at } },
    { ...bought(product, null, 1, 'VIEWED'), interestAt: at },
  ] as const

export const inCart = (product: ProductFacts = desk, at = MARCH) =>
  [
    { ...weight, kind: 'IN_CART', interest: { product: 7, kind: 'CART', at } },
    { ...bought(product, null, 1, 'PUT_INTO_CART'), interestAt: at },
  ] as const

/** Evidence of any kind, of products with any names, or without. */
export function evidences(text: fc.Arbitrary<string> = anyText()): fc.Arbitrary<Evidence> {
  const facts = fc.record({
    sku: fc.stringMatching(/^[0-9a-f]{32}$/),
    name: fc.option(text),
    category: fc.option(fc.oneof(text, fc.stringMatching(/^[a-z]{3,9}(_[a-z]{3,9}){0,2}$/))),
  })
  const count = fc.integer({ min: 1, max: 1_000_000 })
  const time = fc.integer({ min: Date.UTC(2010), max: Date.UTC(2030) })
  const dated = fc.tuple(time, fc.constant('BOUGHT' as const))
  const purchase = fc
    .tuple(facts, count, fc.oneof(dated, undated('BOUGHT', 'CHOSEN', 'LOOKED_AT')))
    .map(([product, quantity, [purchasedAt, action]]) => bought(product, purchasedAt, quantity, action))
  const attributes = fc.subarray([
    SAME_CATEGORY,
    NEAR_PRICE,
    NEAR_WEIGHT,
    NEAR_WIDTH,
    SAME_COLOUR,
    SAME_SELLER,
  ])
  const days = fc.option(fc.constant(30))
  const fractions = count.map((units) => units / 4)
  return facts.chain((product) =>
    fc
      .tuple(
        purchase.map((of) => taste(of)),
        fc
          .tuple(attributes, purchase, fc.double({ min: 0, max: 1, noNaN: true }))
          .map((all) => resemblance(...all)),
        fc.tuple(count, purchase).map((all) => together(...all)),
        fc.tuple(count, purchase).map((all) => inOneOrder(...all)),
        fc.tuple(fractions, purchase, days).map((all) => inCategory(...all)),
        fc.tuple(fractions, purchase).map((all) => withSeller(...all)),
        fc.oneof(
          fc.tuple(fractions, days).map((all) => popular(...all)),
          fractions.map((units) => popularInPart(units)),
          fractions.map((units) => popularUndated(units)),
        ),
        fc
          .tuple(count, fc.oneof(dated, undated('BOUGHT', 'CHOSEN')))
          .map(([quantity, when]) => [before()[0], bought(product, when[0], quantity, when[1])] as const),
        fc.tuple(fc.oneof(facts, fc.constant(product)), time).map((all) => viewed(...all)),
        fc.tuple(fc.oneof(facts, fc.constant(product)), time).map((all) => inCart(...all)),
      )
      .chain((kinds) => fc.shuffledSubarray(kinds, { maxLength: 3 }))
      .map((reasons) => evidenceOf(reasons, product)),
  )
}

const undated = (...actions: PurchaseAction[]) => fc.tuple(fc.constant(null), fc.constantFrom(...actions))

/** What CSV files hold: plain words, any Unicode, and what looks like markup or like our own signs. */
function anyText(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.stringMatching(/^[A-Z][a-z]{2,9}( [A-Za-z]{2,9}){0,3}$/),
    fc.string({ unit: 'grapheme', maxLength: 120 }),
    fc.constantFrom(
      '“”',
      'ⓟ',
      'e1',
      '<b>',
      'March 2018',
      '12 customers',
      'the',
      'product',
      '$&',
      '.*',
      'a.b',
      '…',
    ),
  )
}
