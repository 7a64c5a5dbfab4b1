import { textColumn } from './catalogue.ts'
import { readEvents } from './browsing.ts'
import { gather, Column } from './column.ts'
import { DataError, quoted } from './data-error.ts'
import type { CategoricalColumn, Dataset, NumericColumn, TextColumn } from './dataset.ts'
import { isBlank } from './fields.ts'
import { idTableOf, type StringColumn, StringColumnBuilder, type IdTable, IdTableBuilder } from './ids.ts'
import { Labels } from './labels.ts'
import { Numbering } from './subset.ts'
import { OLIST, type OlistTable, MEASURES } from './olist-schema.ts'
import { PrimaryKey } from './primary-key.ts'
import type { Reading } from './reading.ts'
import { lessReturned } from './recorded-returns.ts'
import { SellerColumn } from './seller-column.ts'
import { isCancelled } from './statuses.ts'
import { strayTimes, strayWarning } from './stray-times.ts'
import { openTables } from './table.ts'
import { DAY } from './ranges.ts'

/**
 * Reads a folder of Olist's files. Customers are people (`customer_unique_id`); those who bought come first, in the
 * order of their first line item, then those who did not. Orders without items are left out, and so are cancelled ones
 * unless `reading` counts them.
 * @throws {DataError} as `openTables` and `Reading.rows`, and when no order holds an item
 */
export async function readOlist(folder: string, reading: Reading): Promise<Dataset> {
  const tables = await openTables(folder, OLIST)
  reading.expect(tables)
  const customers = await readCustomers(reading, tables.customers)
  const orders = await readOrders(reading, tables.orders, customers)
  const translation = await readTranslation(reading, tables.translation)
  const products = await readProducts(reading, tables.products, translation)
  const items = await readItems(reading, tables.items, orders, products.ids)
  const reviewScore = tables.reviews && (await readReviews(reading, tables.reviews, orders.ids))
  const segments = tables.features && (await readSegments(reading, tables.features, customers))
  const recorded = tables.browsing && (await readEvents(reading, tables.browsing))
  if (items.price.length === 0) {
    const what = items.cancelledOrders?.length ? 'only line items of cancelled orders' : 'no line item'
    throw new DataError(`holds ${what}: there is nothing to train on`, { file: tables.items.path })
  }
  const orderNumbers = new Numbering(orders.person.length)
  const order = items.order.map((former) => orderNumbers.of(former))
  const soldOrders = orderNumbers.former()
  const peopleNumbers = new Numbering(customers.people.size)
  const customer = items.order.map((former) => peopleNumbers.of(orders.person[former]))
  for (let person = 0; person < customers.people.size; person++) peopleNumbers.of(person)
  const people = peopleNumbers.former()
  const timestamp = gather(orders.timestamp, soldOrders)
  const warnings = strayTimes(timestamp).map((stray) =>
    strayWarning(stray, timestamp, tables.orders.path, (sold) => orders.line[soldOrders[sold]]),
  )
  const { cancelledOrders } = items
  const dataset = {
    adapter: 'olist' as const,
    customers: idTableOf(stringsAt(customers.people, people)),
    products: products.ids.build(),
    interactions: {
      count: items.price.length,
      customer,
      product: items.product,
      order,
      quantity: new Float32Array(items.price.length).fill(1),
      price: items.price,
      ...(items.seller && { seller: items.seller }),
    },
    orders: {
      count: soldOrders.length,
      customer: gather(orders.person, soldOrders).map((person) => peopleNumbers.of(person)),
      timestamp,
      ...(reviewScore && { reviewScore: gather(reviewScore, soldOrders) }),
      deliveryDelayDays: gather(orders.deliveryDelayDays, soldOrders),
    },
    ...(cancelledOrders && {
      cancelled: {
        count: cancelledOrders.length,
        customer: gather(orders.person, cancelledOrders).map((person) => peopleNumbers.of(person)),
        timestamp: gather(orders.timestamp, cancelledOrders),
      },
    }),
    ...(items.sellers && { sellers: items.sellers }),
    category: products.category,
    categorical: [],
    numeric: products.numeric,
    ...(products.names && { productNames: products.names }),
    ...(products.columns && { productColumns: products.columns }),
    ...(products.unused.length > 0 && { unusedColumns: products.unused }),
    ...(recorded && { browsing: recorded.browsing }),
    ...(segments && { segments: { ...segments, codes: gather(segments.codes, people) } }),
    ...(warnings.length > 0 && { warnings }),
  }
  const kept =
    recorded && tables.browsing
      ? lessReturned(dataset, recorded.returns, tables.browsing.path, reading.countsCancelled)
      : dataset
  return { ...kept, ...(await reading.finish()) }
}

function* stringsAt(strings: StringColumn, places: Uint32Array): Generator<string> {
  for (const place of places) yield strings.at(place)
}

