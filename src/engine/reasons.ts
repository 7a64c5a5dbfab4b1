/**
 * Why a product was recommended: the causes of its hybrid score, the greatest first. Nothing is left out, so that the amounts sum to the score:
 *
 *   TASTE                 tᵢ(y_j − ȳ)ᵀA⁻¹yᵢ, the purchase's own term of the collaborative score (Hu, Koren & Volinsky
 *                         2008, section 5), and its weight B_ij in the linear item-item model
 *   RESEMBLANCE           the purchase's term of the likeness to all of the history and, where it is the nearest of
 *                         its category, of the likeness to that
 *   BOUGHT_TOGETHER       ln(1 + 100·Σᵢ cosᵢ), divided among the purchases in proportion to their cosines
 *   SAME_ORDER            the orders that hold both
 *   POPULAR_IN_CATEGORY,  what the source of that name contributes
 *   POPULAR_WITH_SELLER,
 *   POPULAR, BOUGHT_BEFORE
 *   VIEWED, IN_CART       the term of each product that was looked at, or put into the cart
 */
import type { Cause, Reason, ReasonKind } from './reason.ts'

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
  'VIEWED',
  'IN_CART',
]

/**
 * @param causes  of the product's hybrid score
 * @returns the greatest |amount| first, ties by kind, then by product; none of amount 0
 */
export function reasonsOf(causes: readonly Cause[]): Reason[] {
  const present = joined(causes).filter(({ amount }) => amount !== 0)
  const total = present.reduce((sum, { amount }) => sum + Math.abs(amount), 0)
  return present
    .map((cause): Reason => Object.assign({}, cause, { share: Math.abs(cause.amount) / total }))
    .sort(byWeight)
}

/**
 * One cause for each purchase and kind: taste comes from both the factors and the item weights, resemblance from both
 * the whole history and the nearest purchase.
 */
function joined(causes: readonly Cause[]): Cause[] {
  const joint = new Map<string, Cause>()
  const others: Cause[] = []
  for (const cause of causes) {
    if (cause.kind !== 'RESEMBLANCE' && cause.kind !== 'TASTE') others.push(cause)
    else {
      const key = `${cause.kind} ${cause.purchase.product}`
      joint.set(key, { ...cause, amount: cause.amount + (joint.get(key)?.amount ?? 0) })
    }
  }
  return [...joint.values(), ...others]
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
  if ('interest' in reason) return reason.interest.product
  return 'purchase' in reason ? reason.purchase.product : 0
}
