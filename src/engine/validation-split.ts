/**
 * The training data without the last orders of repeat customers and without some products of others, which settings and
 * weights are chosen on. Only training data is split, so that nothing of a test reaches the weights.
 */
import type { Dataset, Interactions, Orders } from '../data/dataset.ts'
import { mixed } from './mixed.ts'

/** What is held out of a customer: weights have to predict it from the rest. */
export interface HeldOut {
  /** Index into the dataset's customers. */
  readonly customer: number
  /** When it is asked about, in ms since 1970 UTC; NaN unknown. */
  readonly at: number
  /** What is to be found, distinct, ascending. */
  readonly products: readonly number[]
}

/** An order that is not done yet: what was bought with it has to be found. */
export interface HeldOutBasket extends HeldOut {
  /** What is in it besides what the customer bought before; distinct. Training does not know that they bought it. */
  readonly given: readonly number[]
}

/** What weights are fitted on: purchases without those that are held out, and these. */
export interface ValidationSplit {
  /** Without what is held out; ids, categories and measures as they were. Its segments are left out. */
  readonly train: Dataset
  /** The last orders of repeat customers, asked about when the first of these was made. */
  readonly lastOrders: readonly HeldOut[]
  /**
   * Some products of the same orders, the others being given; and of other customers some products by chance. Asked about
   * at the latest purchase. None or at least LEAST_CUSTOMERS.
   */
  readonly baskets: readonly HeldOutBasket[]
}

/** Of a customer at most this part of the products is held out, and at most so many, but for what the last order holds. */
const HELD_OUT = { part: 0.2, products: 10 }

/** Fewer customers than this say too little to find weights by. */
export const LEAST_CUSTOMERS = 50

/** Of so many others one is taken: what goes with what has to be learned from the rest. */
const ONE_OF = 3

/**
 * Holds out the last order of customers with several, and of who bought much the orders before it too, until they
 * hold a fifth of the customer's products or ten: one product in fifty says little. An order of unknown time is earlier
 * than any; of two at the same time the one later in the data is the last, and of two of unknown time either.
 *
 * Baskets are these orders where they hold several products; and where these are few, customers who are not asked for a
 * last order, some of whose products are held out. A fifth of a basket has to be found, at least one product and at most
 * ten.
 * @param most  customers of whom anything is held out, each way; where there are more, as many are taken at even distances
 */
export function holdOut(dataset: Dataset, most: number): ValidationSplit {
  const { interactions, orders, customers } = dataset
  const { cameBack, boughtSeveral } = kindsOf(dataset)
  const asked = evenly(cameBack, most)
  const last = purchasesOf(dataset, asked).map((its) => lastOrdersOf(its, orders))
  const lastBaskets = last
    .filter(({ products }) => products.length > 1)
    .map(({ its, products }) => basketOf(its, products, orders))

  const isAsked = new Set(asked)
  const others = boughtSeveral.filter((customer) => !isAsked.has(customer))
  const wanted = Math.min(most - lastBaskets.length, others.length / ONE_OF)
  const otherBaskets = purchasesOf(dataset, evenly(others, wanted)).map((its) => {
    const { customer, at, products } = basketOf(its, productsIn(its), orders)
    return { customer, at, products, given: [] }
  })
  const isEnough = lastBaskets.length + otherBaskets.length >= LEAST_CUSTOMERS

  const heldOrders = new Set(last.flatMap(({ held }) => held))
  const leftOut = new Map(
    (isEnough ? otherBaskets : []).map(({ customer, products }) => [customer, new Set(products)]),
  )
  const isKnown = (order: number, i: number) =>
    !heldOrders.has(order) && !leftOut.get(orders.customer[order])?.has(interactions.product[i])
  const isKept = Uint8Array.from(interactions.order, (order, i) => Number(isKnown(order, i)))
  const noSegments = { name: 'segment', labels: [], codes: new Int32Array(customers.size).fill(-1) }
  return {
    train: { ...dataset, ...only(dataset, isKept), segments: noSegments },
    lastOrders: last.map(({ customer, at, products }) => ({ customer, at, products })),
    baskets: isEnough ? [...lastBaskets, ...otherBaskets] : [],
  }
}

/** The customers of several orders, and those of several products; ascending. */
function kindsOf({ interactions, orders, customers }: Dataset) {
  const first = { order: new Int32Array(customers.size).fill(-1), product: new Int32Array(customers.size) }
  const [cameBack, boughtSeveral] = [new Uint8Array(customers.size), new Uint8Array(customers.size)]
  interactions.order.forEach((order, i) => {
    const customer = orders.customer[order]
    const product = interactions.product[i]
    if (first.order[customer] < 0) {
      first.order[customer] = order
      first.product[customer] = product
    }
    if (order !== first.order[customer]) cameBack[customer] = 1
    if (product !== first.product[customer]) boughtSeveral[customer] = 1
  })
  return { cameBack: marked(cameBack), boughtSeveral: marked(boughtSeveral) }
}

