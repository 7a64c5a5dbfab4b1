import type { ResemblanceReason as EngineReason } from '../../engine/reason.ts'
import { builder } from '../builder.ts'
import { Purchase } from './purchase.ts'
import { Reason } from './reason.ts'
import { SharedAttribute } from './shared-attribute.ts'

builder.objectRef<EngineReason>('ResemblanceReason').implement({
  description:
    'A past purchase that the product resembles, or differs from. Its amount is its exact term of the likeness to all ' +
    'that was bought and, where it is the most similar of the latest purchases in its category, all of the likeness to ' +
    'that one.',
  interfaces: [Reason],
  fields: (t) => ({
    purchase: t.expose('purchase', { type: Purchase, description: 'The purchase.' }),
    similarity: t.exposeFloat('similarity', {
      description: "The cosine of the two products' content features, -1 to 1.",
    }),
    sharedAttributes: t.expose('sharedAttributes', {
      type: [SharedAttribute],
      description:
        'What both have in common of what they are compared by: the same labels, the category first, then measures ' +
        'that are near, the nearest first.',
    }),
  }),
})
