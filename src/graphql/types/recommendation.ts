import type {
  Recommendation as EngineRecommendation,
  Strategy as StrategyName,
} from '../../engine/recommendation.ts'
import type { ListRequest } from '../../engine/what-if.ts'
import { builder } from '../builder.ts'
import { badUserInput } from '../errors.ts'
import { explanationOf } from '../explain.ts'
import { Explanation } from './explanation.ts'
import { Locale } from './locale.ts'
import { Product } from './product.ts'
import { Reason } from './reason.ts'
import { ScoreBreakdown } from './score-breakdown.ts'
import { Strategy } from './strategy.ts'

/** A recommendation, the list it stands in, and how that was made. */
export interface ListedRecommendation extends EngineRecommendation {
  readonly list: ListRequest
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
        'A complete account of the hybrid score: the amounts of all reasons sum to it. The largest amount comes first, ' +
        'signs dropped; what adds nothing is left out.',
      args: {
        first: t.arg.int({
          required: false,
          description: 'How many of them at most, at least 0; all where it is left out.',
        }),
      },
      resolve: (recommendation, { first }, { work }) => {
        if (first != null && first < 0)
          throw badUserInput(`"first" is ${first}: ask for 0 reasons or more.`, 'first')
        // They are worked out when they are first read.
        const reasons = work.time(() => recommendation.reasons)
        return first == null ? reasons : reasons.slice(0, first)
      },
    }),
    explanation: t.field({
      type: Explanation,
      nullable: true,
      description:
        'The reasons in words. Where a language model is asked this can take seconds: ask for it in a fragment ' +
        'with @defer, and the list does not wait. Null only where they could not be written, which the errors of the ' +
        'response then say: the recommendation stands without them.',
      args: { locale: t.arg({ type: Locale, defaultValue: 'en', description: 'The language to write in.' }) },
      resolve: (recommendation, { locale }, context) => explanationOf(recommendation, locale, context),
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
