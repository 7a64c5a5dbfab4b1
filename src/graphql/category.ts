import { UnknownCategoryError } from '../engine/errors.ts'
import type { ItemSide } from '../model/model.ts'
import { pageArguments } from './arguments.ts'
import { builder } from './builder.ts'
import { wholeList, connectionOf } from './paging.ts'
import { FEW_DESCRIPTION, visibleCount } from './small-counts.ts'
import type { ProductFilterShape } from './ranking-input.ts'
import { RecommendationConnection, recommendationArguments, recommendationPage } from './recommendation.ts'

/** A category of the catalogue with its counts. */
interface CategoryFacts {
  readonly name: string
  readonly products: number
  readonly unitsSold: number
}

const Category = builder.objectRef<CategoryFacts>('Category').implement({
  description: 'A category of the catalogue.',
  fields: (t) => ({
    name: t.exposeString('name', { description: "Its name in the shop's data; filters take the same." }),
    productCount: t.exposeInt('products', {
      description: 'The number of its products, hidden ones included.',
    }),
    unitsSold: t.float({
      description: `Units sold of its products, over all time. ${FEW_DESCRIPTION}`,
      resolve: ({ unitsSold }, _args, context) => visibleCount(unitsSold, context),
    }),
    popular: t.field({
      type: RecommendationConnection,
      description:
        'Popular in this category: by the number of orders, over all time. The first 1,000 can be paged through.',
      args: recommendationArguments,
      resolve: ({ name }, { filter, ...args }, context) =>
        recommendationPage({ list: 'POPULAR' }, { ...args, filter: within(name, filter) }, context),
    }),
  }),
})

const CategoryConnection = builder.connectionObject(
  { type: Category, name: 'CategoryConnection', description: 'A page of the categories.' },
  { name: 'CategoryEdge', description: 'A category and its place in the list.' },
)

builder.queryFields((t) => ({
  categories: t.field({
    type: CategoryConnection,
    description: 'The categories that have products, by units sold, most first.',
    args: pageArguments,
    resolve: (_root, args, { recommender: { model } }) => {
      const list = wholeList('CategoryConnection', categoriesOf(model), ({ name, unitsSold }) => ({
        id: name,
        score: unitsSold,
      }))
      return connectionOf(model, list, args, (category) => ({ node: category }))
    },
  }),
  category: t.field({
    type: Category,
    description: 'One category, by its name.',
    errors: {
      types: [UnknownCategoryError],
      union: { name: 'CategoryResult', description: 'A category, or why there is none.' },
    },
    args: { name: t.arg.string({ description: "Its name in the shop's data." }) },
    resolve: (_root, { name }, { recommender: { model } }) => {
      const found = categoriesOf(model).find((category) => category.name === name)
      if (found === undefined) throw new UnknownCategoryError(name)
      return found
    },
  }),
}))

/**
 * Adds the category to a filter. It is not wrapped in an outer filter, so that the client's error paths and nesting
 * depth stay the same.
 */
export function within(name: string, filter: ProductFilterShape | null | undefined): ProductFilterShape {
  const wanted = filter?.categories?.anyOf
  const anyOf = wanted ? wanted.filter((label) => label === name) : [name]
  return { ...filter, categories: { ...filter?.categories, anyOf } }
}

/** Whether a category has products, by its name. */
export function hasCategory(model: ItemSide, name: string): boolean {
  return categoriesOf(model).some((category) => category.name === name)
}

const known = new WeakMap<ItemSide, readonly CategoryFacts[]>()

/** Categories that have products, by units sold, then by name. Counted once for each model. */
function categoriesOf(model: ItemSide): readonly CategoryFacts[] {
  const { category, popularity } = model
  const counted = known.get(model)
  if (counted) return counted
  const products = category.labels.map(() => 0)
  const unitsSold = category.labels.map(() => 0)
  category.codes.forEach((code, product) => {
    if (code < 0) return
    products[code]++
    unitsSold[code] += popularity[product]
  })
  const categories = category.labels
    .map((name, code) => ({ name, products: products[code], unitsSold: unitsSold[code] }))
    .filter((facts) => facts.products > 0)
    .sort((a, b) => b.unitsSold - a.unitsSold || (a.name < b.name ? -1 : 1))
  known.set(model, categories)
  return categories
}
