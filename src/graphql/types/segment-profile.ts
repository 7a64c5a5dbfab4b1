import type { CustomerFeature } from '../../model/customer-features.ts'
import { CUSTOMER_FEATURES } from '../../model/customer-features.ts'
import type { SegmentProfile as Profile } from '../../model/model.ts'
import { builder } from '../builder.ts'
import { CustomerFeatures } from './customer-features.ts'

export const SegmentProfile = builder.objectRef<Profile>('SegmentProfile').implement({
  description: 'A group of like customers.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What the group is called.' }),
    customers: t.exposeInt('customers', { description: 'How many customers belong to it.' }),
    share: t.float({
      description: 'Its part of all customers who belong to any, 0 to 1.',
      resolve: ({ customers }, _args, { recommender: { model } }) =>
        customers / (model.segmentProfiles.reduce((sum, profile) => sum + profile.customers, 0) || 1),
    }),
    profile: t.field({
      type: CustomerFeatures,
      description: 'What its customers are like: the means of their features.',
      resolve: ({ means }) =>
        Object.fromEntries(CUSTOMER_FEATURES.map((feature) => [feature, means[feature] ?? null])) as Record<
          CustomerFeature,
          number | null
        >,
    }),
  }),
})

builder.queryField('segments', (t) =>
  t.field({
    type: [SegmentProfile],
    description:
      'The groups that the customers fall into: given by the shop, or found by k-means over their features. Takes ' +
      'an API key of scope `read`.',
    // Of a group of one the means are that customer's.
    authScopes: { read: true },
    resolve: (_root, _args, { recommender }) => recommender.model.segmentProfiles,
  }),
)
