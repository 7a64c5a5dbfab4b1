/**
 * The training data less the last order of each repeat customer: what weights are fitted on. Only training data is
 * split, so that nothing of a test reaches the weights.
 */
import type { Dataset, Interactions, Orders } from '../data/dataset.ts'

/** A customer's last order: to be foreseen from what they bought before it. */
export interface LastOrder {
  /** Index into the dataset's customers. */
  readonly customer: number
  /** When, in ms since 1970 UTC; NaN unknown. */
  readonly at: number
  /** What the order holds, distinct, ascending. */
  readonly products: readonly number[]
}

export interface ValidationSplit {
  /** Without the last orders; ids, categories and measures as they were. Its segments are left out. */
  readonly train: Dataset
  readonly lastOrders: readonly LastOrder[]
}

/**
 * Holds out the last orders of the customers with several; an order of unknown time is earlier than any, and of two at
 * the same time the one later in the data is the last.
 * @param most  customers whose last orders are held out; where there are more, as many are taken at even distances
 */
export function holdOutLastOrders(dataset: Dataset, most: number): ValidationSplit {
  const { interactions, orders, customers } = dataset
  const { last, count } = lastOrdersOf(orders, customers.size)
  const repeat = [...last.keys()].filter((customer) => count[customer] > 1)
  const step = Math.max(1, repeat.length / most)
  const chosen = repeat.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step))
  const held = new Map(chosen.map((customer) => [last[customer], new Set<number>()]))
  const kept: number[] = []
  interactions.order.forEach((order, i) => {
    const products = held.get(order)
    if (products) products.add(interactions.product[i])
    else kept.push(i)
  })
  const noSegments = { name: 'segment', labels: [], codes: new Int32Array(customers.size).fill(-1) }
  return {
    train: { ...dataset, ...without(dataset, held, kept), segments: noSegments },
    lastOrders: chosen.map((customer) => ({
      customer,
      at: orders.timestamp[last[customer]],
      products: [...held.get(last[customer])!].sort((a, b) => a - b),
    })),
  }
}

/** Per customer the last order, and how many there are. */
function lastOrdersOf(orders: Orders, customers: number) {
  const last = new Int32Array(customers).fill(-1)
  const count = new Uint32Array(customers)
  const time = (order: number) =>
    Number.isNaN(orders.timestamp[order]) ? -Infinity : orders.timestamp[order]
  orders.customer.forEach((customer, order) => {
    if (count[customer]++ === 0 || time(order) >= time(last[customer])) last[customer] = order
  })
  return { last, count }
}

/** The interactions that are kept, and their orders numbered anew. */
function without(
  { interactions, orders }: Dataset,
  held: ReadonlyMap<number, unknown>,
  kept: readonly number[],
): { interactions: Interactions; orders: Orders } {
  const left = Uint32Array.from(orders.customer.keys()).filter((order) => !held.has(order))
  const number = new Uint32Array(orders.count)
  left.forEach((order, i) => (number[order] = i))
  const { customer, product, order, quantity, price } = interactions
  return {
    interactions: {
      count: kept.length,
      customer: Uint32Array.from(kept, (i) => customer[i]),
      product: Uint32Array.from(kept, (i) => product[i]),
      order: Uint32Array.from(kept, (i) => number[order[i]]),
      quantity: Float32Array.from(kept, (i) => quantity[i]),
      price: Float64Array.from(kept, (i) => price[i]),
      ...(interactions.seller && { seller: Int32Array.from(kept, (i) => interactions.seller![i]) }),
    },
    orders: {
      count: left.length,
      customer: Uint32Array.from(left, (i) => orders.customer[i]),
      timestamp: Float64Array.from(left, (i) => orders.timestamp[i]),
    },
  }
}
