import { isTime } from '../data/ranges.ts'
import type { Histories as HistoryRows } from '../kernels/kernels.ts'
import type { HistoryDetails } from '../model/history-details.ts'
import type { CustomerSide, ItemSide, Model } from '../model/model.ts'
import { PRODUCTS_READ } from '../model/partners.ts'
import type { HistoryKey } from './customer-key.ts'
import type { HistoryEntry } from './history-entry.ts'
import type { Interest } from './interest.ts'
import { checkIndex } from './page.ts'
import type { ListKind, RecommendationRequest } from './recommendation.ts'

export { PRODUCTS_READ }

/** Of a history, what a list is made of. @param history  as `historyOf` returns it */
export function readOf(
  { summary }: ItemSide,
  list: ListKind,
  history: readonly HistoryEntry[],
): readonly HistoryEntry[] {
  // What was bought before is the whole list there; and the notebook reads everything.
  if (list === 'BUY_AGAIN' || summary.configuration.blend === 'notebook') return history
  return history.length > PRODUCTS_READ ? history.slice(0, PRODUCTS_READ) : history
}

/**
 * What a request's customer bought: the history it brings, else the stored one of the customer or visitor it names, with
 * the basket it brings beside that. Lists of what sells take none.
 * @returns each product once: those of the basket first, then the latest first, those of unknown time last
 * @throws {RangeError} when a customer or product is none of the model's, a quantity is not a number above 0, or a
 *   time is none
 */
export function historyOf(
  model: Model,
  request: HistoryRequest,
  histories: Histories = historiesOf(model),
): readonly HistoryEntry[] {
  return historiesFor(model, [request], histories)[0]
}

/** As `historyOf`, of many requests: the customers they name are looked up at once. */
export function historiesFor(
  model: ItemSide,
  requests: readonly HistoryRequest[],
  histories: Histories,
): (readonly HistoryEntry[])[] {
  const stored = requests.map((request) => storedCustomerOf(request))
  const known = stored.filter((customer) => customer !== undefined)
  const found = histories.of(known).values()
  return requests.map(({ list, history = [], basket = [], without = [] }, i) => {
    if (list === 'TRENDING' || list === 'POPULAR') return []
    const past =
      stored[i] === undefined ? latestFirst(merge(history, model.products.size)) : found.next().value!
    const whole = basket.length === 0 ? past : withBasket(past, merge(basket, model.products.size))
    if (without.length === 0) return whole
    const left = new Set(without)
    return whole.filter(({ product }) => !left.has(product))
  })
}

/** A product that was bought before and is in the basket counts as in the basket. */
function withBasket(
  history: readonly HistoryEntry[],
  basket: readonly HistoryEntry[],
): readonly HistoryEntry[] {
  const chosen = productSetOf(basket)
  return [...basket, ...history.filter(({ product }) => !chosen.has(product))]
}

/** Whose purchases a request is about. */
export type HistoryRequest = Partial<RecommendationRequest>

/** The customer or visitor whose stored history a request takes; undefined where it brings one, or takes none. */
export function storedCustomerOf({
  list,
  customer,
  visitor,
  history,
}: HistoryRequest): HistoryKey | undefined {
  if (list === 'TRENDING' || list === 'POPULAR' || history !== undefined) return undefined
  if (customer !== undefined) return customer
  if (visitor === undefined) throw new RangeError('a request names neither a customer nor a history')
  return { visitor }
}

/** What customers and visitors bought, from the model or from a store. */
export interface Histories {
  /** Customers: those of the model, in its order. */
  readonly size: number
  /**
   * How many products a customer bought, at most.
   * @throws {RangeError} when there is no such customer
   */
  lengthOf(customer: HistoryKey): number
  /**
   * The histories of a batch of customers, in its order: each product once, the latest first, those of unknown time last.
   * @throws {RangeError} when there is no such customer
   */
  of(customers: readonly HistoryKey[]): readonly (readonly HistoryEntry[])[]
  /** The products that no list for a customer may hold, ascending. Left out: there are none. */
  hiddenFrom?(customer: HistoryKey): readonly number[]
  /** The categories of which no list for a customer may hold a product, as the model's codes. Left out: there are none. */
  categoriesHiddenFrom?(customer: HistoryKey): readonly number[]
  /** What a customer looked at or put into the cart, and has not bought since; the latest first. Left out: nothing. */
  interestOf?(customer: HistoryKey): readonly Interest[]
}

const opened = new WeakMap<CustomerSide, Histories>()

/** The histories that the model itself holds: none where it was trained without. */
export function historiesOf(model: CustomerSide): Histories {
  const former = opened.get(model)
  if (former) return former
  const made = storedIn(model)
  opened.set(model, made)
  return made
}

/** One row of the histories, the products ascending. */
export function entriesIn(
  {
    histories,
    orderCounts,
    firstPurchased,
    lastPurchased,
  }: Pick<CustomerSide, 'histories' | keyof HistoryDetails>,
  customer: number,
): HistoryEntry[] {
  const begin = histories.indptr[customer]
  const products = histories.indices.subarray(begin, histories.indptr[customer + 1])
  return Array.from(products, (product, i) => ({
    product,
    quantity: histories.values[begin + i],
    purchasedAt: orNull(lastPurchased[begin + i]),
    ...(orderCounts[begin + i] > 1 && {
      orders: orderCounts[begin + i],
      firstPurchasedAt: orNull(firstPurchased[begin + i]),
    }),
  }))
}

/** From so many products on a stored history is kept in order, of the few customers asked about last. */
const LONG = 100
const KEPT = 16

