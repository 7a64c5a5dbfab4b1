import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { CategoricalColumn, Dataset } from '../../../src/data/dataset.ts'
import { idTableOf, stringColumnOf } from '../../../src/data/ids.ts'
import { DAY } from '../../../src/data/ranges.ts'

/** How large a shop is made. */
export interface ShopSize {
  readonly customers: number
  readonly products: number
  readonly interactions: number
}

/** Lines of an order. */
const MOST_LINES = 4

/** Products are of so many groups; half of what a customer buys is of one of them. */
const GROUPS = 500

/** The two years in which everything is bought. */
const BEGIN = Date.UTC(2024, 0, 1)
const DAYS = 730

/**
 * A shop of any size, the same for the same size: a few products sell often and most hardly ever, and of customers a few
 * buy much. Made in memory: files of this size take minutes to write and to read.
 */
export function madeUpShop({ customers, products, interactions }: ShopSize): Dataset {
  const random = xoroshiro128plus(1)
  const next = () => uniformFloat64(random)
  const [customer, product, order] = Array.from({ length: 3 }, () => new Uint32Array(interactions))
  const [buyers, times]: [number[], number[]] = [[], []]
  const perGroup = Math.max(1, Math.floor(products / GROUPS))
  const mean = interactions / customers
  for (let line = 0, one = 0; line < interactions; one = (one + 1) % customers) {
    const group = Math.floor(GROUPS * next())
    const bought = Math.max(1, Math.round(-Math.log(1 - next()) * mean))
    for (let left = Math.min(bought, interactions - line); left > 0; ) {
      buyers.push(one)
      times.push(BEGIN + Math.floor(DAYS * next()) * DAY)
      for (let lines = Math.min(left, Math.ceil(MOST_LINES * next())); lines > 0; lines--, left--, line++) {
        customer[line] = one
        product[line] =
          next() < 0.5
            ? Math.floor(products * next() ** 3)
            : (group + GROUPS * Math.floor(perGroup * next() ** 2)) % products
        order[line] = buyers.length - 1
      }
    }
  }
  const column = (name: string, most: number): CategoricalColumn => ({
    name,
    labels: Array.from({ length: most }, (_, label) => `${name} ${label}`),
    codes: Int32Array.from({ length: products }, () => Math.floor(most * next() ** 2)),
  })
  const prices = Float64Array.from({ length: products }, () => Math.round(500 + 10_000 * next() ** 3) / 100)
  return {
    adapter: 'interactions',
    customers: idTableOf(numbered(customers, (i) => `customer-${i.toString(36).padStart(8, '0')}`)),
    products: idTableOf(numbered(products, (i) => `sku-${i.toString(36).padStart(6, '0')}`)),
    productNames: stringColumnOf(numbered(products, (i) => `Product ${i} of group ${i % GROUPS}`)),
    interactions: {
      count: interactions,
      customer,
      product,
      order,
      quantity: new Float32Array(interactions).fill(1),
      price: Float64Array.from(product, (one) => prices[one]),
    },
    orders: {
      count: buyers.length,
      customer: Uint32Array.from(buyers),
      timestamp: Float64Array.from(times),
    },
    category: column('category', 100),
    categorical: [column('brand', 2000)],
    numeric: [],
    quarantined: 0,
    fingerprint: '0'.repeat(64),
  }
}

function* numbered(count: number, text: (i: number) => string): Generator<string> {
  for (let i = 0; i < count; i++) yield text(i)
}
