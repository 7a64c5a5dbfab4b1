import { builder } from '../builder.ts'
import { Customer } from './customer.ts'
import {
  includePurchased,
  RecommendationConnection,
  recommendationArguments,
  recommendationPage,
} from './recommendation-connection.ts'

builder.objectFields(Customer, (t) => ({
  recommendations: t.field({
    type: RecommendationConnection,
    description:
      'Recommended for you: by everything that is known of the customer, best first; the first 1,000 can be paged through.',
    args: { ...recommendationArguments, ...includePurchased },
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
