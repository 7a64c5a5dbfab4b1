/**
 * Why a product was recommended: the causes of its hybrid score (causes.ts) in the terms of people. Nothing is left
 * out, so that the amounts sum to the score:
 *
 *   TASTE                 tᵢ(y_j − ȳ)ᵀA⁻¹yᵢ, the purchase's own term of the collaborative score (Hu, Koren & Volinsky
 *                         2008, section 5)
 *   RESEMBLANCE           the purchase's term of the likeness to all of the history and, where it is the nearest of
 *                         its category, of the likeness to that
 *   BOUGHT_TOGETHER       ln(1 + 100·Σᵢ cosᵢ), divided among the purchases in proportion to their cosines
 *   SAME_ORDER            the orders that hold both
 *   POPULAR_IN_CATEGORY,  what the source of that name contributes
 *   POPULAR_WITH_SELLER,
 *   POPULAR, BOUGHT_BEFORE
 */
import type { CategoricalColumn } from '../data/dataset.ts'
import { contentCosine } from '../model/content.ts'
import type { Model } from '../model/model.ts'
import type { Cause } from './causes.ts'
import type { Reason, ReasonKind, SharedAttribute } from './reason.ts'
import type { HistoryEntry } from './recommendation.ts'
import { sharedAttributes } from './shared-attributes.ts'

/** Reasons of equal amounts come in this order. */
const KINDS: readonly ReasonKind[] = [
  'TASTE',
  'RESEMBLANCE',
  'BOUGHT_TOGETHER',
  'SAME_ORDER',
  'POPULAR_IN_CATEGORY',
  'POPULAR_WITH_SELLER',
  'POPULAR',
  'BOUGHT_BEFORE',
]

/**
 * @param history  of the customer it is recommended to
 * @param causes  of the product's hybrid score
 * @returns the greatest |amount| first, ties by kind, then by product; none of amount 0
 */
export function reasonsOf(
  model: Model,
  history: readonly HistoryEntry[],
  product: number,
  causes: readonly Cause[],
): Reason[] {
  const present = joined(causes).filter(({ amount }) => amount !== 0)
  const total = present.reduce((sum, { amount }) => sum + Math.abs(amount), 0)
  return present
    .map((cause) => reasonOf(model, history, product, cause, Math.abs(cause.amount) / total))
    .sort(byWeight)
}

/** The likeness to one purchase is one cause, whether all of the history or the nearest was asked. */
function joined(causes: readonly Cause[]): Cause[] {
  const alike = new Map<number, Cause>()
  const others: Cause[] = []
  for (const cause of causes) {
    if (cause.source !== 'content' && cause.source !== 'nearest') others.push(cause)
    else {
      const { product } = cause.purchase
      alike.set(product, { ...cause, amount: cause.amount + (alike.get(product)?.amount ?? 0) })
    }
  }
  return [...alike.values(), ...others]
}

function reasonOf(
  model: Model,
  history: readonly HistoryEntry[],
  product: number,
  cause: Cause,
  share: number,
): Reason {
  const weight = { amount: cause.amount, share }
  switch (cause.source) {
    case 'collaborative':
      return { kind: 'TASTE', ...weight, purchase: cause.purchase }
    case 'content':
    case 'nearest':
      return resemblanceOf(model, product, cause.purchase, weight)
    case 'coPurchase':
      return { kind: 'BOUGHT_TOGETHER', ...weight, purchase: cause.purchase, customers: cause.customers }
    case 'sameOrder':
      return { kind: 'SAME_ORDER', ...weight, purchase: cause.purchase, orders: cause.orders }
    case 'category': {
      const { label: category, purchases } = shelfOf(model.category, history, product)
      return { kind: 'POPULAR_IN_CATEGORY', ...weight, category, sales: cause.sales, purchases }
    }
    case 'seller': {
      const { label: seller, purchases } = shelfOf(model.seller, history, product)
      return { kind: 'POPULAR_WITH_SELLER', ...weight, seller, sales: cause.sales, purchases }
    }
    case 'popularity':
      return { kind: 'POPULAR', ...weight, sales: cause.sales }
    case 'repeat':
      return {
        kind: 'BOUGHT_BEFORE',
        ...weight,
        purchase: history.find((purchase) => purchase.product === product)!,
      }
  }
}

/** What the two share is looked up when it is first asked for, and kept: most lists are read without. */
function resemblanceOf(
  model: Model,
  product: number,
  purchase: HistoryEntry,
  weight: Pick<Reason, 'amount' | 'share'>,
): Reason {
  let shared: readonly SharedAttribute[] | undefined
  return {
    kind: 'RESEMBLANCE',
    ...weight,
    purchase,
    similarity: contentCosine(model.content, product, purchase.product),
    get sharedAttributes() {
      return (shared ??= sharedAttributes(model, product, purchase.product))
    },
  }
}

/** The label of a product that has one, and the purchases of the same. */
function shelfOf({ labels, codes }: CategoricalColumn, history: readonly HistoryEntry[], product: number) {
  const purchases = history.filter((purchase) => codes[purchase.product] === codes[product])
  return { label: labels[codes[product]], purchases }
}

function byWeight(a: Reason, b: Reason): number {
  return (
    Math.abs(b.amount) - Math.abs(a.amount) ||
    KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) ||
    productOf(a) - productOf(b)
  )
}

/** Kinds without one purchase occur once. */
function productOf(reason: Reason): number {
  return 'purchase' in reason ? reason.purchase.product : 0
}
