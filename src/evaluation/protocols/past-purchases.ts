import type { Dataset } from '../../data/dataset.ts'
import { interactionsWhere } from '../../data/subset.ts'
import type { PastPurchase } from '../trial.ts'
import { latest } from './interaction-times.ts'
import { UNKNOWN } from './translation.ts'

/**
 * Line items as purchases, each product once and ascending: quantities summed, the latest known time kept.
 * @param items  indices of interactions, ascending
 * @param productOf  the index that each product is to have, `UNKNOWN` where it is to be left out; absent: its own
 */
export function purchasesOf(
  { interactions, orders }: Dataset,
  items: Iterable<number>,
  productOf?: Uint32Array,
): PastPurchase[] {
  const purchases = new Map<number, PastPurchase>()
  for (const item of items) {
    const product = productOf?.[interactions.product[item]] ?? interactions.product[item]
    if (product === UNKNOWN) continue
    const time = orders.timestamp[interactions.order[item]]
    const before = purchases.get(product)
    // In single precision, entry by entry: the very sums that a fitted model's histories hold.
    const quantity = Math.fround((before?.quantity ?? 0) + interactions.quantity[item])
    const purchasedAt = before === undefined ? time : latest([before.purchasedAt, time])
    purchases.set(product, { product, quantity, purchasedAt })
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
