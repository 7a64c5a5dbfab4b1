import type { Reason as EngineReason, ReasonKind } from '../../engine/reason.ts'
import { builder } from '../builder.ts'

const TYPES: Readonly<Record<ReasonKind, string>> = {
  TASTE: 'TasteReason',
  RESEMBLANCE: 'ResemblanceReason',
  BOUGHT_TOGETHER: 'BoughtTogetherReason',
  SAME_ORDER: 'SameOrderReason',
  POPULAR_IN_CATEGORY: 'PopularInCategoryReason',
  POPULAR_WITH_SELLER: 'PopularWithSellerReason',
  POPULAR: 'PopularReason',
  BOUGHT_BEFORE: 'BoughtBeforeReason',
}

/** Each kind has a type and a file of its own. */
export const Reason = builder.interfaceRef<EngineReason>('Reason').implement({
  description:
    'A purchase or a fact that a recommendation comes from, and how much of the hybrid score it is: the amounts of all ' +
    'reasons sum to that score, and nothing else enters it.',
  resolveType: ({ kind }) => TYPES[kind],
  fields: (t) => ({
    amount: t.exposeFloat('amount', {
      description: 'What it adds to the hybrid score; below 0 it speaks against the product.',
    }),
    share: t.exposeFloat('share', {
      description:
        'Its part of all that speaks for or against the product, 0 to 1: its amount, sign dropped, over the sum of ' +
        'all amounts, signs dropped.',
    }),
  }),
})
