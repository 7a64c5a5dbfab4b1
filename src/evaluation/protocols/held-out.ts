import type { Dataset } from '../../data/dataset.ts'
import type { IdTable } from '../../data/ids.ts'
import { interactionsWhere } from '../../data/subset.ts'
import type { Task, TestCase, Trial, PastPurchase } from '../trial.ts'
import { earliest, latest } from './interaction-times.ts'
import { LEFT_OUT, type LeftOut } from '../trial.ts'

/** What one customer bought that training does not have. */
interface HeldOut {
  /** Index into the customers of the data set it was held out from. */
  readonly customer: number
  /** When the lists are asked for, in ms since 1970 UTC; NaN unknown. */
  readonly at: number
  /** Indices into the interactions of that data set. */
  readonly items: readonly number[]
}

/**
 * The trial that asks for what was held out. A customer's history is what training has of them; who has none is left
 * out. So is a product that training does not know, since no list can hold it, and under `discovery` one that is in
 * the history. All of it is counted. Under `next-basket` an unknown product counts as missed instead.
 * @param source  the data set that `heldOut` speaks of; its ids are those of `train` where they are known there
 * @param leftOut  what has been left out already
 */
export function trialOf(
  { name, train, task }: { name: string; train: Dataset; task: Task },
  source: Dataset,
  heldOut: readonly HeldOut[],
  leftOut: LeftOut,
): Trial {
  const customerOf = translation(source.customers, train.customers)
  const productOf = translation(source.products, train.products)
  const histories = historiesOf(train, new Set(heldOut.map(({ customer }) => customerOf[customer])))
  const cases: TestCase[] = []
  for (const { customer, at, items } of heldOut) {
    const history = histories.get(customerOf[customer])
    if (history === undefined) {
      leftOut.add(LEFT_OUT.noHistory)
      continue
    }
    const bought = new Set(items.map((item) => source.interactions.product[item]))
    const known = Uint32Array.from(bought, (product) => productOf[product]).filter((p) => p !== UNKNOWN)
    const before = new Set(task === 'discovery' ? history.map(({ product }) => product) : [])
    const relevant = known.filter((product) => !before.has(product)).sort()
    const unknown = bought.size - known.length
    // Of a basket of which nothing can be found nothing is asked.
    const missing = task === 'next-basket' && relevant.length > 0 ? unknown : 0
    leftOut.add(LEFT_OUT.unknownProducts, unknown - missing)
    leftOut.add(LEFT_OUT.boughtBefore, known.length - relevant.length)
    if (relevant.length === 0) leftOut.add(LEFT_OUT.nothingToFind)
    else
      cases.push({ customer: customerOf[customer], history, at, relevant, ...(missing > 0 && { missing }) })
  }
  cases.sort((a, b) => a.customer - b.customer)
  return { name, train, cases, leftOut: leftOut.record() }
}

/** No index: greater than any. */
export const UNKNOWN = 2 ** 32 - 1

/** Where each id of one table stands in another; `UNKNOWN` where it does not. */
export function translation(from: IdTable, to: IdTable): Uint32Array {
  return Uint32Array.from({ length: from.size }, (_, index) => {
    const place = to.indexOf(from.at(index))
    return place < 0 ? UNKNOWN : place
  })
}

/**
 * Line items as purchases, each product once and ascending: quantities summed, orders counted, the earliest and the
 * latest known time kept.
 * @param items  indices of interactions, ascending
 * @param productOf  the index that each product is to have, `UNKNOWN` where it is to be left out; absent: its own
 */
export function purchasesOf(
  { interactions, orders }: Dataset,
  items: Iterable<number>,
  productOf?: Uint32Array,
): PastPurchase[] {
  const purchases = new Map<number, PastPurchase>()
  const seen = new Map<number, Set<number>>()
  for (const item of items) {
    const product = productOf?.[interactions.product[item]] ?? interactions.product[item]
    if (product === UNKNOWN) continue
    const order = interactions.order[item]
    const time = orders.timestamp[order]
    const inOrders = seen.get(product) ?? new Set()
    seen.set(product, inOrders.add(order))
    const before = purchases.get(product)
    // In single precision, entry by entry: the very sums that a fitted model's histories hold.
    const quantity = Math.fround((before?.quantity ?? 0) + interactions.quantity[item])
    const purchasedAt = before === undefined ? time : latest([before.purchasedAt, time])
    const firstPurchasedAt = before === undefined ? time : earliest([before.firstPurchasedAt, time])
    purchases.set(product, { product, quantity, orders: inOrders.size, firstPurchasedAt, purchasedAt })
  }
  return [...purchases.values()].sort((a, b) => a.product - b.product)
}

/** What each of `customers` bought; those who bought nothing are not in it. */
export function historiesOf(
  dataset: Dataset,
  customers: ReadonlySet<number>,
): ReadonlyMap<number, PastPurchase[]> {
  const { customer } = dataset.interactions
  const theirs = interactionsWhere(dataset, (item) => customers.has(customer[item]))
  const items = Map.groupBy(theirs, (item) => customer[item])
  return new Map([...items].map(([who, bought]) => [who, purchasesOf(dataset, bought)]))
}
