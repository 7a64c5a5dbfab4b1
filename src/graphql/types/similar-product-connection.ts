import { pageArguments } from '../arguments.ts'
import { builder } from '../builder.ts'
import { type Connection, connectionOf, MAX_DEPTH, pageOf } from '../paging.ts'
import { Product } from './product.ts'

const list = 'SimilarProductConnection'

interface Edge {
  readonly node: { readonly index: number }
  readonly rank: number
  readonly similarity: number
}

const SimilarProductConnection = builder.connectionObject<typeof Product, Connection<Edge>>(
  { type: Product, name: list, description: 'A page of the products similar to one.' },
  {
    name: 'SimilarProductEdge',
    description: 'A similar product, and how similar it is.',
    fields: (t) => ({
      rank: t.exposeInt('rank', {
        description: '1 for the most similar of all, whatever page it stands on.',
      }),
      similarity: t.exposeFloat('similarity', {
        description: "The cosine of the two products' content features, -1 to 1.",
      }),
    }),
  },
)

builder.objectField(Product, 'similar', (t) =>
  t.field({
    type: SimilarProductConnection,
    description:
      'The products most similar to this one by content, itself left out; the first 1,000 can be paged through. ' +
      'Empty where nothing is known of its content.',
    args: pageArguments,
    resolve: async ({ index }, args, { recommender: { model }, loaders }) => {
      const page = pageOf(list, model, args, MAX_DEPTH)
      const { first, offset } = page
      const { items, hasMore } = await loaders.similar.load({ product: index, first, offset })
      return connectionOf(page, hasMore, items, ({ product, rank, similarity }) => ({
        edge: { node: { index: product }, rank, similarity },
        id: model.products.at(product),
        score: similarity,
      }))
    },
  }),
)
