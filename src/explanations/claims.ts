import type { Reason, ReasonKind, Sales } from '../engine/reason.ts'
import type { Deed } from './deed.ts'
import type { CitedReason } from './evidence.ts'
import type { Claim } from './languages/lexicon.ts'
import { type SharedTopic, sharedTopics } from './shown.ts'

const KINDS: Partial<Readonly<Record<Claim, readonly ReasonKind[]>>> = {
  taste: ['TASTE'],
  liking: ['TASTE', 'RESEMBLANCE', 'POPULAR_IN_CATEGORY', 'POPULAR_WITH_SELLER'],
  likeness: ['RESEMBLANCE'],
  sameness: ['RESEMBLANCE', 'BOUGHT_TOGETHER', 'SAME_ORDER', 'POPULAR_IN_CATEGORY', 'POPULAR_WITH_SELLER'],
  together: ['BOUGHT_TOGETHER', 'SAME_ORDER'],
  order: ['SAME_ORDER'],
  others: ['TASTE', 'BOUGHT_TOGETHER', 'SAME_ORDER', 'POPULAR_IN_CATEGORY', 'POPULAR_WITH_SELLER', 'POPULAR'],
  repetition: ['BOUGHT_BEFORE'],
}

const TOPICS: Partial<Readonly<Record<Claim, ReasonKind | null>>> = {
  category: 'POPULAR_IN_CATEGORY',
  seller: 'POPULAR_WITH_SELLER',
  price: null,
  weight: null,
  size: null,
}

/** Whether what a word claims follows from the cited reasons. */
export function supports(claim: Claim, cited: readonly CitedReason[]): boolean {
  const kinds = KINDS[claim]
  if (kinds !== undefined) return cited.some(({ reason }) => kinds.includes(reason.kind))
  if (claim in TOPICS) {
    return cited.some(({ reason }) => reason.kind === TOPICS[claim] || shares(reason, claim as SharedTopic))
  }
  switch (claim) {
    case 'sales':
      return cited.some(({ reason }) => salesOf(reason) !== null || reason.kind === 'BOUGHT_BEFORE')
    case 'latest':
      return supports('repetition', cited)
    default:
      return did('CHOSEN', cited)
  }
}

/** Whether the reader did this with something that is spoken of. What was bought has been chosen, too. */
export function did(deed: Deed, cited: readonly CitedReason[]): boolean {
  return cited.some(
    ({ purchase }) => purchase?.deed === deed || (deed === 'CHOSEN' && purchase?.deed === 'BOUGHT'),
  )
}

/** What a reason tells of sales to anybody; null where it tells nothing. */
export function salesOf(reason: Reason): Sales | null {
  return 'sales' in reason ? reason.sales : null
}

function shares(reason: Reason, topic: SharedTopic): boolean {
  return reason.kind === 'RESEMBLANCE' && sharedTopics(reason.sharedAttributes).has(topic)
}
