import type { BoughtTogetherReason as EngineReason } from '../../engine/reason.ts'
import { builder } from '../builder.ts'
import { FEW_DESCRIPTION, isFew, shownCount } from '../small-counts.ts'
import { Purchase } from './purchase.ts'
import { Reason } from './reason.ts'

builder.objectRef<EngineReason>('BoughtTogetherReason').implement({
  description:
    'A past purchase whose customers bought the product too. Under CO_PURCHASE its amount is the cosine of both products ' +
    'by their customers; a blend counts by the logarithm of the sum over the purchases, divided in proportion to these.',
  interfaces: [Reason],
  fields: (t) => ({
    purchase: t.expose('purchase', { type: Purchase, description: 'The purchase.' }),
    customers: t.int({
      description: `How many customers bought both, at any time and in any order; at least 1. ${FEW_DESCRIPTION}`,
      resolve: ({ customers }, _args, context) => shownCount(customers, context),
    }),
    areFew: t.boolean({
      description: 'Whether to write "a few" in place of the number: the caller is told no more.',
      resolve: ({ customers }, _args, context) => isFew(customers, context),
    }),
  }),
})
