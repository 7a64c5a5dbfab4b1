/**
 * The training data without the last orders of repeat customers, which settings and weights are chosen on. Only
 * training data is split, so that nothing of a test reaches the weights.
 */
import type { Dataset, Interactions, Orders } from '../data/dataset.ts'

/** A customer's last orders: what weights have to predict from what was bought before them. */
export interface LastOrder {
  /** Index into the dataset's customers. */
  readonly customer: number
  /** When the first of them was made, in ms since 1970 UTC; NaN unknown. */
  readonly at: number
  /** What they hold, distinct, ascending. */
  readonly products: readonly number[]
}

export interface ValidationSplit {
  /** Without the last orders; ids, categories and measures as they were. Its segments are left out. */
  readonly train: Dataset
  readonly lastOrders: readonly LastOrder[]
}

/** Of a customer at most this part of the products is held out, and at most so many, but for what the last order holds. */
const HELD_OUT = { part: 0.2, products: 10 }

/**
 * Holds out the last order of the customers with several, and of who bought much the orders before it too, until they
 * hold a fifth of the customer's products or ten: one product in fifty says little. An order of unknown time is earlier
 * than any; of two at the same time the one later in the data is the last, and of two of unknown time either.
 * @param most  customers whose last orders are held out; where there are more, as many are taken at even distances
 */
export function holdOutLastOrders(dataset: Dataset, most: number): ValidationSplit {
  const { interactions, orders, customers } = dataset
  const ordersOf = Map.groupBy(orders.customer.keys(), (order) => orders.customer[order])
  const repeat = [...ordersOf.keys()].filter((customer) => ordersOf.get(customer)!.length > 1)
  repeat.sort((a, b) => a - b)
  const step = Math.max(1, repeat.length / most)
  const chosen = repeat.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step))
  const isChosen = new Uint8Array(customers.size)
  for (const customer of chosen) isChosen[customer] = 1
  /** Of the chosen customers' orders, the products. */
  const productsOf = new Map<number, Set<number>>()
  interactions.order.forEach((order, i) => {
    if (isChosen[orders.customer[order]] === 0) return
    const products = productsOf.get(order)
    if (products) products.add(interactions.product[i])
    else productsOf.set(order, new Set([interactions.product[i]]))
  })
  const held = new Set<number>()
  const lastOrders = chosen.flatMap((customer): LastOrder[] => {
    const latestFirst = ordersOf.get(customer)!.filter((order) => productsOf.has(order))
    latestFirst.sort((a, b) => compareTimes(orders, b, a))
    if (latestFirst.length < 2) return []
    const all = new Set(latestFirst.flatMap((order) => [...productsOf.get(order)!]))
    const wanted = Math.min(HELD_OUT.part * all.size, HELD_OUT.products)
    const products = new Set<number>()
    let at = NaN
    // The first order stays: a customer without any is nobody to ask about.
    for (const order of latestFirst.slice(0, -1)) {
      const its = productsOf.get(order)!
      if (products.size > 0 && new Set([...products, ...its]).size > wanted) break
      for (const product of its) products.add(product)
      held.add(order)
      at = orders.timestamp[order]
    }
    return [{ customer, at, products: [...products].sort((a, b) => a - b) }]
  })
  const kept = [...interactions.order.keys()].filter((i) => !held.has(interactions.order[i]))
  const noSegments = { name: 'segment', labels: [], codes: new Int32Array(customers.size).fill(-1) }
  return { train: { ...dataset, ...without(dataset, held, kept), segments: noSegments }, lastOrders }
}

/** Below 0 where order a is earlier than b. */
function compareTimes({ timestamp }: Orders, a: number, b: number): number {
  const [first, second] = [timestamp[a], timestamp[b]]
  if (Number.isNaN(first) && Number.isNaN(second)) return mixed(a) - mixed(b)
  if (Number.isNaN(first) || Number.isNaN(second)) return Number.isNaN(first) ? -1 : 1
  return first - second || a - b
}

/**
 * A number as good as random for each: files without times list purchases in some order of their own, by product or by
 * count, and the end of such a list is no sample of it. (The finalizer of MurmurHash3.)
 */
function mixed(order: number): number {
  let hash = order + 1
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** The interactions that are kept, and their orders numbered anew. */
function without(
  { interactions, orders }: Dataset,
  held: ReadonlySet<number>,
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
