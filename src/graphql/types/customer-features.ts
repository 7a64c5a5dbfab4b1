import type { CustomerFeature } from '../../model/customer-features.ts'
import { featuresOfCustomer } from '../../model/customer-features.ts'
import { builder } from '../builder.ts'
import { Customer } from './customer.ts'

/** One value a feature, of a customer or the mean of many; null where it is not known. */
type Features = Readonly<Record<CustomerFeature, number | null>>

export const CustomerFeatures = builder.objectRef<Features>('CustomerFeatures').implement({
  description:
    'What customers are compared by and grouped into segments: of one customer, or the means of many. ' +
    'Each is null where the shop does not tell it.',
  fields: (t) => {
    const feature = (name: CustomerFeature, description: string) =>
      t.float({
        nullable: true,
        description: `${description} Null where the shop's data does not tell it.`,
        resolve: (features) => features[name],
      })
    return {
      recencyDays: feature('recencyDays', "Days from the latest order to the shop's latest."),
      frequency: feature('frequency', 'How many orders.'),
      monetary: feature('monetary', "Money spent, in the shop's currency."),
      averageOrderValue: feature('averageOrderValue', "Money spent an order, in the shop's currency."),
      distinctProducts: feature('distinctProducts', 'Different products bought.'),
      reviewScore: feature('reviewScore', 'Mean review score of the orders.'),
      deliveryDelayDays: feature(
        'deliveryDelayDays',
        'Mean days between the promised and the actual delivery, below 0 early.',
      ),
    }
  },
})

builder.objectField(Customer, 'features', (t) =>
  t.field({
    type: CustomerFeatures,
    description: 'Recency, frequency, money and what else the customer is known by, as of the training.',
    resolve: ({ index }, _args, { recommender }) =>
      featuresOfCustomer(recommender.model.customerFeatures, index),
  }),
)
