import { UnknownCustomerError } from '../../engine/errors.ts'
import { shopId } from '../arguments.ts'
import { builder } from '../builder.ts'
import { InvalidInputError } from '../errors.ts'
import { aboutCustomers, mayReach, reachCustomer } from '../scopes.ts'

/** A customer stands in resolvers as its index in the model. */
export const Customer = builder.objectRef<{ readonly index: number }>('Customer')

builder.node(Customer, {
  description: 'Somebody who buys in this shop.',
  // Whatever path leads here, and whoever forgets to ask.
  authScopes: ({ index }, { asker, recommender }) =>
    mayReach(asker, recommender.model.customers.at(index)) || { read: true },
  id: { resolve: ({ index }, _args, { recommender }) => recommender.model.customers.at(index) },
  loadOne: (externalId, context) => {
    try {
      const index = reachCustomer(externalId, context)
      return index < 0 ? null : { index }
    } catch (error) {
      // As a value it is the error of this one node; thrown it would be that of all that were asked for.
      return error as never
    }
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
    authScopes: aboutCustomers,
    resolve: (_root, { id, externalId }, context) => {
      const asked = shopId('Customer', 'externalId', id, externalId)
      const index = reachCustomer(asked, context)
      if (index < 0) throw new UnknownCustomerError(asked)
      return { index }
    },
  }),
)

builder.queryField('viewer', (t) =>
  t.field({
    type: Customer,
    nullable: true,
    description:
      "The customer that the caller's customer token names. Null where the model does not know them (yet): they are new, " +
      'and `recommend` and `trending` answer them. Takes a customer token.',
    authScopes: { customer: true },
    resolve: (_root, _args, context) => {
      const index = reachCustomer(context.asker.customer ?? '', context)
      return index < 0 ? null : { index }
    },
  }),
)
