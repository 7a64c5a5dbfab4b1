import { UnknownCustomerError } from '../../engine/errors.ts'
import { shopId } from '../arguments.ts'
import { builder } from '../builder.ts'
import { InvalidInputError } from '../errors.ts'

/** A customer stands in resolvers as its index in the model. */
export const Customer = builder.objectRef<{ readonly index: number }>('Customer')

builder.node(Customer, {
  description: 'Somebody who buys in this shop.',
  id: { resolve: ({ index }, _args, { recommender }) => recommender.model.customers.at(index) },
  loadOne: (externalId, { recommender }) => {
    const index = recommender.model.customers.indexOf(externalId)
    return index < 0 ? null : { index }
  },
  fields: (t) => ({
    externalId: t.string({
      description: "The shop's own id of the customer.",
      resolve: ({ index }, _args, { recommender }) => recommender.model.customers.at(index),
    }),
    segment: t.string({
      nullable: true,
      description: 'The group of like customers it belongs to. Null for those who never bought.',
      resolve: ({ index }, _args, { recommender: { model } }) =>
        model.segments.labels[model.segments.codes[index]] ?? null,
    }),
  }),
})

builder.queryField('customer', (t) =>
  t.field({
    type: Customer,
    description: "One customer, by its global id or the shop's own id: pass exactly one of the two.",
    errors: {
      types: [UnknownCustomerError, InvalidInputError],
      union: { name: 'CustomerResult', description: 'A customer, or the reason why there is none.' },
    },
    args: {
      id: t.arg.id({ required: false, description: 'Its global id.' }),
      externalId: t.arg.string({ required: false, description: "The shop's own id of it." }),
    },
    resolve: (_root, { id, externalId }, { recommender }) => ({
      index: recommender.customerIndex(shopId('Customer', 'externalId', id, externalId)),
    }),
  }),
)
