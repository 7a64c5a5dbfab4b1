import type { Arrangement, Pin } from '../engine/arrangement.ts'
import { productIndicesOf } from '../engine/errors.ts'
import type { HistoryEntry } from '../engine/history-entry.ts'
import type { RecommendationRequest } from '../engine/recommendation.ts'
import type { Recommender } from '../engine/recommender.ts'
import type { ItemSide } from '../model/model.ts'

/** A purchase by the shop's own id. */
export interface Purchase {
  /** The product's id. */
  readonly sku: string
  /** Units, above 0. Default: 1. */
  readonly quantity?: number
  /** Milliseconds since 1970, UTC; null, the default: unknown. */
  readonly purchasedAt?: number | null
}

/** A known customer, by the shop's own id; or a history or basket: products, or purchases. */
export type CustomerOrHistory = string | readonly (string | Purchase)[]

/** The list and its page, as in the engine's requests. Default: the first 10 of FOR_YOU. */
export interface ListOptions
  extends Partial<
    Omit<RecommendationRequest, 'customer' | 'history' | 'interest' | 'viewing' | 'arrangement'>
  > {
  /** The id of the product whose page is open. */
  readonly viewing?: string
  /** The order of the list. Default: by score. */
  readonly arrangement?: ArrangementBySku
}

/** An arrangement in which pins have the shop's own ids of products. */
export interface ArrangementBySku extends Omit<Arrangement, 'pins'> {
  /** Products at fixed places. */
  readonly pins?: readonly PinBySku[]
}

/** Puts a product at a place. */
export interface PinBySku extends Omit<Pin, 'product'> {
  /** The product's id. */
  readonly sku: string
}

/**
 * The engine's request for a list.
 * @throws {UnknownCustomerError}
 * @throws {UnknownProductError} naming every unknown product of the history, or of the pins, or that of the page
 */
export async function requestOf(
  recommender: Recommender,
  who: CustomerOrHistory,
  { arrangement, viewing, first = 10, ...options }: ListOptions,
): Promise<RecommendationRequest> {
  const { model } = recommender
  return {
    ...options,
    first,
    ...(typeof who === 'string'
      ? { customer: await recommender.customerKey(who) }
      : { history: historyOf(model, who) }),
    ...(viewing !== undefined && { viewing: recommender.productIndex(viewing) }),
    ...(arrangement && { arrangement: arrangementOf(model, arrangement) }),
  }
}

function historyOf(model: ItemSide, history: readonly (string | Purchase)[]): HistoryEntry[] {
  const purchases = history.map((entry) => (typeof entry === 'string' ? { sku: entry } : entry))
  return byIndex(model, purchases).map(({ quantity = 1, purchasedAt = null, product }) => ({
    product,
    quantity,
    purchasedAt,
  }))
}

function arrangementOf(model: ItemSide, { pins = [], ...arrangement }: ArrangementBySku): Arrangement {
  return { ...arrangement, pins: byIndex(model, pins) }
}

/** Converts the shop's ids of products to the model's indices. */
function byIndex<Named extends { readonly sku: string }>(
  { products }: ItemSide,
  named: readonly Named[],
): (Omit<Named, 'sku'> & { readonly product: number })[] {
  const skus = named.map(({ sku }) => sku)
  productIndicesOf(skus, products)
  return named.map(({ sku, ...rest }) => Object.assign(rest, { product: products.indexOf(sku) }))
}
