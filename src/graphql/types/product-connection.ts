import { pageArguments } from '../arguments.ts'
import { builder } from '../builder.ts'
import { tableConnection } from '../paging.ts'
import { Product } from './product.ts'

const list = 'ProductConnection'

const ProductConnection = builder.connectionObject(
  { type: Product, name: list, description: 'A page of the catalogue.' },
  { name: 'ProductEdge', description: 'A product at its place of the catalogue.' },
)

builder.queryField('products', (t) =>
  t.field({
    type: ProductConnection,
    description: "The whole catalogue, in the order of the shop's data.",
    args: pageArguments,
    resolve: (_root, args, { recommender: { model } }) => tableConnection(list, model, model.products, args),
  }),
)
