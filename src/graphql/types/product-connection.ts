import { productsIn } from '../../engine/product-set.ts'
import { pageArguments } from '../arguments.ts'
import { builder } from '../builder.ts'
import { filterArguments, listOptions } from '../list-options.ts'
import { digestOf, tableOf } from '../paged-lists.ts'
import { connectionOf } from '../paging.ts'
import { Product } from './product.ts'

export const ProductConnection = builder.connectionObject(
  { type: Product, name: 'ProductConnection', description: 'A page of the catalogue.' },
  { name: 'ProductEdge', description: 'A product at its place of the list.' },
)

builder.queryField('products', (t) =>
  t.field({
    type: ProductConnection,
    description: "The catalogue, in the order of the shop's data; without what is hidden.",
    args: { ...pageArguments, ...filterArguments },
    resolve: (_root, args, context) => {
      const { recommender } = context
      const { model } = recommender
      const { filter } = listOptions(args, context)
      const eligible = recommender.eligible(filter)
      const name = `ProductConnection ${digestOf(filter)}`
      const list = tableOf(name, model.products, eligible ? productsIn(eligible) : undefined)
      return connectionOf(model, list, args, (index) => ({ node: { index } }))
    },
  }),
)
