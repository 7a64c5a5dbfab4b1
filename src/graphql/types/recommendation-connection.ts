import type {
  Recommendation as EngineRecommendation,
  RecommendationRequest,
  Strategy as StrategyName,
} from '../../engine/recommendation.ts'
import type { ListRequest } from '../../engine/what-if.ts'
import { pageArguments } from '../arguments.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { type Connection, connectionOf, MAX_DEPTH, type PageArguments, pageOf } from '../paging.ts'
import { Customer } from './customer.ts'
import { type ListedRecommendation, Recommendation } from './recommendation.ts'
import { Strategy } from './strategy.ts'

const list = 'RecommendationConnection'

interface Page extends Connection<{ node: ListedRecommendation }> {
  readonly strategy: StrategyName
}

/** Also what `Query.recommend` returns. */
export const RecommendationConnection = builder.connectionObject<typeof Recommendation, Page>(
  {
    type: Recommendation,
    name: list,
    description: 'A page of recommendations, best first.',
    fields: (t) => ({
      strategy: t.expose('strategy', { type: Strategy, description: 'How the list was made.' }),
    }),
  },
  { name: 'RecommendationEdge', description: 'A recommendation at its place of the list.' },
)

export const recommendationArguments = builder.args((t) => ({
  ...pageArguments,
  includePurchased: t.boolean({
    defaultValue: false,
    description: 'Whether products that were bought before may be recommended again.',
  }),
}))

/** One page of recommendations for a known customer or for a history. */
export async function recommendationPage(
  whose: Pick<RecommendationRequest, 'customer' | 'history'>,
  args: PageArguments & { readonly includePurchased: boolean },
  { recommender: { model }, loaders }: Context,
): Promise<Page> {
  const page = pageOf(list, model, args, MAX_DEPTH)
  const { first, offset } = page
  const request = { ...whose, includePurchased: args.includePurchased }
  const { strategy, items, hasMore } = await loaders.recommendations.load({ ...request, first, offset })
  const connection = connectionOf(page, hasMore, items, (item) => ({
    edge: { node: listed(item, request, strategy) },
    id: model.products.at(item.product),
    score: item.hybrid,
  }))
  return { ...connection, strategy }
}

/** Not spread: that would work out reasons that nobody may have asked for. */
function listed(
  item: EngineRecommendation,
  request: ListRequest,
  strategy: StrategyName,
): ListedRecommendation {
  const { rank, product, hybrid, sources } = item
  return {
    rank,
    product,
    hybrid,
    sources,
    get reasons() {
      return item.reasons
    },
    list: request,
    strategy,
  }
}

builder.objectField(Customer, 'recommendations', (t) =>
  t.field({
    type: RecommendationConnection,
    description: 'What to recommend to the customer, best first; the first 1,000 can be paged through.',
    args: recommendationArguments,
    resolve: ({ index }, args, context) => recommendationPage({ customer: index }, args, context),
  }),
)
