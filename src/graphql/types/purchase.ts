import type { HistoryEntry } from '../../engine/recommendation.ts'
import { builder } from '../builder.ts'
import { Product } from './product.ts'

export const Purchase = builder.objectRef<HistoryEntry>('Purchase').implement({
  description:
    'A product that was bought, all purchases of it by the same customer taken together; or that lies in a basket, or is ' +
    'looked at, where a list was asked for by that.',
  fields: (t) => ({
    product: t.field({
      type: Product,
      description: 'What was bought, lies in the basket or is looked at.',
      resolve: ({ product }) => ({ index: product }),
    }),
    quantity: t.exposeFloat('quantity', { description: 'How many units, in all; above 0.' }),
    lastPurchasedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was last bought. Null where the shop does not say, and for an anonymous basket.',
      resolve: ({ purchasedAt }) => (purchasedAt === null ? null : new Date(purchasedAt)),
    }),
  }),
})
