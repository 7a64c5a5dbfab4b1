import type { PopularReason as EngineReason } from '../../engine/reason.ts'
import { builder } from '../builder.ts'
import { Reason } from './reason.ts'
import { Sales } from './sales.ts'

builder.objectRef<EngineReason>('PopularReason').implement({
  description:
    'The product sold, to anybody. Its amount is all that the source "popularity" contributes; in a learnt ' +
    'blend and under TRENDING that goes by units which each count half for every 30 days since. In a list by sales alone ' +
    'it is the whole score.',
  interfaces: [Reason],
  fields: (t) => ({
    sales: t.expose('sales', { type: Sales, description: 'What was sold of it.' }),
  }),
})
