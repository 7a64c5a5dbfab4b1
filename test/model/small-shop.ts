import type { CategoricalColumn, Dataset } from '../../src/data/dataset.ts'
import { IdTableBuilder } from '../../src/data/ids.ts'

export interface Sale {
  readonly customer: string
  readonly product: string
  readonly quantity?: number
  readonly price?: number
  /** Days since 1970; absent: unknown. */
  readonly day?: number
  /** Absent: an order of its own. */
  readonly order?: string
  /** Absent: unknown. */
  readonly seller?: string
  readonly reviewScore?: number
  readonly deliveryDelayDays?: number
}

export interface Shelf {
  /** In index order, before any others that are sold. */
  readonly products?: readonly string[]
  /** In index order, before any others who buy. */
  readonly customers?: readonly string[]
  /** By product. */
  readonly categories?: Readonly<Record<string, string>>
  readonly measures?: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly segments?: CategoricalColumn
}

const DAY = 86_400_000

/** A dataset put together by hand: sales in order, and what is known of the products. */
export function smallShop(sales: readonly Sale[], shelf: Shelf = {}): Dataset {
  const customers = new IdTableBuilder()
  const products = new IdTableBuilder()
  const orders = new IdTableBuilder()
  for (const id of shelf.customers ?? []) customers.add(id)
  for (const id of shelf.products ?? []) products.add(id)
  const customer = Uint32Array.from(sales, (sale) => customers.add(sale.customer))
  const product = Uint32Array.from(sales, (sale) => products.add(sale.product))
  const order = Uint32Array.from(sales, (sale, i) => orders.add(sale.order ?? `order ${i}`))
  const firstSales = Array.from({ length: orders.size }, (_, i) => sales[order.indexOf(i)])
  const scores = Float32Array.from(firstSales, ({ reviewScore = NaN }) => reviewScore)
  const delays = Float32Array.from(firstSales, ({ deliveryDelayDays = NaN }) => deliveryDelayDays)
  const productIds = products.build()
  const sellers = new IdTableBuilder()
  const seller = Int32Array.from(sales, (sale) => (sale.seller === undefined ? -1 : sellers.add(sale.seller)))
  const namesSellers = sellers.size > 0
  const skus = Array.from({ length: productIds.size }, (_, i) => productIds.at(i))
  return {
    adapter: 'interactions',
    customers: customers.build(),
    products: productIds,
    interactions: {
      count: sales.length,
      customer,
      product,
      order,
      quantity: Float32Array.from(sales, ({ quantity = 1 }) => quantity),
      price: Float64Array.from(sales, ({ price = NaN }) => price),
      ...(namesSellers && { seller }),
    },
    orders: {
      count: firstSales.length,
      customer: Uint32Array.from(firstSales, (sale) => customer[sales.indexOf(sale)]),
      timestamp: Float64Array.from(firstSales, ({ day = NaN }) => day * DAY),
      ...(scores.some((score) => !Number.isNaN(score)) && { reviewScore: scores }),
      ...(delays.some((delay) => !Number.isNaN(delay)) && { deliveryDelayDays: delays }),
    },
    ...(namesSellers && { sellers: sellers.build() }),
    category: categoryOf(skus, shelf.categories ?? {}),
    categorical: [],
    numeric: Object.entries(shelf.measures ?? {}).map(([name, values]) => ({
      name,
      values: Float64Array.from(skus, (sku) => values[sku] ?? NaN),
    })),
    ...(shelf.segments && { segments: shelf.segments }),
    quarantined: 0,
    fingerprint: '0'.repeat(64),
  }
}

function categoryOf(
  skus: readonly string[],
  categories: Readonly<Record<string, string>>,
): CategoricalColumn {
  const labels = [...new Set(Object.values(categories))]
  return {
    name: 'category',
    labels,
    codes: Int32Array.from(skus, (sku) => labels.indexOf(categories[sku] ?? '')),
  }
}
