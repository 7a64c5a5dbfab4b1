import type { Dataset } from '../../src/data/dataset.ts'
import { idTableOf, stringColumnOf } from '../../src/data/ids.ts'
import { Recommender, type RecommenderOptions } from '../../src/engine/recommender.ts'
import type { Kernels } from '../../src/kernels/kernels.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { configure } from '../../src/model/configuration.ts'
import { fitModel } from '../../src/model/fit.ts'

/** What the grocery states of a product; null where it states nothing. */
export interface Goods {
  readonly sku: string
  readonly name: string
  readonly category: string | null
  readonly brand: string | null
  readonly grams: number | null
  readonly seller: string | null
  readonly price: number | null
}

/** An order: who, on which day after DAY_0, and how many of each. */
export interface Order {
  readonly customer: string
  readonly day: number
  readonly lines: Readonly<Record<string, number>>
  readonly stars?: number
  readonly delayDays?: number
}

export const DAY = 86_400_000
export const DAY_0 = Date.UTC(2024, 0, 1)

/** Nobody bought from `candle` on; of `mystery` nothing is known at all. */
const SHELVES: [string, string, string | null, string | null, number | null, string | null, number | null][] =
  [
    ['bread', 'Country bread', 'bakery', 'Hearth', 500, 'mill', 2],
    ['rolls', 'Butter rolls', 'bakery', 'Hearth', 250, 'mill', 1],
    ['croissant', 'Croissant', 'bakery', 'Paris', 60, 'mill', 3],
    ['butter', 'Alpine butter', 'dairy', 'Alp', 250, 'farm', 4],
    ['milk', 'Whole milk', 'dairy', 'Alp', 1000, 'farm', 1],
    ['cheese', 'Mountain cheese', 'dairy', 'Alp', 200, 'farm', 6],
    ['creme', 'Crème fraîche', 'dairy', null, 200, 'farm', 2],
    ['jam', 'Plum jam', 'sweets', 'Orchard', 340, 'farm', 5],
    ['honey', 'Forest honey', 'sweets', 'Orchard', 500, 'farm', 7],
    ['chocolate', 'Milk chocolate', 'sweets', 'Alp', 100, 'depot', 2],
    ['coffee', 'Coffee beans', 'drinks', 'Dawn', 250, 'depot', 8],
    ['tea', 'Green tea', 'drinks', 'Dawn', null, 'depot', 4],
    ['candle', 'Candle', null, null, null, null, null],
    ['soap', 'Soap', 'household', 'Dawn', 100, null, null],
    ['mystery', '', null, null, null, null, null],
  ]

const HAND: Order[] = [
  { customer: 'ann', day: 1, lines: { bread: 1, butter: 1 }, stars: 5, delayDays: -2 },
  { customer: 'ann', day: 8, lines: { bread: 1, butter: 1, jam: 1 }, stars: 4, delayDays: 1 },
  { customer: 'ann', day: 29, lines: { coffee: 2, bread: 1 } },
  { customer: 'ben', day: 2, lines: { bread: 2, butter: 1, cheese: 1 } },
  { customer: 'ben', day: 30, lines: { bread: 1, milk: 1 } },
  { customer: 'cat', day: 3, lines: { coffee: 1, chocolate: 2 } },
  { customer: 'cat', day: 24, lines: { coffee: 1, tea: 1 } },
  { customer: 'dan', day: 5, lines: { butter: 1, jam: 2 }, stars: 3 },
  { customer: 'eve', day: 6, lines: { milk: 3 } },
  { customer: 'eve', day: 13, lines: { milk: 3 } },
  { customer: 'eve', day: 20, lines: { milk: 3, bread: 1 } },
  { customer: 'fay', day: 9, lines: { tea: 1, honey: 1, bread: 1 } },
  { customer: 'gus', day: 10, lines: { chocolate: 1, coffee: 1, croissant: 2, rolls: 4, creme: 1 } },
]

const TINS = 36

/** Tin lovers 0 … 11 buy tins alone, so that lists are long and nothing else changes by them. */
const TIN_ORDERS: Order[] = Array.from({ length: TINS / 3 }, (_, k) => [
  { customer: `tin-lover-${k}`, day: 10 + k, lines: { [tin(3 * k)]: 1, [tin(3 * k + 1)]: 1 } },
  { customer: `tin-lover-${k}`, day: 14 + k, lines: { [tin(3 * k)]: 2, [tin(3 * k + 4)]: 1 } },
]).flat()

