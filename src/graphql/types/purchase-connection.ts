import { pageArguments } from '../arguments.ts'
import { builder } from '../builder.ts'
import { wholeList } from '../paged-lists.ts'
import { connectionOf } from '../paging.ts'
import { Customer } from './customer.ts'
import { Purchase } from './purchase.ts'

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
