import type { PopularWithSellerReason as EngineReason } from '../../engine/reason.ts'
import { builder } from '../builder.ts'
import { Purchase } from './purchase.ts'
import { Reason } from './reason.ts'
import { Sales } from './sales.ts'

builder.objectRef<EngineReason>('PopularWithSellerReason').implement({
  description:
    'The product sold with a seller that was bought from. Its amount is all that the source "seller" contributes.',
  interfaces: [Reason],
  fields: (t) => ({
    seller: t.exposeString('seller', { description: "The seller's id, as the shop's data has it." }),
    sales: t.expose('sales', { type: Sales, description: 'What was sold of the product.' }),
    purchases: t.expose('purchases', {
      type: [Purchase],
      description: 'What was bought from the seller, the latest purchase first.',
    }),
  }),
})
