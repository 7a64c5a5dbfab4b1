import { basename, dirname } from 'node:path'
import { BROWSING, readEvents } from './browsing.ts'
import { Catalogue, type ProductFacts } from './catalogue.ts'
import { Column, gather } from './column.ts'
import { DataError } from './data-error.ts'
import type { CancelledOrders, Dataset, Orders } from './dataset.ts'
import { IdTableBuilder } from './ids.ts'
import { Reading, type ReadOptions } from './reading.ts'
import { lessReturned } from './recorded-returns.ts'
import { Returns, unmatchedWarning, withoutReturned } from './returns.ts'
import { SellerColumn } from './seller-column.ts'
import { isCancelled } from './statuses.ts'
import { strayTimes, strayWarning } from './stray-times.ts'
import { openTables, type Table } from './table.ts'

/** What the interactions are called where only their folder is named. */
export const INTERACTIONS_FILE = 'interactions.csv'

const SALES = {
  required: ['customer_id', 'product_id'],
  optional: ['timestamp', 'quantity', 'price', 'order_id', 'seller_id', 'order_status'],
} as const

const PRODUCTS = {
  required: ['product_id'],
  optional: ['product_name', 'category'],
} as const

const RENAMABLE: readonly string[] = [...SALES.required, ...SALES.optional, ...PRODUCTS.optional, 'products']

/**
 * Reads one file of interactions, and the products file next to it if there is one. An order is an `order_id`; where
 * there is none, what one customer bought at one time; where there is no time either, a row. Rows of cancelled orders
 * (statuses.ts) are no purchases, and rows with a quantity below 0 take units off those there were (returns.ts).
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
  // Its columns have names of their own: those of the interactions may be renamed.
  const { browsing: events } =
    basename(path) === BROWSING.file
      ? { browsing: undefined }
      : await openTables(dirname(path), { browsing: BROWSING })
  reading.expect({ ...tables, events })
  const catalogue = new Catalogue()
  if (tables.products !== undefined) await catalogue.read(reading, tables.products)
  const sales = await readSales(reading, tables.sales, catalogue.ids)
  if (sales.interactions.count === 0) {
    const what = sales.cancelled?.count
      ? 'only interactions that were cancelled or returned'
      : 'no interaction'
    throw new DataError(`holds ${what}: there is nothing to train on`, { file: path })
  }
  const recorded = events && (await readEvents(reading, events))
  const dataset = {
    adapter: 'interactions' as const,
    ...sales,
    ...catalogue.finish(),
    ...(recorded && { browsing: recorded.browsing }),
  }
  const kept = recorded
    ? lessReturned(dataset, recorded.returns, events.path, reading.countsCancelled)
    : dataset
  return { ...kept, ...(await reading.finish()) }
}

/**
 * Reads a file of products alone.
 * @throws {DataError} as `openTables` and `Reading.rows`
 */
export async function readProducts(path: string, options: ReadOptions = {}): Promise<ProductFacts> {
  const reading = new Reading(options)
  try {
    const tables = await openTables(
      dirname(path),
      { products: { file: basename(path), ...PRODUCTS } },
      options.columns,
    )
    reading.expect(tables)
    const catalogue = new Catalogue()
    await catalogue.read(reading, tables.products)
    await reading.finish()
    return catalogue.finish()
  } finally {
    reading.discard()
  }
}

type SalesTable = Table<(typeof SALES)['required'][number] | (typeof SALES)['optional'][number]>

async function readSales(
  reading: Reading,
  table: SalesTable,
  products: IdTableBuilder,
): Promise<Pick<Dataset, 'customers' | 'interactions' | 'orders' | 'cancelled' | 'sellers' | 'warnings'>> {
  const hasOrders = table.positions.has('order_id')
  const customers = new IdTableBuilder()
  const orders = new OrderBook()
  const cancelledOrders = new OrderBook()
  const cancelledIds: (string | undefined)[] = []
  const returns = new Returns()
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
    const units = row.quantity('quantity')
    const paid = row.price('price')
    const sellerId = row.text('seller_id')
    const status = row.text('order_status')
    const owner = orderId === undefined ? -1 : orders.customerOf(orderId)
    if (owner >= 0 && owner !== customers.indexOf(customerId)) {
      throw row.bad('order_id', 'belongs to another customer in a row above: an order has one customer')
    }
    const buyer = customers.add(customerId)
    const item = products.add(productId)
    if (units < 0) {
      returns.push(buyer, item, -units, time, orderId)
      return
    }
    if (isCancelled(status) && !reading.countsCancelled) {
      const before = cancelledOrders.count
      cancelledOrders.place(orderId, buyer, time, row.line)
      if (cancelledOrders.count > before) cancelledIds.push(orderId)
      return
    }
    customer.push(buyer)
    product.push(item)
    order.push(orders.place(orderId, buyer, time, row.line))
    quantity.push(Number.isNaN(units) ? 1 : units)
    price.push(paid)
    sold?.push(sellerId)
  })
  const { sellers, seller } = sold?.finish() ?? {}
  const bought = {
    count: customer.length,
    customer: customer.take(),
    product: product.take(),
    order: order.take(),
    quantity: quantity.take(),
    price: price.take(),
    ...(seller && { seller }),
  }
  const placed = orders.build()
  const { left, unmatched } = returns.takeOff(bought, placed, products.size, (id) =>
    orders.indexOf(id, 0, NaN),
  )
  const kept = withoutReturned(bought, placed, left)
  const { timestamp } = kept.orders
  const warnings = strayTimes(timestamp).map((stray) =>
    strayWarning(stray, timestamp, table.path, (index) => orders.lineOf(kept.keptOrders?.[index] ?? index)),
  )
  if (unmatched > 0) {
    warnings.push(unmatchedWarning(table.path, unmatched, 'with a quantity below 0'))
  }
  return {
    customers: customers.build(),
    interactions: kept.interactions,
    orders: kept.orders,
    ...((table.positions.has('order_status') || returns.count > 0) &&
      !reading.countsCancelled && {
        cancelled: cancelledOf(cancelledOrders, cancelledIds, orders, placed, kept.goneOrders),
      }),
    ...(sellers && { sellers }),
    ...(warnings.length > 0 && { warnings }),
  }
}

