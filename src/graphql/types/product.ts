import { UnknownProductError } from '../../engine/errors.ts'
import { productFacts } from '../../explanations/evidence.ts'
import { shopId } from '../arguments.ts'
import { builder } from '../builder.ts'
import { InvalidInputError } from '../errors.ts'
import { FEW_DESCRIPTION, shownCount } from '../small-counts.ts'

/** A product stands in resolvers as its index in the model. */
export const Product = builder.objectRef<{ readonly index: number }>('Product')

builder.node(Product, {
  description: 'A product of the catalogue, sold or not.',
  id: { resolve: ({ index }, _args, { recommender }) => recommender.model.products.at(index) },
  loadOne: (sku, { recommender }) => {
    const index = recommender.model.products.indexOf(sku)
    return index < 0 ? null : { index }
  },
  fields: (t) => ({
    sku: t.string({
      description: "The shop's own id of the product.",
      resolve: ({ index }, _args, { recommender }) => recommender.model.products.at(index),
    }),
    name: t.string({
      nullable: true,
      description: 'What the shop calls it. Null where the shop gives no name.',
      resolve: ({ index }, _args, { recommender }) => productFacts(recommender.model, index).name,
    }),
    category: t.string({
      nullable: true,
      description: 'Its category. Null where the shop gives none.',
      resolve: ({ index }, _args, { recommender }) => productFacts(recommender.model, index).category,
    }),
    price: t.float({
      nullable: true,
      description: "The mean price paid for one, in the shop's currency. Null where none was sold or priced.",
      // To twelve digits: a mean of 12.9 may come to 12.900000000000027.
      resolve: ({ index }, _args, { recommender }) => rounded(recommender.model.price[index]),
    }),
    popularity: t.float({
      description: `How many units were sold, to all customers together. ${FEW_DESCRIPTION}`,
      resolve: ({ index }, _args, context) =>
        shownCount(context.recommender.model.popularity[index], context),
    }),
  }),
})

builder.queryField('product', (t) =>
  t.field({
    type: Product,
    description: 'One product, by its global id or its SKU: pass exactly one of the two.',
    errors: {
      types: [UnknownProductError, InvalidInputError],
      union: { name: 'ProductResult', description: 'A product, or the reason why there is none.' },
    },
    args: {
      id: t.arg.id({ required: false, description: 'Its global id.' }),
      sku: t.arg.string({ required: false, description: "The shop's own id of it." }),
    },
    resolve: (_root, { id, sku }, { recommender }) => ({
      index: recommender.productIndex(shopId('Product', 'sku', id, sku)),
    }),
  }),
)

function rounded(value: number): number | null {
  return Number.isNaN(value) ? null : Number(value.toPrecision(12))
}
