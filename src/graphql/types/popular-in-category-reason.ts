import type { PopularInCategoryReason as EngineReason } from '../../engine/reason.ts'
import { builder } from '../builder.ts'
import { Purchase } from './purchase.ts'
import { Reason } from './reason.ts'
import { Sales } from './sales.ts'

builder.objectRef<EngineReason>('PopularInCategoryReason').implement({
  description:
    'The product sold in a category that was bought from. Its amount is all that the source "category" contributes.',
  interfaces: [Reason],
  fields: (t) => ({
    category: t.exposeString('category', { description: 'The category.' }),
    sales: t.expose('sales', { type: Sales, description: 'What was sold of the product.' }),
    purchases: t.expose('purchases', {
      type: [Purchase],
      description: 'What was bought from the category, the latest purchase first.',
    }),
  }),
})
