import { pageArguments } from '../arguments.ts'
import { builder } from '../builder.ts'
import { tableOf } from '../paged-lists.ts'
import { connectionOf } from '../paging.ts'
import { Customer } from './customer.ts'

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
