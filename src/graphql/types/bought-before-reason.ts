import type { BoughtBeforeReason as EngineReason } from '../../engine/reason.ts'
import { builder } from '../builder.ts'
import { Purchase } from './purchase.ts'
import { Reason } from './reason.ts'

builder.objectRef<EngineReason>('BoughtBeforeReason').implement({
  description:
    'The product itself was bought before. Its amount is all that the source "repeat" contributes: more for what was ' +
    'bought often, and shortly before the moment that the list is for.',
  interfaces: [Reason],
  fields: (t) => ({
    purchase: t.expose('purchase', {
      type: Purchase,
      description: 'How much of it was bought, and when last.',
    }),
  }),
})
