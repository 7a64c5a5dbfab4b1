import type {
  Recommendation as EngineRecommendation,
  Strategy as StrategyName,
} from '../../engine/recommendation.ts'
import { gatherEvidence } from '../../explanations/evidence.ts'
import { explain } from '../../explanations/template.ts'
import { builder } from '../builder.ts'
import { Explanation } from './explanation.ts'
import { Product } from './product.ts'
import { Reason } from './reason.ts'
import { ScoreBreakdown } from './score-breakdown.ts'
import { Strategy } from './strategy.ts'

/** A recommendation, and how the list it stands in was made. */
export interface ListedRecommendation extends EngineRecommendation {
  readonly strategy: StrategyName
}

export const Recommendation = builder.objectRef<ListedRecommendation>('Recommendation').implement({
  description: 'A product recommended, with all that led to it.',
  fields: (t) => ({
    rank: t.exposeInt('rank', { description: '1 for the best of all, whatever page it stands on.' }),
    product: t.field({
      type: Product,
      description: 'What is recommended.',
      resolve: ({ product }) => ({ index: product }),
    }),
    scores: t.field({
      type: ScoreBreakdown,
      description: 'The score it is ranked by, and its parts.',
      resolve: (recommendation) => recommendation,
    }),
    reasons: t.field({
      type: [Reason],
      description:
        'Every past purchase and what it did for this recommendation, the largest contribution first (signs ' +
        'dropped). Empty under POPULARITY.',
      resolve: ({ reasons }) => reasons,
    }),
    explanation: t.field({
      type: Explanation,
      nullable: true,
      description:
        'The reasons in words. Null only where they could not be written, which the errors of the response then ' +
        'say: the recommendation stands without them.',
      resolve: (recommendation, _args, { recommender }) =>
        explain(gatherEvidence(recommender.model, recommendation.strategy, recommendation)),
    }),
    strategy: t.expose('strategy', {
      type: Strategy,
      description: 'How the list was made that it stands in.',
    }),
    modelVersion: t.string({
      description: 'The model that recommends it.',
      resolve: (_recommendation, _args, { recommender }) => recommender.model.version,
    }),
  }),
})
