import { allowedMoment, MOMENT_DESCRIPTION } from './small-counts.ts'
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
  description: 'How the products of a list relate to the product of the page.',
  values: {
    RELATED: {
      description:
        'Similar products, which might be bought instead. By the cosine of content features, if it is above 0.',
    },
    COMPLEMENTARY: {
      description: 'Products often bought together with it, by the number of orders that hold both.',
    },
  } as const,
})

builder.objectFields(Customer, (t) => ({
  recommendations: t.field({
    type: RecommendationConnection,
    description:
      'Recommended for you: from all sources, best first. The first 1,000 can be paged through. Only the ' +
      'latest 500 products of a history are read; earlier ones are kept out of the list, but have no other effect.',
    args: { ...recommendationArguments, ...includePurchasedArgument },
    resolve: ({ index }, args, context) =>
      recommendationPage({ customer: index, includePurchased: args.includePurchased }, args, context),
  }),
  alsoBought: t.field({
    type: RecommendationConnection,
    description:
      'Customers like you also bought: products bought by customers who share a purchase with this one, ' +
      'scored by the cosine between the customers of the two products. Each purchase adds its 200 nearest ' +
      'products, whatever the filter. Empty if no other customer shares a purchase.',
    args: recommendationArguments,
    resolve: ({ index }, args, context) =>
      recommendationPage({ list: 'ALSO_BOUGHT', customer: index }, args, context),
  }),
  buyAgain: t.field({
    type: RecommendationConnection,
    description:
      'Buy again: products that the customer bought before, by how often and how recently. Empty without a ' +
      'purchase.',
    args: recommendationArguments,
    resolve: ({ index }, args, context) =>
      recommendationPage({ list: 'BUY_AGAIN', customer: index }, args, context),
  }),
}))

builder.objectField(Product, 'recommendations', (t) =>
  t.field({
    type: RecommendationConnection,
    description:
      "Products to show on this product's page; the product itself is left out. A purchase in a reason is " +
      'this product. Empty if the product has no data to compare by. For COMPLEMENTARY the model keeps the ' +
      '50 most frequent products, whatever the filter.',
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
      'Products that sold recently, at the latest purchase that the model knows or at another moment: by the ' +
      'orders that hold them, each counting half for every 30 days of age. Products without a sale in the last 30 days ' +
      'are left out.',
    args: {
      at: t.arg({
        type: 'DateTime',
        required: false,
        description: `The moment to make the list for. Default: the latest purchase that the model knows. ${MOMENT_DESCRIPTION}`,
      }),
      ...recommendationArguments,
    },
    resolve: (_root, { at, ...args }, context) =>
      recommendationPage({ list: 'TRENDING', ...(at && { at: allowedMoment(at, context) }) }, args, context),
  }),
)
