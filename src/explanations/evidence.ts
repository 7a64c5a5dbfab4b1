import { segmentOf } from '../engine/customer-key.ts'
import type { InCartReason, Reason, ReasonKind, ViewedReason } from '../engine/reason.ts'
import type { HistoryEntry } from '../engine/history-entry.ts'
import type { Recommendation } from '../engine/recommendation.ts'
import type { ListRequest } from '../engine/what-if.ts'
import type { CustomerSide, ItemSide } from '../model/model.ts'
import { topicOf } from './display-text.ts'

/**
 * What the customer did with a product of the history, or of interest: what was viewed or put into the cart was not
 * bought. An explanation may not claim more.
 */
export type PurchaseAction = 'BOUGHT' | 'CHOSEN' | 'LOOKED_AT' | 'VIEWED' | 'PUT_INTO_CART'

/**
 * The history of a known customer, and anything with a date, was bought. A product in a basket may not have been paid
 * for: it was chosen. A product on its page is only looked at.
 * @param list  the list that the history belongs to
 */
function actionOf(
  { history, basket = [], lookedAt }: ListRequest,
  { product, purchasedAt }: HistoryEntry,
): PurchaseAction {
  const isStored = history === undefined && basket.every((chosen) => chosen.product !== product)
  if (isStored || purchasedAt !== null) return 'BOUGHT'
  return lookedAt ? 'LOOKED_AT' : 'CHOSEN'
}

/** What an explanation may say about a product. */
export interface ProductFacts {
  readonly sku: string
  /** Null if the shop's data has none. */
  readonly name: string | null
  /** Null if the shop's data has none. */
  readonly category: string | null
}

/** A product of the history or of interest, and what the customer did with it. */
export interface PurchaseFacts {
  readonly product: ProductFacts
  readonly action: PurchaseAction
  /** Units, above 0. */
  readonly quantity: number
  /** Milliseconds since 1970, UTC; null if it is unknown or the product was not bought. */
  readonly purchasedAt: number | null
  /** When it was viewed or put into the cart, likewise. Left out: it was neither. */
  readonly interestAt?: number
}

/** A reason that an explanation may give. */
export interface CitedReason {
  /** The key that sentences cite it by: "e1" for the strongest, "e2", … */
  readonly id: string
  readonly reason: Reason
  /** The purchase of the reason, the latest if there are several, or the product of interest; null if there is none. */
  readonly purchase: PurchaseFacts | null
}

/** Everything that an explanation of one recommendation may mention. */
export interface Evidence {
  readonly product: ProductFacts
  /** The segment of the customer; null for an unknown customer. It must not be mentioned. */
  readonly segment: string | null
  /** The reasons worth mentioning, strongest first; at most 3, one of each kind. */
  readonly cited: readonly CitedReason[]
  /** Counts (of customers, orders, units) below this are given as "a few". Left out: all counts are exact. */
  readonly exactFrom?: number
  /** Whether there are no reasons at all, for or against the product: nobody bought it, for example. Default: false. */
  readonly isBlank?: boolean
}

const MOST_CITED = 3

/** A reason below this part of the strongest amount is not worth mentioning. */
const NOTABLE = 0.25

/** Features are standardised, so unrelated products have cosines near 0: from this one on products are clearly similar. */
export const CLEARLY_SIMILAR = 0.5

/** Looks up a product's facts. @param product  its index in the model */
export function productFacts(model: ItemSide, product: number): ProductFacts {
  return {
    sku: model.products.at(product),
    name: model.productNames?.at(product) || null,
    category: model.category.labels[model.category.codes[product]] ?? null,
  }
}

/**
 * Chooses the reasons of a recommendation that an explanation may mention, and looks up their products.
 * @param list  the request of the list that holds the recommendation
 * @param segment  of its customer. Default: what the model says
 */
export function gatherEvidence(
  model: ItemSide & Pick<CustomerSide, 'segments'>,
  { product, reasons }: Pick<Recommendation, 'product' | 'reasons'>,
  list: ListRequest,
  segment = segmentOf(model, list.customer),
): Evidence {
  return {
    product: productFacts(model, product),
    segment,
    ...(reasons().length === 0 && { isBlank: true }),
    cited: choose(product, reasons(), list).map((reason, place) => ({
      id: `e${place + 1}`,
      reason,
      purchase:
        'interest' in reason
          ? interestFacts(model, list, reason)
          : purchaseFacts(model, list, purchaseOf(product, reason)),
    })),
  }
}

/** Reasons are sorted by |amount|, so the first of each kind is its strongest. */
function choose(product: number, reasons: readonly Reason[], list: ListRequest): Reason[] {
  const usable = reasons.filter((reason) => reason.amount > 0 && isUnderstandable(product, reason, list))
  const kinds = new Set<ReasonKind>()
  return usable
    .filter(({ amount }) => amount >= NOTABLE * usable[0].amount)
    .filter(({ kind }) => !kinds.has(kind) && kinds.add(kind))
    .slice(0, MOST_CITED)
}

/** Whether a person would understand a sentence about a reason. */
function isUnderstandable(product: number, reason: Reason, list: ListRequest): boolean {
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
    case 'VIEWED':
    case 'IN_CART':
      return true
    case 'BOUGHT_BEFORE':
      return actionOf(list, reason.purchase) !== 'LOOKED_AT'
    default:
      return purchaseOf(product, reason) !== null
  }
}

/** The purchase of a reason; of several, the latest of another product: a product is not a reason for itself. */
function purchaseOf(product: number, reason: Reason): HistoryEntry | null {
  if ('purchase' in reason) return reason.purchase
  if (!('purchases' in reason)) return null
  const others = reason.purchases.filter((purchase) => purchase.product !== product)
  return others.toSorted((a, b) => (b.purchasedAt ?? 0) - (a.purchasedAt ?? 0))[0] ?? null
}

function purchaseFacts(
  model: ItemSide,
  list: ListRequest,
  purchase: HistoryEntry | null,
): PurchaseFacts | null {
  if (purchase === null) return null
  const { product, quantity, purchasedAt } = purchase
  return { product: productFacts(model, product), action: actionOf(list, purchase), quantity, purchasedAt }
}

/** The product whose page is open is being looked at; anything else was viewed or put into the cart on some day. */
function interestFacts(
  model: ItemSide,
  { viewing }: ListRequest,
  { kind, interest }: ViewedReason | InCartReason,
): PurchaseFacts {
  const facts = { product: productFacts(model, interest.product), quantity: 1, purchasedAt: null }
  if (kind === 'VIEWED' && interest.product === viewing) return { ...facts, action: 'LOOKED_AT' }
  return { ...facts, action: kind === 'VIEWED' ? 'VIEWED' : 'PUT_INTO_CART', interestAt: interest.at }
}
