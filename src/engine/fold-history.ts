/**
 * A history is a fold over events: what was bought, less what was returned. Returns take units off as training does
 * (data/returns.ts): first in the same order, then the latest purchase up to the time of the return, and so on back.
 */
import { ROUNDING } from '../data/returns.ts'
import { type HistoryEvent, isAboutCategory, isUndone } from '../store/event.ts'
import type { HistoryEntry } from './history-entry.ts'
import { latestFirst } from './history.ts'

/** An event, its product as an index of the model. */
export interface ProductEvent extends Omit<HistoryEvent, 'product'> {
  readonly product: number
}

/** What a customer's events come to. */
export interface FoldedHistory {
  /** Each product once, the latest first, those of unknown time last. */
  readonly entries: readonly HistoryEntry[]
  /** The products that the customer is not interested in, ascending. */
  readonly hidden: readonly number[]
  /** The categories likewise. */
  readonly hiddenCategories: readonly number[]
}

/** Units bought at one time: a purchase, or everything that the model holds of the product. */
interface Lot {
  readonly bought: number
  left: number
  readonly at: number
  readonly orderId: string | null
  /** What the model holds; undefined: it is a purchase of the events. */
  readonly stored?: HistoryEntry
}

/**
 * Folds events onto what the model holds of a customer.
 * @param events  of one customer, in any order: of one time the greater id counts as the later
 * @param stored  what the model holds: each product once
 * @param categoryOf  the category of a product; below 0: it has none, and what would hide that hides the product
 * @param shared  whether SOME of the purchases may be in the model as well, as when a shop's files were trained on and
 *   imported: then a purchase between the first and the latest that the model holds of its product is taken to be among
 *   those
 */
export function foldHistory(
  events: readonly ProductEvent[],
  stored: readonly HistoryEntry[],
  categoryOf: (product: number) => number = () => -1,
  shared: 'SOME' | 'NONE' = 'SOME',
): FoldedHistory {
  const sorted = events.toSorted(byTime)
  const byProduct = Map.groupBy(sorted, ({ product }) => product)
  const isOfCategory = ({ product, value }: ProductEvent) =>
    isAboutCategory(value) && categoryOf(product) >= 0
  const refusals = sorted.filter(({ kind }) => kind === 'NOT_INTERESTED')
  const hidden = hiddenBy(
    refusals.filter((event) => !isOfCategory(event)),
    ({ product }) => product,
  )
  const hiddenCategories = hiddenBy(refusals.filter(isOfCategory), ({ product }) => categoryOf(product))
  const known = new Map(stored.map((entry) => [entry.product, entry]))
  const entries = stored.filter(({ product }) => !byProduct.has(product))
  for (const [product, own] of byProduct) {
    const entry = entryOf(product, own, known.get(product), shared)
    if (entry !== undefined) entries.push(entry)
  }
  return { entries: latestFirst(entries), hidden, hiddenCategories }
}

function byTime(a: ProductEvent, b: ProductEvent): number {
  return a.at - b.at || (a.id < b.id ? -1 : Number(a.id > b.id))
}

/** What is hidden, ascending: of each the latest event decides, which hides it or undoes that. @param events  by time */
function hiddenBy(events: readonly ProductEvent[], what: (event: ProductEvent) => number): number[] {
  const latest = new Map(events.map((event) => [what(event), event]))
  return [...latest]
    .filter(([, { value }]) => !isUndone(value))
    .map(([hidden]) => hidden)
    .sort((a, b) => a - b)
}

/** What is left of a product; undefined: nothing. @param events  of it, by time */
function entryOf(
  product: number,
  events: readonly ProductEvent[],
  stored: HistoryEntry | undefined,
  shared: 'SOME' | 'NONE',
): HistoryEntry | undefined {
  const lots = lotsOf(events, stored, shared)
  for (const event of events) if (event.kind === 'RETURN') takeOff(lots, event)
  const kept = lots.filter(({ left }) => left > 0)
  if (kept.length === 0) return undefined
  const orders = new Set<string>()
  let [ordersStored, quantity, first, last] = [0, 0, Infinity, -Infinity]
  for (const lot of kept) {
    // In single precision one by one, as the model adds them up.
    quantity = Math.fround(quantity + Math.fround(lot.left))
    const { orders: number = 1, purchasedAt, firstPurchasedAt = purchasedAt } = lot.stored ?? {}
    if (lot.stored === undefined) orders.add(lot.orderId === null ? `at ${lot.at}` : `order ${lot.orderId}`)
    else ordersStored = number
    first = Math.min(first, lot.stored === undefined ? lot.at : (firstPurchasedAt ?? Infinity))
    last = Math.max(last, lot.stored === undefined ? lot.at : (purchasedAt ?? -Infinity))
  }
  const all = ordersStored + orders.size
  return {
    product,
    quantity,
    purchasedAt: last === -Infinity ? null : last,
    ...(all > 1 && { orders: all, firstPurchasedAt: first === Infinity ? null : first }),
  }
}

/** The purchases of a product by time, the model's by its latest. */
function lotsOf(
  events: readonly ProductEvent[],
  stored: HistoryEntry | undefined,
  shared: 'SOME' | 'NONE',
): Lot[] {
  const lots: Lot[] = []
  for (const { kind, at, quantity, orderId } of events) {
    if (kind !== 'PURCHASE' || (shared === 'SOME' && isAmong(stored, at))) continue
    const bought = quantity ?? 1
    lots.push({ bought, left: bought, at, orderId })
  }
  if (stored === undefined) return lots
  const at = stored.purchasedAt ?? -Infinity
  const later = lots.findIndex((lot) => lot.at > at)
  const whole: Lot = { bought: stored.quantity, left: stored.quantity, at, orderId: null, stored }
  lots.splice(later < 0 ? lots.length : later, 0, whole)
  return lots
}

function isAmong(stored: HistoryEntry | undefined, at: number): boolean {
  if (stored === undefined || stored.purchasedAt === null) return false
  const { purchasedAt, firstPurchasedAt = purchasedAt } = stored
  return at >= (firstPurchasedAt ?? purchasedAt) && at <= purchasedAt
}

/** Units that were not bought as far as is known are left over. */
function takeOff(lots: readonly Lot[], { at, orderId, quantity }: ProductEvent): void {
  const isOwn = (lot: Lot) => orderId !== null && lot.orderId === orderId
  const reversed = lots.toReversed()
  const before = reversed.filter((lot) => !isOwn(lot) && lot.at <= at)
  let units = quantity ?? 1
  for (const lot of [...reversed.filter(isOwn), ...before]) {
    const taken = Math.min(units, lot.left)
    units -= taken
    lot.left -= taken
    if (lot.left < ROUNDING * lot.bought) lot.left = 0
    if (units === 0) break
  }
}
