import { builder } from '../builder.ts'
import { Product } from './product.ts'
import {
  RecommendationConnection,
  recommendationArguments,
  recommendationPage,
} from './recommendation-connection.ts'
import { RecommendationIntent } from './recommendation-intent.ts'

builder.objectField(Product, 'recommendations', (t) =>
  t.field({
    type: RecommendationConnection,
    description:
      'What to show beside this product on its page, itself left out. Where reasons name a purchase, that is this product. ' +
      'Empty where nothing is known to go by. Of what is bought together the 50 most frequent are known, whatever the filter.',
    args: {
      intent: t.arg({ type: RecommendationIntent, defaultValue: 'RELATED', description: 'Which list.' }),
      ...recommendationArguments,
    },
    resolve: ({ index }, { intent, ...args }, context) => {
      const history = [{ product: index, quantity: 1, purchasedAt: null }]
      return recommendationPage({ list: intent, history, lookedAt: true }, args, context)
    },
  }),
)
