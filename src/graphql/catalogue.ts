/** The shop's catalogue as it is now: products written and removed, and what a page shows of them. */
import { GraphQLError } from 'graphql'
import { measureOf } from '../model/content-columns.ts'
import type { Model } from '../model/model.ts'
import {
  type CatalogueChange,
  type CatalogueStore,
  InvalidProductsError,
  type ProductAttribute,
} from '../store/catalogue.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { badUserInput, InvalidInputError, storeProblem } from './errors.ts'
import { Product } from './product.ts'
import { statedOf } from './stated-product.ts'

/** The most products that one call may write or remove. */
const MAX_PRODUCTS = 1000

const ProductAttributeValue = builder.objectRef<ProductAttribute>('ProductAttributeValue').implement({
  description: 'Something that the shop says of a product.',
  fields: (t) => ({
    name: t.exposeString('name', { description: "Its name in the shop's data." }),
    value: t.exposeString('value', { description: 'What is said, as text.' }),
  }),
})

builder.objectFields(Product, (t) => ({
  currency: t.string({
    nullable: true,
    description:
      'The currency of `price`, in ISO 4217. Null if `upsertProducts` or imported files stated none.',
    resolve: async ({ index }, _args, context) => (await statedOf(index, context))?.currency ?? null,
  }),
  imageUrl: t.string({
    nullable: true,
    description: 'The address of its picture. Null if `upsertProducts` or imported files stated none.',
    resolve: async ({ index }, _args, context) => (await statedOf(index, context))?.imageUrl ?? null,
  }),
  url: t.string({
    nullable: true,
    description: 'The address of its page. Null if `upsertProducts` or imported files stated none.',
    resolve: async ({ index }, _args, context) => (await statedOf(index, context))?.url ?? null,
  }),
  attributes: t.field({
    type: [ProductAttributeValue],
    nullable: true,
    description:
      "What else the shop says of it, in the shop's order: of the catalogue, else the attributes that the model compares " +
      'products by. Null if nothing is known.',
    resolve: async ({ index }, _args, context) => {
      const stated = (await statedOf(index, context))?.attributes ?? []
      const known = stated.length > 0 ? stated : attributesIn(context.recommender.model, index)
      return known.length > 0 ? [...known] : null
    },
  }),
}))

/** The labels and measures that a model holds of a product, but for its category and price. */
function attributesIn({ contentColumns, category }: Model, index: number): ProductAttribute[] {
  const labels = contentColumns.categorical.flatMap(({ name, labels: all, codes }) =>
    name === category.name || codes[index] < 0 ? [] : [{ name, value: all[codes[index]] }],
  )
  const measures = contentColumns.numeric.flatMap((column) => {
    const measure = measureOf(column, index)
    return column.name === 'price' || measure === null ? [] : [{ name: column.name, value: String(measure) }]
  })
  return [...labels, ...measures]
}

const ProductAttributeInput = builder.inputType('ProductAttributeInput', {
  description: 'Something that the shop says of a product.',
  fields: (t) => ({
    name: t.string({ description: 'Its name; a product has each name once.' }),
    value: t.string({ description: 'What is said, as text; of measures a number such as 0.35.' }),
  }),
})

const ProductInput = builder.inputType('ProductInput', {
  description: 'A new product, or a change of one. Fields left out stay as they are, and null clears one.',
  fields: (t) => ({
    sku: t.string({ description: "The shop's own id of the product." }),
    name: t.string({ required: false, description: 'What it is called.' }),
    category: t.string({ required: false, description: 'Its category.' }),
    seller: t.string({ required: false, description: "The shop's own id of its seller." }),
    price: t.float({ required: false, description: 'The price of one unit, 0 or more.' }),
    currency: t.string({
      required: false,
      description: 'The currency of the price, in ISO 4217, such as EUR.',
    }),
    imageUrl: t.string({
      required: false,
      description: 'The address of its picture: of http or https, or a path.',
    }),
    url: t.string({ required: false, description: 'The address of its page: of http or https, or a path.' }),
    attributes: t.field({
      type: [ProductAttributeInput],
      required: false,
      description: 'What else is said of it. They take the place of all former attributes.',
    }),
  }),
})

const UpsertProductsInput = builder.inputType('UpsertProductsInput', {
  description: 'Products to add or change.',
  fields: (t) => ({
    products: t.field({
      type: [ProductInput],
      description: `At most ${MAX_PRODUCTS}. Changes of the same product are made in their order.`,
    }),
  }),
})

