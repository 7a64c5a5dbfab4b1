import { gather } from './column.ts'
import { DataError, quoted } from './data-error.ts'
import type { CategoricalColumn, Dataset } from './dataset.ts'
import { idTableOf, type StringColumn } from './ids.ts'
import { Labels } from './labels.ts'
import { Numbering } from './numbering.ts'
import { readProducts, readTranslation } from './olist-products.ts'
import { type OlistCustomers, readCustomers, readItems, readOrders, readReviews } from './olist-sales.ts'
import { OLIST, type OlistTable } from './olist-schema.ts'
import type { Reading } from './reading.ts'
import { strayTimes, strayWarning } from './stray-times.ts'
import { openTables } from './table.ts'

/**
 * Reads a folder of Olist's files. Customers are people (`customer_unique_id`); those who bought come first, in the
 * order of their first line item, then those who did not. Orders without items are left out, and so are cancelled ones
 * unless they are to count.
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
  if (items.price.length === 0) {
    const what = items.cancelledOrders?.length ? 'only line items of cancelled orders' : 'no line item'
    throw new DataError(`holds ${what}: there is nothing to learn from`, { file: tables.items.path })
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
  return {
    adapter: 'olist',
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
    ...(segments && { segments: { ...segments, codes: gather(segments.codes, people) } }),
    ...(warnings.length > 0 && { warnings }),
    ...(await reading.finish()),
  }
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
