import type { TasteReason as EngineReason } from '../../engine/reason.ts'
import { builder } from '../builder.ts'
import { Purchase } from './purchase.ts'
import { Reason } from './reason.ts'

builder.objectRef<EngineReason>('TasteReason').implement({
  description:
    'A past purchase that speaks through taste: what customers with similar histories bought. Its amount is its exact ' +
    'term of the collaborative score, measured against the average product.',
  interfaces: [Reason],
  fields: (t) => ({
    purchase: t.expose('purchase', { type: Purchase, description: 'The purchase.' }),
  }),
})
