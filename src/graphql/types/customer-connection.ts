import { pageArguments } from '../arguments.ts'
import { builder } from '../builder.ts'
import { tableConnection } from '../paging.ts'
import { Customer } from './customer.ts'

const list = 'CustomerConnection'

const CustomerConnection = builder.connectionObject(
  { type: Customer, name: list, description: 'A page of the customers.' },
  { name: 'CustomerEdge', description: 'A customer at its place of the list.' },
)

builder.queryField('customers', (t) =>
  t.field({
    type: CustomerConnection,
    description: "All customers the model knows, in the order of the shop's data.",
    args: pageArguments,
    resolve: (_root, args, { recommender: { model } }) => tableConnection(list, model, model.customers, args),
  }),
)
