import { type CustomerKey, customerIdOf } from '../engine/customer-key.ts'
import { UnknownCustomerError } from '../engine/errors.ts'
import type { HistoryEntry } from '../engine/history-entry.ts'
import type { CustomerFeature } from '../model/customer-features.ts'
import { shopId, pageArguments } from './arguments.ts'
import { builder } from './builder.ts'
import { InvalidInputError } from './errors.ts'
import type { EventStore } from '../store/event-store.ts'
import { MAX_DEPTH, type PagedList, tableOf, wholeList, connectionOf } from './paging.ts'
import { aboutCustomers, mayReadCustomer, customerKey } from './scopes.ts'
import { Product } from './product.ts'

/** Resolvers hold a customer as its index in the model, or as its id if only the store knows it. */
export const Customer = builder.objectRef<{ readonly index: CustomerKey }>('Customer')

builder.node(Customer, {
  description: 'A customer of this shop.',
  // A second check, in case a path to this type has none.
  authScopes: ({ index }, { caller, recommender }) =>
    mayReadCustomer(caller, customerIdOf(recommender.model, index)) || { read: true },
  id: { resolve: ({ index }, _args, { recommender }) => customerIdOf(recommender.model, index) },
  loadOne: async (externalId, context) => {
    try {
      const index = await customerKey(externalId, context)
      return index === undefined ? null : { index }
    } catch (error) {
      // A returned error belongs to this node; a thrown one would fail every node of the request.
      return error as never
    }
  },
  fields: (t) => ({
    externalId: t.string({
      description: "The shop's own id of the customer.",
      resolve: ({ index }, _args, { recommender }) => customerIdOf(recommender.model, index),
    }),
    segment: t.string({
      nullable: true,
      description:
        'The group of similar customers that this one belongs to. Null without a purchase when the model was trained.',
      resolve: async ({ index }, _args, { loaders }) => (await loaders.profiles.load(index)).segment,
    }),
  }),
})

builder.queryField('customer', (t) =>
  t.field({
    type: Customer,
    description: "One customer, by global id or by the shop's own id: pass exactly one of the two.",
    errors: {
      types: [UnknownCustomerError, InvalidInputError],
      union: { name: 'CustomerResult', description: 'A customer, or why there is none.' },
    },
    args: {
      id: t.arg.id({ required: false, description: "The customer's global id." }),
      externalId: t.arg.string({ required: false, description: "The shop's own id of the customer." }),
    },
    authScopes: aboutCustomers,
    resolve: async (_root, { id, externalId }, context) => {
      const asked = shopId('Customer', 'externalId', id, externalId)
      const index = await customerKey(asked, context)
      if (index === undefined)
        throw new UnknownCustomerError(asked, context.recommender.model.summary.withoutHistories)
      return { index }
    },
  }),
)

builder.queryField('viewer', (t) =>
  t.field({
    type: Customer,
    nullable: true,
    description:
      "The customer of the caller's customer token. Null if the model does not know this customer and no event is " +
      'recorded: use `recommend` and `trending` for new customers. Needs a customer token.',
    authScopes: { customer: true },
    resolve: async (_root, _args, context) => {
      const index = await customerKey(context.caller.customer ?? '', context)
      return index === undefined ? null : { index }
    },
  }),
)

export const CustomerConnection = builder.connectionObject(
  { type: Customer, name: 'CustomerConnection', description: 'A page of the customers.' },
  { name: 'CustomerEdge', description: 'A customer and its place in the list.' },
)

/** The customers of a store whose ids begin with a text. */
export function storedCustomers(
  name: string,
  events: Pick<EventStore, 'customersFrom'>,
  beginning: string,
): PagedList<CustomerKey> {
  return {
    name,
    depth: MAX_DEPTH,
    load: async ({ offset, first }) => {
      const items = await events.customersFrom(beginning, offset + first + 1)
      return { items: items.slice(offset, offset + first), hasMore: items.length > offset + first }
    },
    identify: (id) => ({ id: String(id) }),
  }
}