/**
 * The orders that are not purchases: those with every row cancelled, and those returned whole.
 * @param ids  of `book`'s orders
 */
function cancelledOf(
  book: OrderBook,
  ids: readonly (string | undefined)[],
  others: OrderBook,
  { customer, timestamp }: Dataset['orders'],
  returned: Uint32Array,
): CancelledOrders {
  const cancelled = book.build()
  const whole = Uint32Array.from(ids.keys()).filter(
    (order) => others.indexOf(ids[order], cancelled.customer[order], cancelled.timestamp[order]) < 0,
  )
  return {
    count: whole.length + returned.length,
    customer: Uint32Array.from([...gather(cancelled.customer, whole), ...gather(customer, returned)]),
    timestamp: Float64Array.from([...gather(cancelled.timestamp, whole), ...gather(timestamp, returned)]),
  }
}

/** The orders of a shop that only states its line items. */
class OrderBook {
  readonly #keys = new IdTableBuilder()
  /** Order by key. */
  readonly #keyed = new Column(Uint32Array)
  readonly #customer = new Column(Uint32Array)
  readonly #timestamp = new Column(Float64Array)
  /** Where each was first read. */
  readonly #line = new Column(Uint32Array)
  /** Customer and time: the key of orders without id. */
  readonly #pair = new Float64Array(2)
  readonly #pairBytes = new Uint8Array(this.#pair.buffer)

  /** The customer whose order `id` is; −1 where there is no such order yet. */
  customerOf(id: string): number {
    const key = this.#keys.indexOf(id)
    return key < 0 ? -1 : this.#customer.values[this.#keyed.values[key]]
  }

  /** How many there are. */
  get count(): number {
    return this.#line.length
  }

  /** The order of that id, or of that customer and time where orders have none; −1 where there is none. */
  indexOf(id: string | undefined, customer: number, timestamp: number): number {
    const key =
      id === undefined ? this.#keys.indexOfEncoded(this.#pairOf(customer, timestamp)) : this.#keys.indexOf(id)
    return key < 0 ? -1 : this.#keyed.values[key]
  }

  /** The line on which an order was first read. */
  lineOf(order: number): number {
    return this.#line.values[order]
  }

  /**
   * The order of a line item, a new one where it is the first of it.
   * @param id  undefined where orders have none: then what one customer bought at one time is an order, and a line
   *   item of unknown time is an order of its own. Either all have an id or none.
   * @param timestamp  milliseconds since 1970, UTC; NaN unknown
   * @param line  its line in the file
   */
  place(id: string | undefined, customer: number, timestamp: number, line: number): number {
    if (id === undefined && Number.isNaN(timestamp)) return this.#open(customer, timestamp, line)
    const key =
      id === undefined ? this.#keys.addEncoded(this.#pairOf(customer, timestamp)) : this.#keys.add(id)
    if (key === this.#keyed.length) this.#keyed.push(this.#open(customer, timestamp, line))
    return this.#keyed.values[key]
  }

  /** The orders. Nothing more can be placed. */
  build(): Orders {
    const count = this.#customer.length
    return { count, customer: this.#customer.take(), timestamp: this.#timestamp.take() }
  }

  /** The key of an order without id, in memory that the next call reuses. */
  #pairOf(customer: number, timestamp: number): Uint8Array {
    this.#pair[0] = customer
    this.#pair[1] = timestamp
    return this.#pairBytes
  }

  #open(customer: number, timestamp: number, line: number): number {
    this.#customer.push(customer)
    this.#timestamp.push(timestamp)
    this.#line.push(line)
    return this.#customer.length - 1
  }
}
