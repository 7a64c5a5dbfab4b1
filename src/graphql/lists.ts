import { askedMoment, MOMENT_DESCRIPTION } from './small-counts.ts'
import { builder } from './builder.ts'
import { Customer } from './customer.ts'
import { Product } from './product.ts'
import {
  includePurchasedArgument,
  RecommendationConnection,
  recommendationArguments,
  recommendationPage,
} from './recommendation.ts'

const RecommendationIntent = builder.enumType('RecommendationIntent', {
  description: 'What the products of a list are to the product that is looked at.',
  values: {
    RELATED: {
      description:
        'Like it: what might be bought in its place. By the cosine of content features; what is not alike is not listed.',
    },
    COMPLEMENTARY: {
      description: 'Frequently bought together with it. By the number of orders that hold both.',
    },
  } as const,
})

builder.objectFields(Customer, (t) => ({
  recommendations: t.field({
    type: RecommendationConnection,
    description:
      'Recommended for you: by everything that is known of the customer, best first; the first 1,000 can be paged through. Of a long history the latest 500 products are read; ' +
      'what was bought before them is left out and counts for nothing else.',
    args: { ...recommendationArguments, ...includePurchasedArgument },
    resolve: ({ index }, args, context) =>
      recommendationPage({ customer: index, includePurchased: args.includePurchased }, args, context),
  }),
  alsoBought: t.field({
    type: RecommendationConnection,
    description:
      'Customers like you also bought: what was bought by the customers who bought something that this one did, by the ' +
      'cosines of both products by their customers. Of each purchase the 200 nearest are asked, ' +
      'whatever the filter. Empty for a history that nobody shares.',
    args: recommendationArguments,
    resolve: ({ index }, args, context) =>
      recommendationPage({ list: 'ALSO_BOUGHT', customer: index }, args, context),
  }),
  buyAgain: t.field({
    type: RecommendationConnection,
    description:
      'Buy again: what the customer bought before, by how often and how long before the moment that the list is for. Empty for who never bought.',
    args: recommendationArguments,
    resolve: ({ index }, args, context) =>
      recommendationPage({ list: 'BUY_AGAIN', customer: index }, args, context),
  }),
}))

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
        description: `The moment that the list is for. Left out: the latest purchase that the model knows. ${MOMENT_DESCRIPTION}`,
      }),
      ...recommendationArguments,
    },
    resolve: (_root, { at, ...args }, context) =>
      recommendationPage({ list: 'TRENDING', ...(at && { at: askedMoment(at, context) }) }, args, context),
  }),
)
