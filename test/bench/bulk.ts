import type { Dataset } from '../../src/data/dataset.ts'
import { idTableOf } from '../../src/data/ids.ts'

const DAY = 86_400_000

/**
 * A shop with further customers, each of whom bought many products: one order a product, a minute apart, up to the
 * shop's latest order.
 * @param bulk  how many different products each bought, by the customer's id
 */
export function withBulkBuyers(dataset: Dataset, bulk: Readonly<Record<string, number>>): Dataset {
  const { customers, products, interactions, orders } = dataset
  const names = Object.keys(bulk)
  const latest = orders.timestamp.reduce((most, at) => (at > most ? at : most), 0)
  const rows = names.flatMap((_, buyer) =>
    Array.from({ length: Math.min(bulk[names[buyer]], products.size) }, (_unused, i) => ({
      customer: customers.size + buyer,
      // 7,919 is prime: each product once, from all over the catalogue.
      product: (i * 7919 + buyer) % products.size,
      timestamp: latest - DAY - i * 60_000,
    })),
  )
  const count = interactions.count + rows.length
  const filled = (value: number) => rows.map(() => value)
  return {
    ...dataset,
    customers: idTableOf([
      ...Array.from({ length: customers.size }, (_, customer) => customers.at(customer)),
      ...names,
    ]),
    interactions: {
      count,
      customer: longer(
        interactions.customer,
        rows.map(({ customer }) => customer),
      ),
      product: longer(
        interactions.product,
        rows.map(({ product }) => product),
      ),
      order: longer(
        interactions.order,
        rows.map((_, row) => orders.count + row),
      ),
      quantity: longer(interactions.quantity, filled(1)),
      price: longer(interactions.price, filled(NaN)),
      ...(interactions.seller && { seller: longer(interactions.seller, filled(-1)) }),
    },
    orders: {
      count: orders.count + rows.length,
      customer: longer(
        orders.customer,
        rows.map(({ customer }) => customer),
      ),
      timestamp: longer(
        orders.timestamp,
        rows.map(({ timestamp }) => timestamp),
      ),
      ...(orders.reviewScore && { reviewScore: longer(orders.reviewScore, filled(NaN)) }),
      ...(orders.deliveryDelayDays && { deliveryDelayDays: longer(orders.deliveryDelayDays, filled(NaN)) }),
    },
    ...(dataset.segments && {
      segments: {
        ...dataset.segments,
        codes: longer(
          dataset.segments.codes,
          names.map(() => -1),
        ),
      },
    }),
  }
}

/** A column with further values. */
function longer<Column extends Uint32Array | Float32Array | Float64Array | Int32Array>(
  column: Column,
  values: readonly number[],
): Column {
  const made = new (column.constructor as new (size: number) => Column)(column.length + values.length)
  made.set(column)
  made.set(values, column.length)
  return made
}
