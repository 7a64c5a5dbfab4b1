import type { Reason, ReasonKind } from '../engine/reason.ts'
import type { HistoryEntry } from '../engine/history-entry.ts'
import type { Recommendation } from '../engine/recommendation.ts'
import type { ListRequest } from '../engine/what-if.ts'
import type { Model } from '../model/model.ts'
import { topicOf } from './display-text.ts'

/** What the reader did with a product of the history: nothing more may be said of it. */
export type PurchaseAction = 'BOUGHT' | 'CHOSEN' | 'LOOKED_AT'

/**
 * A known customer's history was bought, and so was all that has a date. What a basket holds may not have been paid
 * for: it was chosen. What a product's page shows is only looked at.
 * @param list  that the history belongs to
 */
function actionOf({ history, lookedAt }: ListRequest, { purchasedAt }: HistoryEntry): PurchaseAction {
  if (history === undefined || purchasedAt !== null) return 'BOUGHT'
  return lookedAt ? 'LOOKED_AT' : 'CHOSEN'
}

/** What people may be told of a product. */
export interface ProductFacts {
  readonly sku: string
  /** Null where the shop names none. */
  readonly name: string | null
  /** Null where the shop gives none. */
  readonly category: string | null
}

/** A product of the history: what it is, and what the reader did with it. */
export interface PurchaseFacts {
  readonly product: ProductFacts
  readonly action: PurchaseAction
  /** Units, above 0. */
  readonly quantity: number
  /** Milliseconds since 1970, UTC; null when unknown, and of all that was not bought. */
  readonly purchasedAt: number | null
}

/** A reason that an explanation may give. */
export interface CitedReason {
  /** What sentences cite it by: "e1" for the strongest, "e2", … */
  readonly id: string
  readonly reason: Reason
  /** The purchase that the reason speaks of, the latest where it speaks of several; null where it speaks of none. */
  readonly purchase: PurchaseFacts | null
}

/** All that an explanation of one recommendation may speak of. */
export interface Evidence {
  readonly product: ProductFacts
  /** The group of like customers that it is recommended to; null for nobody known. Never to be mentioned. */
  readonly segment: string | null
  /** The reasons worth naming, the strongest first; at most 3, one a kind. */
  readonly cited: readonly CitedReason[]
  /** Counts of others (customers, orders, units) below this are told as "a few"; left out: all are told. */
  readonly exactFrom?: number
  /** Whether nothing at all is known that speaks for or against the product: nobody bought it, say. Left out: something is. */
  readonly isBlank?: boolean
}

const MOST_CITED = 3

/** Beneath a quarter of the strongest amount a reason is not one that a person would name beside it. */
const NOTABLE = 0.25

/** Features are standardised, so that unrelated products have cosines about 0: from half way to 1, likeness is plain. */
export const CLEARLY_SIMILAR = 0.5

/** Looks up what people may be told of a product; `product` is an index of the model. */
export function productFacts(model: Model, product: number): ProductFacts {
  return {
    sku: model.products.at(product),
    name: model.productNames?.at(product) || null,
    category: model.category.labels[model.category.codes[product]] ?? null,
  }
}

/**
 * Chooses from a recommendation's reasons those that an explanation may name, and looks up their products.
 * @param list  that it was recommended in, as it was asked for
 */
export function gatherEvidence(
  model: Model,
  { product, reasons }: Pick<Recommendation, 'product' | 'reasons'>,
  list: ListRequest,
): Evidence {
  const { customer } = list
  return {
    product: productFacts(model, product),
    segment: customer === undefined ? null : (model.segments.labels[model.segments.codes[customer]] ?? null),
    ...(reasons().length === 0 && { isBlank: true }),
    cited: choose(product, reasons(), list).map((reason, place) => ({
      id: `e${place + 1}`,
      reason,
      purchase: purchaseFacts(model, list, purchaseOf(product, reason)),
    })),
  }
}

/** Reasons come with the largest |amount| first, and so does the strongest of each kind. */
function choose(product: number, reasons: readonly Reason[], list: ListRequest): Reason[] {
  const telling = reasons.filter((reason) => reason.amount > 0 && canBeTold(product, reason, list))
  const kinds = new Set<ReasonKind>()
  return telling
    .filter(({ amount }) => amount >= NOTABLE * telling[0].amount)
    .filter(({ kind }) => !kinds.has(kind) && kinds.add(kind))
    .slice(0, MOST_CITED)
}

/** Whether a reason, true as it is, makes a sentence that a person would understand. */
function canBeTold(product: number, reason: Reason, list: ListRequest): boolean {
  switch (reason.kind) {
    case 'TASTE':
    case 'SAME_ORDER':
      return reason.purchase.product !== product
    case 'RESEMBLANCE':
      return (
        reason.purchase.product !== product &&
        (reason.similarity >= CLEARLY_SIMILAR ||
          reason
            .sharedAttributes()
            .some((shared) => typeof shared.value === 'string' && topicOf(shared) !== null))
      )
    case 'BOUGHT_TOGETHER':
      return reason.purchase.product !== product && reason.customers > 0
    case 'POPULAR':
      return reason.sales.units > 0
    case 'BOUGHT_BEFORE':
      return actionOf(list, reason.purchase) !== 'LOOKED_AT'
    default:
      return purchaseOf(product, reason) !== null
  }
}

/** Of purchases of a category or a seller, the latest of another product: a product is no reason for itself. */
function purchaseOf(product: number, reason: Reason): HistoryEntry | null {
  if ('purchase' in reason) return reason.purchase
  if (!('purchases' in reason)) return null
  const others = reason.purchases.filter((purchase) => purchase.product !== product)
  return others.toSorted((a, b) => (b.purchasedAt ?? 0) - (a.purchasedAt ?? 0))[0] ?? null
}

function purchaseFacts(model: Model, list: ListRequest, purchase: HistoryEntry | null): PurchaseFacts | null {
  if (purchase === null) return null
  const { product, quantity, purchasedAt } = purchase
  return { product: productFacts(model, product), action: actionOf(list, purchase), quantity, purchasedAt }
}
