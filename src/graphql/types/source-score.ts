import type { SourceScore as EngineSourceScore } from '../../engine/recommendation.ts'
import { builder } from '../builder.ts'

export const SourceScore = builder.objectRef<EngineSourceScore>('SourceScore').implement({
  description: 'What one source of evidence says of a product, and how much that counts.',
  fields: (t) => ({
    value: t.exposeFloat('value', {
      nullable: true,
      description:
        "The source's own score, on its own scale. Null, never 0, where it cannot be computed: for a product that " +
        'nobody bought, a product of which what the source goes by is not known, or an empty history.',
    }),
    weight: t.exposeFloat('weight', {
      description:
        'Its weight in the blend, at least 0; 0 where the value is null. A blend that was learnt states log-odds for ' +
        'each unit of the calibrated value, and its weights need not sum to 1.',
    }),
    contribution: t.exposeFloat('contribution', {
      nullable: true,
      description:
        'What it adds to the hybrid score: the weight times the value, brought to the scale common to all ' +
        'sources. Null where the value is.',
    }),
  }),
})
