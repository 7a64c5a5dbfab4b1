import type { MeasuresAtK as Measures, RecordedMeasure } from '../../model/evaluation-summary.ts'
import { builder } from '../builder.ts'
import { MeasuredMean } from './measured-mean.ts'

export const MeasuresAtK = builder.objectRef<Measures>('MeasuresAtK').implement({
  description: 'How good lists were where only the K products at their top count.',
  fields: (t) => {
    const measure = (name: RecordedMeasure, description: string) =>
      t.field({ type: MeasuredMean, description, resolve: (measures) => measures[name] })
    return {
      k: t.exposeInt('k', { description: 'K.' }),
      hitRate: measure('hitRate', 'The share of lists that found anything.'),
      recall: measure('recall', 'What was found, over all that was to be found.'),
      recallTruncated: measure(
        'recallTruncated',
        'What was found, over all that K products could have: a list of hits only is 1.',
      ),
      precision: measure('precision', 'What was found, over K.'),
      ndcg: measure('ndcg', 'Hits discounted by the logarithm of their rank, over those of the best list.'),
      mrr: measure('mrr', 'One over the rank of the first hit; 0 where there was none.'),
      map: measure('map', 'The precisions at the ranks of the hits, averaged over all that could be found.'),
      coverage: t.exposeFloat('coverage', {
        description: 'The share of the catalogue that stood in any of the lists, 0 to 1.',
      }),
    }
  },
})