function tin(number: number): string {
  return `tin-${number % TINS}`
}

export const GOODS: readonly Goods[] = [
  ...SHELVES.map(([sku, name, category, brand, grams, seller, price]) => ({
    sku,
    name,
    category,
    brand,
    grams,
    seller,
    price,
  })),
  ...Array.from({ length: TINS }, (_, k) => ({
    sku: tin(k),
    name: `Tin No. ${k}`,
    category: 'tins',
    brand: ['Dawn', 'Orchard', null][k % 3],
    grams: 100 + 25 * (k % 8),
    // Of every third tin none was sold: nobody knows its seller or price.
    seller: k % 3 === 2 ? null : 'depot',
    price: k % 3 === 2 ? null : 1 + (k % 5),
  })),
]
export const ORDERS: readonly Order[] = [...HAND, ...TIN_ORDERS]
/** The latest order's moment: what lists are for unless they say otherwise. */
export const LATEST = DAY_0 + 30 * DAY
/** In the order of the model; hal never bought. */
export const CUSTOMERS: readonly string[] = [...new Set(ORDERS.map(({ customer }) => customer)), 'hal']

export const goods = (sku: string): Goods => GOODS.find((one) => one.sku === sku)!

/** All lines of all orders, a product a line. */
export const LINES = ORDERS.flatMap(({ customer, day, lines }, order) =>
  Object.entries(lines).map(([sku, quantity]) => ({ customer, day, order, sku, quantity })),
)

export function grocery(): Dataset {
  const skus = GOODS.map(({ sku }) => sku)
  const sellers = ['mill', 'farm', 'depot']
  const ordered = (value: (order: Order) => number) => Float32Array.from(ORDERS, value)
  const customerOf = ({ customer }: { customer: string }) => CUSTOMERS.indexOf(customer)
  return {
    adapter: 'interactions',
    customers: idTableOf(CUSTOMERS),
    products: idTableOf(skus),
    sellers: idTableOf(sellers),
    interactions: {
      count: LINES.length,
      customer: Uint32Array.from(LINES, customerOf),
      product: Uint32Array.from(LINES, ({ sku }) => skus.indexOf(sku)),
      order: Uint32Array.from(LINES, ({ order }) => order),
      quantity: Float32Array.from(LINES, ({ quantity }) => quantity),
      price: Float64Array.from(LINES, ({ sku }) => goods(sku).price ?? NaN),
      seller: Int32Array.from(LINES, ({ sku }) => sellers.indexOf(goods(sku).seller ?? '')),
    },
    orders: {
      count: ORDERS.length,
      customer: Uint32Array.from(ORDERS, customerOf),
      timestamp: Float64Array.from(ORDERS, ({ day }) => DAY_0 + day * DAY),
      reviewScore: ordered(({ stars = NaN }) => stars),
      deliveryDelayDays: ordered(({ delayDays = NaN }) => delayDays),
    },
    category: labelled('category', (one) => one.category),
    categorical: [labelled('brand', (one) => one.brand)],
    numeric: [{ name: 'grams', values: Float64Array.from(GOODS, ({ grams }) => grams ?? NaN) }],
    productNames: stringColumnOf(GOODS.map(({ name }) => name)),
    segments: {
      name: 'segment',
      labels: ['Households', 'Tin lovers'],
      codes: Int32Array.from(CUSTOMERS, (id) => (id === 'hal' ? -1 : Number(id.startsWith('tin')))),
    },
    quarantined: 0,
    fingerprint: 'b'.repeat(64),
  }
}

function labelled(name: string, labelOf: (one: Goods) => string | null) {
  const labels = [...new Set(GOODS.map(labelOf))].filter((label) => label !== null)
  return { name, labels, codes: Int32Array.from(GOODS, (one) => labels.indexOf(labelOf(one) ?? '')) }
}

export interface GroceryOptions extends RecommenderOptions {
  /** Another number, another model. */
  readonly iterations?: number
  /** Default: the plain ones, which need no build. */
  readonly kernels?: Kernels
}

export async function groceryRecommender({
  iterations = 5,
  kernels = referenceKernels(),
  ...options
}: GroceryOptions = {}): Promise<Recommender> {
  const model = await fitModel(grocery(), configure('default', { factors: 8, iterations }), kernels)
  // So few customers that most is told by what one of them bought; what is left out of that has tests of its own.
  return new Recommender(model, kernels, { leastCustomers: 1, ...options })
}
