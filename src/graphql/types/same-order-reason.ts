import type { SameOrderReason as EngineReason } from '../../engine/reason.ts'
import { builder } from '../builder.ts'
import { FEW_DESCRIPTION, isFew, shownCount } from '../small-counts.ts'
import { Purchase } from './purchase.ts'
import { Reason } from './reason.ts'

builder.objectRef<EngineReason>('SameOrderReason').implement({
  description:
    'A product of the history that was bought in the same orders as this one. Its amount is the number of those orders.',
  interfaces: [Reason],
  fields: (t) => ({
    purchase: t.expose('purchase', {
      type: Purchase,
      description: 'The product of the history: bought, in the basket, or looked at.',
    }),
    orders: t.int({
      description: `How many orders hold both; at least 1. ${FEW_DESCRIPTION}`,
      resolve: ({ orders }, _args, context) => shownCount(orders, context),
    }),
    areFew: t.boolean({
      description: 'Whether to write "a few" in place of the number: the caller is told no more.',
      resolve: ({ orders }, _args, context) => isFew(orders, context),
    }),
  }),
})