function marked(marks: Uint8Array): number[] {
  return [...marks.keys()].filter((place) => marks[place] === 1)
}

/** A customer's orders that hold anything, with their products. */
interface Purchases {
  readonly customer: number
  readonly byOrder: ReadonlyMap<number, ReadonlySet<number>>
}

/** Of some customers, in their order. */
function purchasesOf({ interactions, orders }: Dataset, some: readonly number[]): Purchases[] {
  const of = new Map(some.map((customer) => [customer, new Map<number, Set<number>>()]))
  interactions.order.forEach((order, i) => {
    const byOrder = of.get(orders.customer[order])
    if (!byOrder) return
    const products = byOrder.get(order)
    if (products) products.add(interactions.product[i])
    else byOrder.set(order, new Set([interactions.product[i]]))
  })
  return [...of].map(([customer, byOrder]) => ({ customer, byOrder }))
}

/** The last orders of a customer of several. */
function lastOrdersOf(
  its: Purchases,
  orders: Orders,
): HeldOut & { readonly its: Purchases; readonly held: readonly number[] } {
  const { customer, byOrder } = its
  const latestFirst = [...byOrder.keys()].sort((a, b) => compareTimes(orders, b, a))
  const wanted = mostOf(productsIn(its).length)
  const held: number[] = []
  let products = new Set<number>()
  // The first order stays: a customer without any is nobody to ask about.
  for (const order of latestFirst.slice(0, -1)) {
    const all = new Set([...products, ...byOrder.get(order)!])
    if (products.size > 0 && all.size > wanted) break
    products = all
    held.push(order)
  }
  const at = orders.timestamp[held.at(-1)!]
  return { customer, at, products: [...products].sort((a, b) => a - b), its, held }
}

/** Of some products of a customer a part to be found, by chance, the others being given. */
function basketOf(
  { customer, byOrder }: Purchases,
  products: readonly number[],
  { timestamp }: Orders,
): HeldOutBasket {
  const shuffled = products.toSorted((a, b) => mixed(a + customer) - mixed(b + customer))
  const sought = Math.max(1, Math.floor(mostOf(products.length)))
  const dated = [...byOrder.keys()].map((order) => timestamp[order]).filter((time) => !Number.isNaN(time))
  return {
    customer,
    at: dated.length > 0 ? dated.reduce((a, b) => Math.max(a, b)) : NaN,
    products: shuffled.slice(0, sought).sort((a, b) => a - b),
    given: shuffled.slice(sought),
  }
}

/** Some of a list, at even distances; all where there are no more. @param most  none where below 1 */
export function evenly<One>(all: readonly One[], most: number): One[] {
  if (most < 1) return []
  const step = Math.max(1, all.length / most)
  return all.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step))
}

function productsIn({ byOrder }: Purchases): number[] {
  const all = new Set<number>()
  for (const products of byOrder.values()) for (const product of products) all.add(product)
  return [...all]
}

/** How many of a customer's products are held out at most. */
function mostOf(products: number): number {
  return Math.min(HELD_OUT.part * products, HELD_OUT.products)
}

/** Below 0 where order a is earlier than b. */
function compareTimes({ timestamp }: Orders, a: number, b: number): number {
  const [first, second] = [timestamp[a], timestamp[b]]
  if (Number.isNaN(first) && Number.isNaN(second)) return mixed(a) - mixed(b)
  if (Number.isNaN(first) || Number.isNaN(second)) return Number.isNaN(first) ? -1 : 1
  return first - second || a - b
}

/** The interactions that are kept, marked by 1, and the orders that they are of, numbered anew. */
function only(
  { interactions, orders }: Dataset,
  isKept: Uint8Array,
): { interactions: Interactions; orders: Orders } {
  const isUsed = new Uint8Array(orders.count)
  isKept.forEach((mark, i) => (isUsed[interactions.order[i]] |= mark))
  const number = new Uint32Array(orders.count)
  let count = 0
  isUsed.forEach((mark, order) => (number[order] = mark ? count++ : 0))
  const isKeptAt = (_: number, i: number) => isKept[i] === 1
  const isUsedAt = (_: number, order: number) => isUsed[order] === 1
  const { customer, product, order, quantity, price, seller } = interactions
  const keptOrders = order.filter(isKeptAt)
  return {
    interactions: {
      count: keptOrders.length,
      customer: customer.filter(isKeptAt),
      product: product.filter(isKeptAt),
      order: keptOrders.map((one) => number[one]),
      quantity: quantity.filter(isKeptAt),
      price: price.filter(isKeptAt),
      ...(seller && { seller: seller.filter(isKeptAt) }),
    },
    orders: {
      count,
      customer: orders.customer.filter(isUsedAt),
      timestamp: orders.timestamp.filter(isUsedAt),
    },
  }
}
