import type { Reason } from '../../src/engine/reason.ts'
import type { RecommendationList } from '../../src/engine/recommendation.ts'

/** Reasons as data, to compare: what they would look up when asked is looked up. */
export function plainReasons(reasons: readonly Reason[]) {
  return reasons.map((reason) =>
    reason.kind === 'RESEMBLANCE' ? { ...reason, sharedAttributes: reason.sharedAttributes() } : reason,
  )
}

/** A list as data, likewise. */
export function plainList({ items, ...list }: RecommendationList) {
  return { ...list, items: items.map((item) => ({ ...item, reasons: plainReasons(item.reasons()) })) }
}
