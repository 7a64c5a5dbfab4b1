import { pageArguments } from '../arguments.ts'
import { builder } from '../builder.ts'
import { connectionOf, pageOf } from '../paging.ts'
import { Customer } from './customer.ts'
import { Purchase } from './purchase.ts'

const list = 'PurchaseConnection'

const PurchaseConnection = builder.connectionObject(
  { type: Purchase, name: list, description: 'A page of what a customer bought.' },
  { name: 'PurchaseEdge', description: 'A purchase at its place of the history.' },
)

builder.objectField(Customer, 'purchases', (t) =>
  t.field({
    type: PurchaseConnection,
    description: 'What the customer bought, the latest purchase first.',
    args: pageArguments,
    resolve: ({ index }, args, { recommender }) => {
      const { model } = recommender
      const page = pageOf(list, model, args)
      const history = recommender.history(index)
      const end = page.offset + page.first
      return connectionOf(page, end < history.length, history.slice(page.offset, end), (purchase) => ({
        edge: { node: purchase },
        id: model.products.at(purchase.product),
      }))
    },
  }),
)