const UpsertProductsPayload = builder.objectRef<CatalogueChange>('UpsertProductsPayload').implement({
  description: 'What became of the products.',
  fields: (t) => ({
    changed: t.exposeInt('changed', { description: 'How many are new, or differ from before.' }),
    revision: t.exposeInt('revision', {
      description: 'The revision of the catalogue, a number that grows with every call that changes it.',
    }),
  }),
})

builder.mutationField('upsertProducts', (t) =>
  t.field({
    type: UpsertProductsPayload,
    description:
      'Adds products to the catalogue, or changes them. When it answers they are on the disk. Either all are written or ' +
      'none. A product that was removed is sold again.',
    errors: {
      types: [InvalidInputError],
      union: {
        name: 'UpsertProductsResult',
        description: 'What became of the products, or why nothing was changed.',
      },
    },
    args: { input: t.arg({ type: UpsertProductsInput, description: 'The products.' }) },
    resolve: (_root, { input: { products } }, context) => {
      expectAtMost(products.length, 'products')
      return changed(context, 'products', (catalogue) =>
        catalogue.upsert(products, { by: context.caller.actor }),
      )
    },
  }),
)

const RemoveProductsInput = builder.inputType('RemoveProductsInput', {
  description: 'Products to remove.',
  fields: (t) => ({
    skus: t.stringList({ description: `The shop's own ids, known or not; at most ${MAX_PRODUCTS}.` }),
  }),
})

const RemoveProductsPayload = builder.objectRef<CatalogueChange>('RemoveProductsPayload').implement({
  description: 'What became of the products.',
  fields: (t) => ({
    changed: t.exposeInt('changed', { description: 'How many were not removed before.' }),
    revision: t.exposeInt('revision', {
      description: 'The revision of the catalogue, a number that grows with every call that changes it.',
    }),
  }),
})

builder.mutationField('removeProducts', (t) =>
  t.field({
    type: RemoveProductsPayload,
    description:
      'Removes products from the catalogue: they are no longer sold. What is known of them is kept, for past purchases. ' +
      'When it answers that is on the disk. Either all are removed or none.',
    errors: {
      types: [InvalidInputError],
      union: {
        name: 'RemoveProductsResult',
        description: 'What became of the products, or why nothing was changed.',
      },
    },
    args: { input: t.arg({ type: RemoveProductsInput, description: 'The products.' }) },
    resolve: (_root, { input: { skus } }, context) => {
      expectAtMost(skus.length, 'skus')
      return changed(context, 'skus', (catalogue) => catalogue.remove(skus, context.caller.actor))
    },
  }),
)

function expectAtMost(count: number, field: string): void {
  if (count <= MAX_PRODUCTS) return
  const problem = `"${field}" holds ${count} products: send at most ${MAX_PRODUCTS} at once.`
  throw badUserInput(problem, 'input', field)
}

/**
 * Changes the catalogue.
 * @param field  the input field that holds the products
 * @throws {InvalidInputError} with the paths of everything that is invalid
 * @throws {GraphQLError} with code NO_STORE without a store, and as `storeProblem`
 */
async function changed(
  { recommender: { catalogue }, models }: Context,
  field: string,
  change: (catalogue: CatalogueStore) => Promise<CatalogueChange>,
): Promise<CatalogueChange> {
  if (catalogue === null) {
    throw new GraphQLError('This server has no store for the catalogue, so nothing can be changed.', {
      extensions: { code: 'NO_STORE' },
    })
  }
  try {
    const done = await change(catalogue)
    // The next request finds the serving state with the change.
    await models?.refresh()
    return done
  } catch (error) {
    if (error instanceof InvalidProductsError) throw invalidProducts(error, field)
    throw storeProblem(error, 'changed')
  }
}

/** Problems that a message describes; `paths` names all. */
const DESCRIBED = 10

function invalidProducts({ problems }: InvalidProductsError, field: string): InvalidInputError {
  const paths = problems.map(({ place, path }) => ['input', field, String(place), ...path])
  const described = problems.slice(0, DESCRIBED).map(({ place, message }) => `Product ${place}: ${message}`)
  const more = problems.length - described.length
  return new InvalidInputError(
    [...described, ...(more > 0 ? [`${more} more are invalid.`] : [])].join(' '),
    paths[0],
    paths,
  )
}
