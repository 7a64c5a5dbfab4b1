import { basename, dirname } from 'node:path'
import { Catalogue } from './catalogue.ts'
import { Column } from './column.ts'
import { DataError } from './data-error.ts'
import type { Dataset } from './dataset.ts'
import { IdTableBuilder } from './ids.ts'
import { OrderBook } from './order-book.ts'
import type { Reading } from './reading.ts'
import { SellerColumn } from './seller-column.ts'
import { openTables, type Table } from './table.ts'

/** What the interactions are called where only their folder is named. */
export const INTERACTIONS_FILE = 'interactions.csv'

const SALES = {
  required: ['customer_id', 'product_id'],
  optional: ['timestamp', 'quantity', 'price', 'order_id', 'seller_id'],
} as const

const PRODUCTS = {
  required: ['product_id'],
  optional: ['product_name', 'category'],
} as const

const RENAMABLE: readonly string[] = [...SALES.required, ...SALES.optional, ...PRODUCTS.optional, 'products']

/**
 * Reads one file of interactions, and the products file beside it if there is one. An order is an `order_id`; where
 * there is none, what one customer bought at one time; where there is no time either, a row.
 * @param path  of the file
 * @param columns  see ReadOptions
 * @throws {DataError} as `openTables` and `Reading.rows`, and when there are no interactions
 */
export async function readInteractions(
  path: string,
  reading: Reading,
  columns: Readonly<Record<string, string>> = {},
): Promise<Dataset> {
  const unknown = Object.keys(columns).filter((name) => !RENAMABLE.includes(name))
  if (unknown.length > 0) {
    throw new DataError(`${unknown.join(', ')} cannot be renamed; what can is ${RENAMABLE.join(', ')}`)
  }
  const mayBeMissing = !['products', ...PRODUCTS.optional].some((name) => name in columns)
  const products = { file: columns.products ?? 'products.csv', mayBeMissing }
  const tables = await openTables(
    dirname(path),
    { products: { ...products, ...PRODUCTS }, sales: { file: basename(path), ...SALES } },
    columns,
  )
  reading.expect(tables)
  const catalogue = new Catalogue()
  if (tables.products !== undefined) await catalogue.read(reading, tables.products)
  const sales = await readSales(reading, tables.sales, catalogue.ids)
  if (sales.interactions.count === 0) {
    throw new DataError('holds no interaction: there is nothing to learn from', { file: path })
  }
  return { adapter: 'interactions', ...sales, ...catalogue.finish(), ...(await reading.finish()) }
}

type SalesTable = Table<(typeof SALES)['required'][number] | (typeof SALES)['optional'][number]>

async function readSales(
  reading: Reading,
  table: SalesTable,
  products: IdTableBuilder,
): Promise<Pick<Dataset, 'customers' | 'interactions' | 'orders' | 'sellers'>> {
  const hasOrders = table.positions.has('order_id')
  const customers = new IdTableBuilder()
  const orders = new OrderBook()
  const customer = new Column(Uint32Array)
  const product = new Column(Uint32Array)
  const order = new Column(Uint32Array)
  const quantity = new Column(Float32Array)
  const price = new Column(Float64Array)
  const sold = table.positions.has('seller_id') ? new SellerColumn() : undefined
  await reading.rows(table, (row) => {
    const customerId = row.id('customer_id')
    const productId = row.id('product_id')
    const orderId = hasOrders ? row.id('order_id') : undefined
    const time = row.instant('timestamp')
    const bought = row.amount('quantity')
    const paid = row.amount('price')
    const sellerId = row.text('seller_id')
    if (bought === 0) throw row.bad('quantity', 'is 0: nothing was bought, take this row out')
    const owner = orderId === undefined ? -1 : orders.customerOf(orderId)
    if (owner >= 0 && owner !== customers.indexOf(customerId)) {
      throw row.bad('order_id', 'is the order of another customer in a row above: an order has one customer')
    }
    const buyer = customers.add(customerId)
    customer.push(buyer)
    product.push(products.add(productId))
    order.push(orders.place(orderId, buyer, time))
    quantity.push(Number.isNaN(bought) ? 1 : bought)
    price.push(paid)
    sold?.push(sellerId)
  })
  const { sellers, seller } = sold?.finish() ?? {}
  return {
    customers: customers.build(),
    interactions: {
      count: customer.length,
      customer: customer.take(),
      product: product.take(),
      order: order.take(),
      quantity: quantity.take(),
      price: price.take(),
      ...(seller && { seller }),
    },
    orders: orders.build(),
    ...(sellers && { sellers }),
  }
}