/** The segments that the shop gives its customers, by customer in the order of the customers' file. */
async function readSegments(
  reading: Reading,
  table: OlistTable<'features'>,
  customers: OlistCustomers,
): Promise<CategoricalColumn> {
  const column = (['customer_unique_id', 'customer_id'] as const).find((name) => table.positions.has(name))
  if (column === undefined) {
    throw new DataError('lacks a column customer_unique_id or customer_id', { file: table.path, line: 1 })
  }
  const labels = new Labels()
  const codes = new Int32Array(customers.people.size).fill(-1)
  const what = `a customer of ${OLIST.customers.file}`
  await reading.rows(table, (row) => {
    const person =
      column === 'customer_id'
        ? customers.person[row.reference(column, customers.ids, what)]
        : row.reference(column, customers.people, what)
    const code = labels.code(row.text('segment_name'))
    if (codes[person] >= 0 && codes[person] !== code) {
      throw row.bad(column, `is in another segment already, ${quoted(labels.list()[codes[person]])}`)
    }
    codes[person] = code
  })
  return { name: 'segment', labels: labels.list(), codes }
}

interface OlistProducts {
  readonly ids: IdTableBuilder
  readonly category: CategoricalColumn
  readonly numeric: readonly NumericColumn[]
  readonly names: StringColumn | undefined
  readonly columns: readonly TextColumn[] | undefined
  readonly unused: readonly string[]
}

/** English names by the shop's own. */
async function readTranslation(
  reading: Reading,
  table: OlistTable<'translation'>,
): Promise<ReadonlyMap<string, string>> {
  const key = new PrimaryKey()
  const english = new Map<string, string>()
  await reading.rows(table, (row) => {
    const translation = row.id('product_category_name_english')
    key.add(row, 'product_category_name')
    english.set(row.text('product_category_name'), translation)
  })
  return english
}

/**
 * The catalogue. A category that the translation lacks keeps the shop's own name, and is listed as untranslated.
 */
async function readProducts(
  reading: Reading,
  table: OlistTable<'products'>,
  english: ReadonlyMap<string, string>,
): Promise<OlistProducts> {
  const key = new PrimaryKey()
  const labels = new Labels()
  const codes = new Column(Int32Array)
  const untranslated = new Set<string>()
  const numeric = MEASURES.map((name) => ({ name, column: new Column(Float64Array) }))
  const names = table.positions.has('product_name') ? new StringColumnBuilder() : undefined
  const known = new Set(
    ['product_id', 'product_category_name', 'product_name'].map((name) => table.header.indexOf(name)),
  )
  const columns = [...table.header.entries()]
    .filter(([at]) => reading.keepsColumns && !known.has(at))
    .map(([at, name]) => ({ at, name, texts: new StringColumnBuilder() }))
  await reading.rows(table, (row) => {
    const own = row.text('product_category_name')
    const amounts = MEASURES.map((name) => row.measure(name))
    const name = row.text('product_name')
    const texts = columns.map(({ at }) => row.textAt(at))
    key.add(row, 'product_id')
    const label = english.get(own) ?? own
    if (!english.has(own) && !isBlank(own)) untranslated.add(own)
    codes.push(labels.code(label))
    for (const [i, { column }] of numeric.entries()) column.push(amounts[i])
    names?.add(name)
    columns.forEach((column, i) => column.texts.add(texts[i]))
  })
  return {
    ids: key.ids,
    unused: [...table.header.entries()].flatMap(([at, name]) =>
      known.has(at) || (MEASURES as readonly string[]).includes(name) ? [] : [name],
    ),
    columns: reading.keepsColumns
      ? columns.map(({ name, texts }) => textColumn(name, texts, key.ids.size))
      : undefined,
    category: {
      name: 'category',
      labels: labels.list(),
      codes: codes.take(),
      untranslated: [...untranslated],
    },
    numeric: numeric.map(({ name, column }) => ({ name, values: column.take() })),
    names: names?.build(),
  }
}

/** A promised delivery may be in the future, at most by a year. */
const PROMISED_AHEAD = 366 * DAY

/** Olist has a new `customer_id` for each order; `customer_unique_id` identifies the person. */
interface OlistCustomers {
  /** By customer_id. */
  readonly ids: IdTableBuilder
  /** The person, by index of customer_id. */
  readonly person: Uint32Array
  readonly people: IdTable
}

async function readCustomers(reading: Reading, table: OlistTable<'customers'>): Promise<OlistCustomers> {
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
interface OlistOrders {
  readonly ids: IdTableBuilder
  readonly person: Uint32Array
  /** Milliseconds since 1970, UTC; NaN unknown. */
  readonly timestamp: Float64Array
  readonly deliveryDelayDays: Float32Array
  /** 1 cancelled (statuses.ts), 0 not; absent where the file has no status. */
  readonly cancelled?: Uint8Array
  /** The line of each in the file. */
  readonly line: Uint32Array
}

async function readOrders(
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
interface OlistItems {
  readonly order: Uint32Array
  readonly product: Uint32Array
  readonly price: Float64Array
  /** Index into `sellers`, −1 unknown; both absent where the file names no seller. */
  readonly seller?: Int32Array
  readonly sellers?: IdTable
  /** Orders that were cancelled with the items they held, in the order of the file; absent where these count. */
  readonly cancelledOrders?: Uint32Array
}

async function readItems(
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
async function readReviews(
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
