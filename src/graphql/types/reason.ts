import type { Reason as EngineReason } from '../../engine/recommendation.ts'
import { builder } from '../builder.ts'
import { Purchase } from './purchase.ts'

export const Reason = builder.objectRef<EngineReason>('Reason').implement({
  description: 'A past purchase, and what it did for a recommendation.',
  fields: (t) => ({
    purchase: t.field({
      type: Purchase,
      description: 'The purchase.',
      resolve: ({ purchase }) => purchase,
    }),
    contribution: t.exposeFloat('contribution', {
      nullable: true,
      description:
        'What it adds to the collaborative score; the contributions of all reasons sum to that score. Below 0 it ' +
        'speaks against the product. Null where the collaborative score is not computable.',
    }),
    share: t.exposeFloat('share', {
      nullable: true,
      description:
        'Its part of all that the purchases contribute, 0 to 1: its contribution, sign dropped, over the sum of ' +
        'all contributions, signs dropped. Null where the contribution is.',
    }),
    similarity: t.exposeFloat('similarity', {
      nullable: true,
      description:
        "The cosine of the two products' content features, -1 to 1. Null where either has no known feature.",
    }),
  }),
})