function storedIn(side: CustomerSide): Histories {
  const { histories } = side
  /** A search asks about the same customer over and over: putting 20,000 products in order takes some 10 ms. */
  const ordered = new Map<number, readonly HistoryEntry[]>()

  function lengthOf(key: HistoryKey): number {
    const customer = indexOf(key)
    return histories.indptr[customer + 1] - histories.indptr[customer]
  }

  function indexOf(customer: HistoryKey): number {
    if (typeof customer === 'string') throw new RangeError(`the model holds no customer "${customer}"`)
    if (typeof customer === 'object') throw new RangeError('the model holds no visitors')
    checkIndex('customer', customer, histories.rows)
    return customer
  }

  function orderedOf(customer: number): readonly HistoryEntry[] {
    if (lengthOf(customer) < LONG) return latestFirst(entriesIn(side, customer))
    const former = ordered.get(customer)
    if (former) return former
    const history = latestFirst(entriesIn(side, customer))
    if (ordered.size === KEPT) ordered.delete(ordered.keys().next().value!)
    ordered.set(customer, history)
    return history
  }

  return {
    size: histories.rows,
    lengthOf,
    of: (customers) => customers.map((customer) => orderedOf(indexOf(customer))),
  }
}

/**
 * Histories as the kernels take them: a row each, products ascending.
 * @param r  what a purchase counts for, its units at most `MOST_COUNTED`. Default: these
 */
export function rowsOf(
  histories: readonly (readonly HistoryEntry[])[],
  products: number,
  r: (units: number, orders: number) => number = (units) => units,
): HistoryRows {
  const ascending = histories.map((history) => history.toSorted((a, b) => a.product - b.product))
  const indptr = new Uint32Array(histories.length + 1)
  histories.forEach((history, row) => (indptr[row + 1] = indptr[row] + history.length))
  return {
    rows: histories.length,
    columns: products,
    indptr,
    indices: Uint32Array.from(ascending.flat(), ({ product }) => product),
    values: Float32Array.from(ascending.flat(), ({ quantity, orders = 1 }) =>
      r(Math.min(quantity, MOST_COUNTED), orders),
    ),
  }
}

/** Units of a product above this count as this many: confidence grows with them, in single precision. */
const MOST_COUNTED = 1e9

/** The products of a history. */
export function productSetOf(history: readonly HistoryEntry[]): Set<number> {
  return new Set(history.map(({ product }) => product))
}

/** The products of histories as the kernels take exclusions: a row each, ascending. */
export function productsOf(histories: readonly (readonly HistoryEntry[])[]) {
  const indptr = new Uint32Array(histories.length + 1)
  histories.forEach((history, row) => (indptr[row + 1] = indptr[row] + history.length))
  const indices = new Uint32Array(indptr[histories.length])
  histories.forEach((history, row) => {
    for (let i = 0; i < history.length; i++) indices[indptr[row] + i] = history[i].product
    indices.subarray(indptr[row], indptr[row + 1]).sort()
  })
  return { indptr, indices }
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value
}

/** Repeated products as one. */
function merge(history: readonly HistoryEntry[], products: number): HistoryEntry[] {
  for (const entry of history) checkEntry(entry, products)
  return [...Map.groupBy(history, ({ product }) => product).values()].map(asOne)
}

function checkEntry(entry: HistoryEntry, products: number): void {
  const { product, quantity, purchasedAt, orders = 1, firstPurchasedAt = purchasedAt } = entry
  checkIndex('product', product, products)
  if (!(quantity > 0 && quantity < Infinity))
    throw new RangeError(`a quantity must be above 0, not ${quantity}`)
  if (purchasedAt !== null && !isTime(purchasedAt))
    throw new RangeError(`purchasedAt must be a time in ms since 1970, or null, not ${purchasedAt}`)
  if (!(Number.isSafeInteger(orders) && orders > 0))
    throw new RangeError(`orders must be a whole number of at least 1, not ${orders}`)
  if (
    firstPurchasedAt !== null &&
    !(isTime(firstPurchasedAt) && firstPurchasedAt <= (purchasedAt ?? -Infinity))
  )
    throw new RangeError(
      `firstPurchasedAt must be a time in ms since 1970 up to purchasedAt, or null, not ${firstPurchasedAt}`,
    )
}

/**
 * What is said of one product: quantities and orders summed, the first and the latest time kept. Entries without a
 * number of orders are one order where they have the same time, or none.
 */
function asOne(entries: readonly HistoryEntry[]): HistoryEntry {
  const [{ product }] = entries
  const quantity = entries.reduce((sum, entry) => sum + entry.quantity, 0)
  const unnumbered = entries.filter((entry) => entry.orders === undefined)
  const orders =
    entries.reduce((sum, entry) => sum + (entry.orders ?? 0), 0) +
    new Set(unnumbered.map(({ purchasedAt }) => purchasedAt)).size
  const firstTimes = entries.flatMap(
    ({ purchasedAt, firstPurchasedAt = purchasedAt }) => firstPurchasedAt ?? [],
  )
  return {
    product,
    quantity: Math.min(Number.MAX_VALUE, quantity),
    purchasedAt: latestFirst(entries)[0].purchasedAt,
    ...(orders > 1 && {
      orders,
      firstPurchasedAt: firstTimes.length > 0 ? Math.min(...firstTimes) : null,
    }),
  }
}

/** Histories are in this order: the latest first, those of unknown time last, ties to the lower product. */
export function latestFirst(entries: readonly HistoryEntry[]): HistoryEntry[] {
  return entries.toSorted((a, b) => time(b) - time(a) || a.product - b.product)
}

/** Before any date there is, yet finite: two of them differ by 0. */
const UNKNOWN_TIME = -Number.MAX_VALUE

function time(entry: HistoryEntry | undefined): number {
  return entry?.purchasedAt ?? UNKNOWN_TIME
}
