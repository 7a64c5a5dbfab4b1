import type { Histories } from '../kernels/kernels.ts'
import type { Model } from '../model/model.ts'
import { checkIndex } from './page.ts'
import type { HistoryEntry, RecommendationRequest } from './recommendation.ts'

/**
 * What a request's customer bought: the history it brings, else the stored one of the customer it names. What sells is
 * told without any.
 * @returns each product once, the latest first, those of unknown time last
 * @throws {RangeError} when a customer or product is none of the model's, or a quantity is not a number above 0
 */
export function historyOf(model: Model, { list, customer, history }: RecommendationRequest): HistoryEntry[] {
  if (list === 'TRENDING' || list === 'POPULAR') return []
  if (history) return latestFirst(merge(history, model.products.size))
  if (customer === undefined) throw new RangeError('a request names neither a customer nor a history')
  return latestFirst(storedHistory(model, customer))
}

/** The time of the latest purchase that a model knows, in ms since 1970 UTC; NaN where it knows the time of none. */
export function latestPurchaseOf({ lastPurchased }: Model): number {
  return lastPurchased.reduce((latest, then) => (then <= latest || Number.isNaN(then) ? latest : then), NaN)
}

/** Histories as the kernels take them: a row each, products ascending. */
export function rowsOf(histories: readonly (readonly HistoryEntry[])[], products: number): Histories {
  const ascending = histories.map((history) => history.toSorted((a, b) => a.product - b.product))
  const indptr = new Uint32Array(histories.length + 1)
  histories.forEach((history, row) => (indptr[row + 1] = indptr[row] + history.length))
  return {
    rows: histories.length,
    columns: products,
    indptr,
    indices: Uint32Array.from(ascending.flat(), ({ product }) => product),
    values: Float32Array.from(ascending.flat(), ({ quantity }) => Math.min(quantity, MOST_COUNTED)),
  }
}

/** So many units of a product say as much as any more of them: confidence is linear in them, in single precision. */
const MOST_COUNTED = 1e9

function storedHistory({ histories, lastPurchased }: Model, customer: number): HistoryEntry[] {
  checkIndex('customer', customer, histories.rows)
  const begin = histories.indptr[customer]
  const products = histories.indices.subarray(begin, histories.indptr[customer + 1])
  return Array.from(products, (product, i) => ({
    product,
    quantity: histories.values[begin + i],
    purchasedAt: Number.isNaN(lastPurchased[begin + i]) ? null : lastPurchased[begin + i],
  }))
}

/** Repeated products as one: quantities summed, the latest time kept. */
function merge(history: readonly HistoryEntry[], products: number): HistoryEntry[] {
  const merged = new Map<number, HistoryEntry>()
  for (const { product, quantity, purchasedAt } of history) {
    checkIndex('product', product, products)
    if (!(quantity > 0 && quantity < Infinity))
      throw new RangeError(`a quantity must be above 0, not ${quantity}`)
    const before = merged.get(product)
    merged.set(product, {
      product,
      quantity: Math.min(Number.MAX_VALUE, quantity + (before?.quantity ?? 0)),
      purchasedAt: time(before) > (purchasedAt ?? UNKNOWN_TIME) ? before!.purchasedAt : purchasedAt,
    })
  }
  return [...merged.values()]
}

function latestFirst(entries: readonly HistoryEntry[]): HistoryEntry[] {
  return entries.toSorted((a, b) => time(b) - time(a) || a.product - b.product)
}

/** Before any date there is, yet finite: two of them differ by 0. */
const UNKNOWN_TIME = -Number.MAX_VALUE

function time(entry: HistoryEntry | undefined): number {
  return entry?.purchasedAt ?? UNKNOWN_TIME
}
