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
      'What sold lately, as of the latest purchase that the model knows or of another moment: by units, each of which ' +
      'counts half for every 30 days before it. What did not sell in the 30 days before it is not in it.',
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
