import { UnknownProductError } from '../../engine/errors.ts'
import { builder } from '../builder.ts'
import { InvalidInputError, StaleCursorError } from '../errors.ts'
import { basketList, RecommendInput } from './recommend-input.ts'
import {
  RecommendationConnection,
  recommendationArguments,
  recommendationPage,
} from './recommendation-connection.ts'

builder.queryField('recommend', (t) =>
  t.field({
    type: RecommendationConnection,
    description:
      'What to recommend to somebody who bought, or has in the basket, just this; the first 1,000 can be paged through.',
    errors: {
      types: [UnknownProductError, InvalidInputError, StaleCursorError],
      union: {
        name: 'RecommendResult',
        description: 'A page of recommendations, or the reason why there is none.',
      },
    },
    args: {
      input: t.arg({ type: RecommendInput, description: 'Whom to recommend to.' }),
      ...recommendationArguments,
    },
    resolve: (_root, { input, ...args }, context) =>
      recommendationPage(basketList(input, context.recommender.model), args, context),
  }),
)
