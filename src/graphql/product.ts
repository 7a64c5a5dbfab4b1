import { UnknownProductError } from '../engine/errors.ts'
import { productsIn } from '../engine/product-set.ts'
import { productFacts } from '../explanations/evidence.ts'
import { measureOf } from '../model/content-columns.ts'
import type { ContentColumns, MeasureColumn } from '../model/model.ts'
import { shopId, pageArguments } from './arguments.ts'
import { builder } from './builder.ts'
import { InvalidInputError } from './errors.ts'
import { filterArguments, listOptions } from './ranking-input.ts'
import { digestOf, tableOf, connectionOf } from './paging.ts'
import { statedOf } from './stated-product.ts'
import { FEW_DESCRIPTION, visibleCount } from './small-counts.ts'

/** Resolvers hold a product as its index in the model. */
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
      description:
        'Its name: of the catalogue, else of the data that the model was trained on. Null if neither has one.',
      resolve: async ({ index }, _args, context) =>
        (await statedOf(index, context))?.name ?? productFacts(context.recommender.model, index).name,
    }),
    category: t.string({
      nullable: true,
      description:
        'Its category: of the catalogue, else of the data that the model was trained on. Null if neither has one.',
      resolve: async ({ index }, _args, context) =>
        (await statedOf(index, context))?.category ?? productFacts(context.recommender.model, index).category,
    }),
    price: t.float({
      nullable: true,
      description:
        'The price of one unit: of the catalogue, in `currency`, else the mean price paid. Null if the catalogue has none, ' +
        'and none was sold or no price is known.',
      // To twelve digits: a mean of 12.9 may be computed as 12.900000000000027.
      resolve: async ({ index }, _args, context) =>
        (await statedOf(index, context))?.price ?? rounded(context.recommender.model.price[index]),
    }),
    popularity: t.float({
      description: `Units sold to all customers, over all time. ${FEW_DESCRIPTION}`,
      resolve: ({ index }, _args, context) =>
        visibleCount(context.recommender.model.popularity[index], context),
    }),
  }),
})

builder.queryField('product', (t) =>
  t.field({
    type: Product,
    description: 'One product, by global id or by SKU: pass exactly one of the two.',
    errors: {
      types: [UnknownProductError, InvalidInputError],
      union: { name: 'ProductResult', description: 'A product, or why there is none.' },
    },
    args: {
      id: t.arg.id({ required: false, description: "The product's global id." }),
      sku: t.arg.string({ required: false, description: "The shop's own id of the product." }),
    },
    resolve: (_root, { id, sku }, { recommender }) => ({
      index: recommender.productIndex(shopId('Product', 'sku', id, sku)),
    }),
  }),
)

function rounded(value: number): number | null {
  return Number.isNaN(value) ? null : Number(value.toPrecision(12))
}

export const ProductConnection = builder.connectionObject(
  { type: Product, name: 'ProductConnection', description: 'A page of the catalogue.' },
  { name: 'ProductEdge', description: 'A product and its place in the list.' },
)

builder.queryField('products', (t) =>
  t.field({
    type: ProductConnection,
    description: "The catalogue without hidden products, in the order of the shop's data.",
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

interface Attribute {
  readonly name: string
  readonly labels: readonly string[] | null
  readonly range: { readonly min: number; readonly max: number } | null
}

const NumberRange = builder.objectRef<{ min: number; max: number }>('NumberRange').implement({
  description: 'A range of numbers, both ends included.',
  fields: (t) => ({
    min: t.exposeFloat('min', { description: 'The smallest.' }),
    max: t.exposeFloat('max', { description: 'The greatest.' }),
  }),
})

const ProductAttribute = builder.objectRef<Attribute>('ProductAttribute').implement({
  description: "An attribute in the shop's data that products can be filtered by.",
  fields: (t) => ({
    name: t.exposeString('name', { description: "Its name in the shop's data." }),
    labels: t.field({
      type: ['String'],
      nullable: true,
      description: 'Its labels, the first 1,000. Null for a numeric attribute.',
      resolve: ({ labels }) => labels?.slice(0, 1000) ?? null,
    }),
    range: t.expose('range', {
      type: NumberRange,
      nullable: true,
      description: 'The range of its values. Null for an attribute of labels, and if no value is known.',
    }),
  }),
})

builder.queryField('productAttributes', (t) =>
  t.field({
    type: [ProductAttribute],
    description: 'The attributes that `ProductFilter.attributes` can name.',
    resolve: (_root, _args, { recommender }) => [...attributesOf(recommender.model.contentColumns)],
  }),
)

const known = new WeakMap<ContentColumns, readonly Attribute[]>()

/** Computed once for each model, because it reads every product. */
function attributesOf(columns: ContentColumns): readonly Attribute[] {
  const attributes = known.get(columns) ?? [
    ...columns.categorical.map(({ name, labels }) => ({ name, labels, range: null })),
    ...columns.numeric.map((column) => ({ name: column.name, labels: null, range: rangeOf(column) })),
  ]
  known.set(columns, attributes)
  return attributes
}

function rangeOf(column: MeasureColumn): Attribute['range'] {
  let range: Attribute['range'] = null
  column.values.forEach((_, product) => {
    const value = measureOf(column, product)
    if (value === null) return
    range = { min: Math.min(range?.min ?? value, value), max: Math.max(range?.max ?? value, value) }
  })
  return range
}
