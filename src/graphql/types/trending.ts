import { builder } from '../builder.ts'
import {
  RecommendationConnection,
  recommendationArguments,
  recommendationPage,
} from './recommendation-connection.ts'

builder.queryField('trending', (t) =>
  t.field({
    type: RecommendationConnection,
    description:
      'What sells lately: by units, each of which counts half for every 30 days before the latest purchase that the ' +
      'model knows, or before another moment. What did not sell in the last 30 days is not in it.',
    args: {
      at: t.arg({
        type: 'DateTime',
        required: false,
        description: 'The moment that the list is for. Left out: the latest purchase that the model knows.',
      }),
      ...recommendationArguments,
    },
    resolve: (_root, { at, ...args }, context) =>
      recommendationPage({ list: 'TRENDING', ...(at && { at: at.getTime() }) }, args, context),
  }),
)