builder.queryField('customers', (t) =>
  t.field({
    type: CustomerConnection,
    description:
      "All customers that the model knows, in the order of the shop's data. If the model was trained without histories: the " +
      'customers of the store by id, the first 1,000. Needs an API key of scope `admin`.',
    authScopes: { read: true, admin: true },
    args: pageArguments,
    resolve: (_root, args, { recommender: { model, events } }) =>
      connectionOf<CustomerKey, { node: { index: CustomerKey } }>(
        model,
        model.summary.withoutHistories && events
          ? storedCustomers('CustomerConnection', events, '')
          : tableOf('CustomerConnection', model.customers),
        args,
        (index) => ({ node: { index } }),
      ),
  }),
)

/** The features of one customer, or the means of many; null if unknown. */
type Features = Readonly<Record<CustomerFeature, number | null>>

export const CustomerFeatures = builder.objectRef<Features>('CustomerFeatures').implement({
  description:
    'The features that customers are compared and grouped into segments by: of one customer, or the means of ' +
    "many. Each is null if the shop's data does not hold it.",
  fields: (t) => {
    const feature = (name: CustomerFeature, description: string) =>
      t.float({
        nullable: true,
        description: `${description} Null if the shop's data does not hold it.`,
        resolve: (features) => features[name],
      })
    return {
      recencyDays: feature(
        'recencyDays',
        "Days from the customer's latest order to the shop's latest order.",
      ),
      frequency: feature('frequency', 'Number of orders.'),
      monetary: feature('monetary', "Total spent, in the shop's currency."),
      averageOrderValue: feature('averageOrderValue', "Mean amount of an order, in the shop's currency."),
      distinctProducts: feature('distinctProducts', 'Number of different products bought.'),
      reviewScore: feature('reviewScore', "Mean review score of the customer's orders, on the shop's scale."),
      deliveryDelayDays: feature(
        'deliveryDelayDays',
        'Mean days from promised to actual delivery; below 0 if early.',
      ),
    }
  },
})

builder.objectField(Customer, 'features', (t) =>
  t.field({
    type: CustomerFeatures,
    description:
      'Recency, frequency, monetary value and other features, as of the training data: all null for a customer ' +
      'of whom the model knows nothing.',
    resolve: async ({ index }, _args, { loaders }) => (await loaders.profiles.load(index)).features,
  }),
)

export const Purchase = builder.objectRef<HistoryEntry>('Purchase').implement({
  description:
    'A product of a history, with all purchases of it by the customer. In a list for a basket or a product ' +
    'page: the product in the basket, or the one viewed.',
  fields: (t) => ({
    product: t.field({
      type: Product,
      description: 'The product bought, in the basket or viewed.',
      resolve: ({ product }) => ({ index: product }),
    }),
    quantity: t.exposeFloat('quantity', { description: 'Units in total; above 0.' }),
    lastPurchasedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: "When it was last bought. Null if the shop's data does not hold it, and for a basket.",
      resolve: ({ purchasedAt }) => (purchasedAt === null ? null : new Date(purchasedAt)),
    }),
  }),
})

const PurchaseConnection = builder.connectionObject(
  { type: Purchase, name: 'PurchaseConnection', description: "A page of a customer's purchases." },
  { name: 'PurchaseEdge', description: 'A purchase and its place in the history.' },
)

builder.objectField(Customer, 'purchases', (t) =>
  t.field({
    type: PurchaseConnection,
    description: "The customer's purchases, latest first, recorded ones included.",
    args: pageArguments,
    resolve: async ({ index }, args, { recommender }) => {
      const { model } = recommender
      const purchases = await recommender.purchasesOf(index)
      const history = wholeList(`PurchaseConnection ${index}`, purchases, ({ product }) => ({
        id: model.products.at(product),
      }))
      return connectionOf(model, history, args, (purchase) => ({ node: purchase }))
    },
  }),
)
