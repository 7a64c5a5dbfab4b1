import type { Likeness as LikenessName, SimilarProduct } from '../engine/recommendation.ts'
import { pageArguments } from './arguments.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { filterArguments, type ListArguments, listOptions } from './ranking-input.ts'
import { digestOf, type Connection, connectionOf, MAX_DEPTH, type PageArguments } from './paging.ts'
import { Product } from './product.ts'

const Likeness = builder.enumType('Likeness', {
  description: 'What two products are compared by.',
  values: {
    CONTENT: { description: 'Content features: category, price, measures, attributes.' },
    CO_PURCHASE: { description: 'The customers who bought them; those who share none are not compared.' },
    FACTORS: { description: 'The factors that were learnt from who bought what.' },
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
    description: 'A near product, and how near it is.',
    fields: (t) => ({
      rank: t.exposeInt('rank', {
        description: '1 for the nearest of all, whatever page it stands on.',
      }),
      similarity: t.exposeFloat('similarity', {
        description: 'The cosine of what the two products are compared by, -1 to 1.',
      }),
    }),
  },
)

builder.objectFields(Product, (t) => ({
  neighbours: t.field({
    type: SimilarProductConnection,
    description:
      'The products nearest to this one, itself left out, with bare cosines: for looking into the model. What to show ' +
      'beside a product: `recommendations`. What is not alike, of a cosine of 0 or below, is not listed; the first 1,000 can ' +
      'be paged through; empty where nothing is known of it that it could be compared by.',
    args: {
      by: t.arg({ type: Likeness, defaultValue: 'CONTENT', description: 'What to compare by.' }),
      ...pageArguments,
      ...filterArguments,
    },
    resolve: ({ index }, { by, ...args }, context) => neighboursOf(index, by, args, context),
  }),
  similar: t.field({
    type: SimilarProductConnection,
    description: 'The products most similar to this one by content, itself left out.',
    deprecationReason:
      'Use `recommendations(intent: RELATED)`, which filters, arranges and explains; or `neighbours` for bare cosines.',
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
