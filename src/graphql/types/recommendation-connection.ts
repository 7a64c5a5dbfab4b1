import type {
  Recommendation as EngineRecommendation,
  RecommendationList,
  Strategy as StrategyName,
} from '../../engine/recommendation.ts'
import type { ListRequest } from '../../engine/what-if.ts'
import { pageArguments } from '../arguments.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { type ListArguments, listArguments, listOptions } from '../list-options.ts'
import { digestOf } from '../paged-lists.ts'
import { expectReach } from '../scopes.ts'
import { shownRecommendation } from '../small-counts.ts'
import { type Connection, connectionOf, MAX_DEPTH, type PageArguments } from '../paging.ts'
import { type ListedRecommendation, Recommendation } from './recommendation.ts'
import { Strategy } from './strategy.ts'

interface Page extends Connection<{ node: ListedRecommendation }> {
  readonly strategy: StrategyName
}

/** What every list of recommendations returns. */
export const RecommendationConnection = builder.connectionObject<typeof Recommendation, Page>(
  {
    type: Recommendation,
    name: 'RecommendationConnection',
    description: 'A page of recommendations, best first.',
    fields: (t) => ({
      strategy: t.expose('strategy', { type: Strategy, description: 'How the list was made.' }),
    }),
  },
  { name: 'RecommendationEdge', description: 'A recommendation at its place of the list.' },
)

/** The arguments of every list of recommendations. */
export const recommendationArguments = builder.args(() => ({ ...pageArguments, ...listArguments }))

/** Of lists that may hold what was bought. */
export const includePurchased = builder.args((t) => ({
  includePurchased: t.boolean({
    defaultValue: false,
    description: 'Whether products that were bought before may be recommended again.',
  }),
}))

/**
 * One page of a list of recommendations.
 * @throws {InvalidInputError} when what is asked of the list cannot be
 * @throws {StaleCursorError} when the list has changed since a cursor was made
 */
export async function recommendationPage(
  whose: ListRequest,
  args: PageArguments & ListArguments,
  context: Context,
): Promise<Page> {
  const { recommender, loaders } = context
  const { model } = recommender
  if (whose.customer !== undefined) expectReach(model.customers.at(whose.customer), context.asker)
  const request: ListRequest = { ...whose, ...listOptions(args, context) }
  let found: RecommendationList | undefined
  let digest: string | undefined
  const connection = await connectionOf<EngineRecommendation, { node: ListedRecommendation }>(
    model,
    {
      get name() {
        return `RecommendationConnection ${(digest ??= digestOf(request))}`
      },
      depth: MAX_DEPTH,
      load: async (stretch) => {
        const { strategy, items, hasMore } = await loaders.recommendations.load({ ...request, ...stretch })
        return (found = {
          strategy,
          items: items.map((item) => shownRecommendation(item, strategy, context)),
          hasMore,
        })
      },
      identify: ({ product, arranged }) => ({ id: model.products.at(product), score: arranged.final }),
    },
    args,
    (item) => ({ node: listed(item, request, found!.strategy) }),
  )
  return { ...connection, strategy: found!.strategy }
}

/** Not spread: that would work out reasons that nobody may have asked for. */
function listed(
  item: EngineRecommendation,
  request: ListRequest,
  strategy: StrategyName,
): ListedRecommendation {
  const { rank, product, hybrid, sources, arranged } = item
  return {
    rank,
    product,
    hybrid,
    sources,
    arranged,
    get reasons() {
      return item.reasons
    },
    list: request,
    strategy,
  }
}
