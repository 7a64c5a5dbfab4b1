import type { BoughtTogetherReason as EngineReason } from '../../engine/reason.ts'
import { builder } from '../builder.ts'
import { Purchase } from './purchase.ts'
import { Reason } from './reason.ts'

builder.objectRef<EngineReason>('BoughtTogetherReason').implement({
  description:
    'A past purchase whose customers bought the product too. Under CO_PURCHASE its amount is the cosine of both products ' +
    'by their customers; a blend counts by the logarithm of the sum over the purchases, divided in proportion to these.',
  interfaces: [Reason],
  fields: (t) => ({
    purchase: t.expose('purchase', { type: Purchase, description: 'The purchase.' }),
    customers: t.exposeInt('customers', {
      description: 'How many customers bought both, at any time and in any order; at least 1.',
    }),
  }),
})
