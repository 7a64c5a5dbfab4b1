import type { MeasuredSystem as System } from '../../model/evaluation-summary.ts'
import { builder } from '../builder.ts'
import { MeasuresAtK } from './measures-at-k.ts'

export const MeasuredSystem = builder.objectRef<System>('MeasuredSystem').implement({
  description: 'Another way to recommend that was evaluated beside, on the same lists.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What the report calls it.' }),
    measures: t.field({
      type: [MeasuresAtK],
      description: 'Its figures, one entry for each K, ascending.',
      resolve: ({ measures }) => measures,
    }),
  }),
})
