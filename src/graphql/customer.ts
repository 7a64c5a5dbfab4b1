import { UnknownCustomerError } from '../engine/errors.ts'
import type { HistoryEntry } from '../engine/recommendation.ts'
import type { CustomerFeature } from '../model/customer-features.ts'
import { featuresOfCustomer } from '../model/customer-features.ts'
import { shopId, pageArguments } from './arguments.ts'
import { builder } from './builder.ts'
import { InvalidInputError } from './errors.ts'
import { tableOf, wholeList, connectionOf } from './paging.ts'
import { aboutCustomers, mayReach, reachCustomer } from './scopes.ts'
import { Product } from './product.ts'

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

export const CustomerConnection = builder.connectionObject(
  { type: Customer, name: 'CustomerConnection', description: 'A page of the customers.' },
  { name: 'CustomerEdge', description: 'A customer at its place of the list.' },
)

builder.queryField('customers', (t) =>
  t.field({
    type: CustomerConnection,
    description:
      "All customers the model knows, in the order of the shop's data. Takes an API key of scope `admin`.",
    authScopes: { read: true, admin: true },
    args: pageArguments,
    resolve: (_root, args, { recommender: { model } }) =>
      connectionOf(model, tableOf('CustomerConnection', model.customers), args, (index) => ({
        node: { index },
      })),
  }),
)

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

export const Purchase = builder.objectRef<HistoryEntry>('Purchase').implement({
  description:
    'A product that was bought, all purchases of it by the same customer taken together; or that lies in a basket, or is ' +
    'looked at, where a list was asked for by that.',
  fields: (t) => ({
    product: t.field({
      type: Product,
      description: 'What was bought, lies in the basket or is looked at.',
      resolve: ({ product }) => ({ index: product }),
    }),
    quantity: t.exposeFloat('quantity', { description: 'How many units, in all; above 0.' }),
    lastPurchasedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was last bought. Null where the shop does not say, and for an anonymous basket.',
      resolve: ({ purchasedAt }) => (purchasedAt === null ? null : new Date(purchasedAt)),
    }),
  }),
})

const PurchaseConnection = builder.connectionObject(
  { type: Purchase, name: 'PurchaseConnection', description: 'A page of what a customer bought.' },
  { name: 'PurchaseEdge', description: 'A purchase at its place of the history.' },
)

builder.objectField(Customer, 'purchases', (t) =>
  t.field({
    type: PurchaseConnection,
    description: 'What the customer bought, the latest purchase first.',
    args: pageArguments,
    resolve: ({ index }, args, { recommender }) => {
      const { model } = recommender
      const history = wholeList(`PurchaseConnection ${index}`, recommender.history(index), ({ product }) => ({
        id: model.products.at(product),
      }))
      return connectionOf(model, history, args, (purchase) => ({ node: purchase }))
    },
  }),
)
