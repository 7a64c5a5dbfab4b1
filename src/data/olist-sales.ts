import { Column } from './column.ts'
import { type IdTable, IdTableBuilder } from './ids.ts'
import { OLIST, type OlistTable } from './olist-schema.ts'
import { PrimaryKey } from './primary-key.ts'
import type { Reading } from './reading.ts'
import { SellerColumn } from './seller-column.ts'
import { isCancelled } from './statuses.ts'

const DAY = 86_400_000

/** What is promised lies ahead, but no further than a year. */
const PROMISED_AHEAD = 366 * DAY

/** Olist's `customer_id` is one an order; the person behind it is the `customer_unique_id`. */
export interface OlistCustomers {
  /** Of customer_id. */
  readonly ids: IdTableBuilder
  /** The person, by index of customer_id. */
  readonly person: Uint32Array
  readonly people: IdTable
}

export async function readCustomers(
  reading: Reading,
  table: OlistTable<'customers'>,
): Promise<OlistCustomers> {
  const key = new PrimaryKey()
  const person = new Column(Uint32Array)
  const people = new IdTableBuilder()
  await reading.rows(table, (row) => {
    const id = row.id('customer_unique_id')
    key.add(row, 'customer_id')
    person.push(people.add(id))
  })
  return { ids: key.ids, person: person.take(), people: people.build() }
}

/** Parallel columns, in the order of the file. */
export interface OlistOrders {
  readonly ids: IdTableBuilder
  readonly person: Uint32Array
  /** Milliseconds since 1970, UTC; NaN unknown. */
  readonly timestamp: Float64Array
  readonly deliveryDelayDays: Float32Array
  /** 1 cancelled (statuses.ts), 0 not; absent where the file has no status. */
  readonly cancelled?: Uint8Array
  /** Where each stands in the file. */
  readonly line: Uint32Array
}

export async function readOrders(
  reading: Reading,
  table: OlistTable<'orders'>,
  customers: OlistCustomers,
): Promise<OlistOrders> {
  const key = new PrimaryKey()
  const person = new Column(Uint32Array)
  const timestamp = new Column(Float64Array)
  const deliveryDelayDays = new Column(Float32Array)
  const cancelled = table.positions.has('order_status') ? new Column(Uint8Array) : undefined
  const line = new Column(Uint32Array)
  await reading.rows(table, (row) => {
    const customer = row.reference('customer_id', customers.ids, `a customer of ${OLIST.customers.file}`)
    const purchased = row.timestamp('order_purchase_timestamp')
    const delivered = row.timestamp('order_delivered_customer_date')
    const promised = row.timestamp('order_estimated_delivery_date', PROMISED_AHEAD)
    const status = row.text('order_status')
    key.add(row, 'order_id')
    person.push(customers.person[customer])
    timestamp.push(purchased)
    deliveryDelayDays.push((delivered - promised) / DAY)
    cancelled?.push(isCancelled(status) ? 1 : 0)
    line.push(row.line)
  })
  return {
    ids: key.ids,
    person: person.take(),
    timestamp: timestamp.take(),
    deliveryDelayDays: deliveryDelayDays.take(),
    line: line.take(),
    ...(cancelled && { cancelled: cancelled.take() }),
  }
}

/** Line items of the orders that count as purchases, in the order of the file; parallel columns. */
export interface OlistItems {
  readonly order: Uint32Array
  readonly product: Uint32Array
  readonly price: Float64Array
  /** Index into `sellers`, −1 unknown; both absent where the file names no seller. */
  readonly seller?: Int32Array
  readonly sellers?: IdTable
  /** Orders that were cancelled with the items they held, in the order of the file; absent where these count. */
  readonly cancelledOrders?: Uint32Array
}

export async function readItems(
  reading: Reading,
  table: OlistTable<'items'>,
  { ids, cancelled }: OlistOrders,
  products: IdTableBuilder,
): Promise<OlistItems> {
  const key = new PrimaryKey()
  const order = new Column(Uint32Array)
  const product = new Column(Uint32Array)
  const price = new Column(Float64Array)
  const sellers = table.positions.has('seller_id') ? new SellerColumn() : undefined
  const leftOut = cancelled && !reading.countsCancelled ? new Set<number>() : undefined
  await reading.rows(table, (row) => {
    const inOrder = row.reference('order_id', ids, `an order of ${OLIST.orders.file}`)
    const bought = row.reference('product_id', products, `a product of ${OLIST.products.file}`)
    const paid = row.price('price')
    const seller = row.text('seller_id')
    key.add(row, 'order_item_id', `${inOrder} ${row.id('order_item_id')}`)
    if (leftOut && cancelled?.[inOrder]) {
      leftOut.add(inOrder)
      return
    }
    order.push(inOrder)
    product.push(bought)
    price.push(paid)
    sellers?.push(seller)
  })
  return {
    order: order.take(),
    product: product.take(),
    price: price.take(),
    ...sellers?.finish(),
    ...(leftOut && { cancelledOrders: Uint32Array.from(leftOut) }),
  }
}

/** Mean review score by order; NaN where there is none. */
export async function readReviews(
  reading: Reading,
  table: OlistTable<'reviews'>,
  orders: IdTableBuilder,
): Promise<Float32Array> {
  const sums = new Float32Array(orders.size)
  const counts = new Uint32Array(orders.size)
  await reading.rows(table, (row) => {
    const order = row.reference('order_id', orders, `an order of ${OLIST.orders.file}`)
    const score = row.number('review_score')
    if (score < 1 || score > 5) throw row.bad('review_score', 'is not a score from 1 to 5')
    if (Number.isNaN(score)) return
    sums[order] += score
    counts[order]++
  })
  return sums.map((sum, order) => sum / counts[order])
}
