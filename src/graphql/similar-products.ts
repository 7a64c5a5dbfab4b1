import type { Likeness as LikenessName, SimilarProduct } from '../engine/recommendation.ts'
import { pageArguments } from './arguments.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { filterArguments, type ListArguments, listOptions } from './ranking-input.ts'
import { digestOf, type Connection, connectionOf, MAX_DEPTH, type PageArguments } from './paging.ts'
import { Product } from './product.ts'

const Likeness = builder.enumType('Likeness', {
  description: 'What products are compared by.',
  values: {
    CONTENT: { description: 'By content features: category, price, measures, attributes.' },
    CO_PURCHASE: {
      description: 'By the customers who bought them; products that share no customer are left out.',
    },
    FACTORS: { description: 'By item factors, learned from purchases.' },
  } as const,
})

interface Edge {
  readonly node: { readonly index: number }
  readonly rank: number
  readonly similarity: number
}

const SimilarProductConnection = builder.connectionObject<typeof Product, Connection<Edge>>(
  {
    type: Product,
    name: 'SimilarProductConnection',
    description: 'A page of the products nearest to one.',
  },
  {
    name: 'SimilarProductEdge',
    description: 'A product and its similarity.',
    fields: (t) => ({
      rank: t.exposeInt('rank', {
        description: 'Its place in the whole list; 1 is the nearest.',
      }),
      similarity: t.exposeFloat('similarity', {
        description: 'The cosine of the two products, -1 to 1.',
      }),
    }),
  },
)

builder.objectFields(Product, (t) => ({
  neighbours: t.field({
    type: SimilarProductConnection,
    description:
      'The products nearest to this one, with their cosines, for inspecting the model; the product itself is ' +
      'left out. For a product page use `recommendations`. Only cosines above 0 are listed. The first 1,000 ' +
      'can be paged through. Empty if the product has no data to compare by.',
    args: {
      by: t.arg({ type: Likeness, defaultValue: 'CONTENT', description: 'What to compare products by.' }),
      ...pageArguments,
      ...filterArguments,
    },
    resolve: ({ index }, { by, ...args }, context) => neighboursOf(index, by, args, context),
  }),
  similar: t.field({
    type: SimilarProductConnection,
    description: 'The products most similar to this one by content; the product itself is left out.',
    deprecationReason:
      'Use `recommendations(intent: RELATED)`, which filters, ranks and explains; or `neighbours` for plain cosines.',
    args: pageArguments,
    resolve: ({ index }, args, context) => neighboursOf(index, 'CONTENT', args, context),
  }),
}))

function neighboursOf(
  product: number,
  by: LikenessName,
  args: PageArguments & ListArguments,
  context: Context,
): Promise<Connection<Edge>> {
  const { recommender, loaders } = context
  const { model } = recommender
  const request = { product, by, ...listOptions({ filter: args.filter }, context) }
  return connectionOf<SimilarProduct, Edge>(
    model,
    {
      name: `SimilarProductConnection ${digestOf(request)}`,
      depth: MAX_DEPTH,
      load: (stretch) => loaders.similar.load({ ...request, ...stretch }),
      identify: (near) => ({ id: model.products.at(near.product), score: near.similarity }),
    },
    args,
    (near) => ({ node: { index: near.product }, rank: near.rank, similarity: near.similarity }),
  )
}
