import type { SourceScore as EngineSourceScore } from '../../engine/recommendation.ts'
import { builder } from '../builder.ts'

export const SourceScore = builder.objectRef<EngineSourceScore>('SourceScore').implement({
  description: 'What one source of evidence says of a product, and how much that counts.',
  fields: (t) => ({
    value: t.exposeFloat('value', {
      nullable: true,
      description:
        "The source's own score, on its own scale. Null, never 0, where it cannot be computed: for a product that " +
        'nobody bought, a product without known features, or an empty history.',
    }),
    weight: t.exposeFloat('weight', { description: 'Its weight in the blend; 0 where the value is null.' }),
    contribution: t.exposeFloat('contribution', {
      nullable: true,
      description:
        'What it adds to the hybrid score: the weight times the value, brought to the scale common to all ' +
        'sources. Null where the value is.',
    }),
  }),
})
