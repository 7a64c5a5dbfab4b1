import type {
  SourceScore as EngineSourceScore,
  Source,
  Recommendation as EngineRecommendation,
  Strategy as StrategyName,
  RecommendationList,
} from '../engine/recommendation.ts'
import type { ListRequest } from '../engine/what-if.ts'
import { pageArguments } from './arguments.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { badUserInput } from './errors.ts'
import { explanationOf, Explanation, Locale } from './explanation.ts'
import { type ListArguments, listArguments, listOptions } from './ranking-input.ts'
import { digestOf, type Connection, connectionOf, MAX_DEPTH, type PageArguments } from './paging.ts'
import { expectReach } from './scopes.ts'
import { shownRecommendation } from './small-counts.ts'
import { Product } from './product.ts'
import { Reason } from './reasons.ts'

export const Strategy = builder.enumType('Strategy', {
  description: 'How a list of recommendations was made.',
  values: {
    HYBRID: { description: 'Several sources of evidence were blended into one score.' },
    COLLABORATIVE: {
      description: 'By what customers with similar histories bought; no other source was computable.',
    },
    CONTENT: {
      description:
        'By likeness to what was bought, or is looked at; no other source was asked, or computable.',
    },
    POPULARITY: { description: 'By how much of each product was sold; or there is no history to go by.' },
    SAME_ORDER: {
      description: 'By how often each product was bought in one order with those of the history.',
    },
    CO_PURCHASE: { description: 'By what customers bought who also bought something of the history.' },
    REPEAT: {
      description: 'By what was bought before, how often and how long before the moment asked about.',
    },
    TRENDING: { description: 'By what sold in the time before the moment that the list is for.' },
  } as const,
})

const Placement = builder.enumType('Placement', {
  description: 'How a product came to its place of a list.',
  values: {
    RANKED: { description: 'By its score and, where asked for, by diversity.' },
    PINNED: { description: 'It was pinned there.' },
    EXPLORED: { description: 'It was drawn blindly among the eligible products.' },
  } as const,
})

const SourceScore = builder.objectRef<EngineSourceScore>('SourceScore').implement({
  description: 'What one source of evidence says of a product, and how much that counts.',
  fields: (t) => ({
    value: t.exposeFloat('value', {
      nullable: true,
      description:
        "The source's own score, on its own scale. Null, never 0, where it cannot be computed: for a product that " +
        'nobody bought, a product of which what the source goes by is not known, or an empty history.',
    }),
    weight: t.exposeFloat('weight', {
      description:
        'Its weight in the blend, at least 0; 0 where the value is null. A blend that was learnt states log-odds for ' +
        'each unit of the calibrated value, and its weights need not sum to 1.',
    }),
    contribution: t.exposeFloat('contribution', {
      nullable: true,
      description:
        'What it adds to the hybrid score: the weight times the value, brought to the scale common to all ' +
        'sources. Null where the value is.',
    }),
  }),
})

const ScoreBreakdown = builder
  .objectRef<Pick<EngineRecommendation, 'hybrid' | 'sources' | 'arranged'>>('ScoreBreakdown')
  .implement({
    description: 'The score that a recommendation is ranked by, and its parts.',
    fields: (t) => {
      const sourceField = (source: Source, description: string) =>
        t.field({
          type: SourceScore,
          nullable: true,
          description: `${description} Null where the list's strategy does not ask this source.`,
          resolve: ({ sources }) => sources.find((score) => score.source === source) ?? null,
        })
      return {
        hybrid: t.exposeFloat('hybrid', {
          description:
            'The sum of what the sources contribute, and so of the amounts of all reasons: the score it is ranked by, ' +
            'unless the list was asked for with a ranking of its own.',
        }),
        boost: t.float({
          description: 'The product of the multipliers of all boosts that apply; 1 where none does.',
          resolve: ({ arranged }) => arranged.boost,
        }),
        final: t.float({
          description:
            'The score it is ranked by: hybrid times boost; where hybrid is below 0, divided by it.',
          resolve: ({ arranged }) => arranged.final,
        }),
        similarityAbove: t.float({
          nullable: true,
          description:
            'The greatest cosine of its content to a product above it in the list, -1 to 1: what diversity keeps low. ' +
            'Null for the first of a list, and where no diversity was asked for.',
          resolve: ({ arranged }) => arranged.similarityAbove,
        }),
        placement: t.field({
          type: Placement,
          description: 'How it came to its place.',
          resolve: ({ arranged }) => arranged.placement,
        }),
        collaborative: sourceField('collaborative', 'By what customers with similar histories bought.'),
        content: sourceField(
          'content',
          'By likeness to what was bought; in a list of its own, to the most similar product of the history.',
        ),
        nearest: sourceField(
          'nearest',
          'By likeness to the most similar of the latest products bought in its category: the cosine of features, ' +
            '-1 to 1.',
        ),
        coPurchase: sourceField(
          'coPurchase',
          'By what customers bought who also bought something that this one did: the cosines of both products, by ' +
            'their customers, summed over the history.',
        ),
        category: sourceField(
          'category',
          'By what sold in the categories of what was bought: the chance of drawing this product, 0 to 1, by ' +
            'drawing a product of the history, then a sale in its category.',
        ),
        seller: sourceField(
          'seller',
          'By what the sellers of what was bought sell: the chance of drawing this product, 0 to 1, by drawing a ' +
            'product of the history, then a sale of its seller.',
        ),
        popularity: sourceField(
          'popularity',
          'By how much of it was sold, in units; in a learnt blend and under TRENDING each unit counts half for every 30 ' +
            'days since.',
        ),
        sameOrder: sourceField(
          'sameOrder',
          'By being bought together: how many orders hold it and a product of the history, summed over the history.',
        ),
        repeat: sourceField(
          'repeat',
          'By having been bought before: how many times, halved for every 180 days since the latest.',
        ),
      }
    },
  })

/** A recommendation, the list it stands in, and how that was made. */
export interface ListedRecommendation extends EngineRecommendation {
  readonly list: ListRequest
  readonly strategy: StrategyName
}

export const Recommendation = builder.objectRef<ListedRecommendation>('Recommendation').implement({
  description: 'A product recommended, with all that led to it.',
  fields: (t) => ({
    rank: t.exposeInt('rank', { description: '1 for the best of all, whatever page it stands on.' }),
    product: t.field({
      type: Product,
      description: 'What is recommended.',
      resolve: ({ product }) => ({ index: product }),
    }),
    scores: t.field({
      type: ScoreBreakdown,
      description: 'The score it is ranked by, and its parts.',
      resolve: (recommendation) => recommendation,
    }),
    reasons: t.field({
      type: [Reason],
      description:
        'A complete account of the hybrid score: the amounts of all reasons sum to it. The largest amount comes first, ' +
        'signs dropped; what adds nothing is left out.',
      args: {
        first: t.arg.int({
          required: false,
          description: 'How many of them at most, at least 0; all where it is left out.',
        }),
      },
      resolve: (recommendation, { first }, { work }) => {
        if (first != null && first < 0)
          throw badUserInput(`"first" is ${first}: ask for 0 reasons or more.`, 'first')
        // They are worked out when they are first read.
        const reasons = work.time(() => recommendation.reasons)
        return first == null ? reasons : reasons.slice(0, first)
      },
    }),
    explanation: t.field({
      type: Explanation,
      nullable: true,
      description:
        'The reasons in words. Where a language model is asked this can take seconds: ask for it in a fragment ' +
        'with @defer, and the list does not wait. Null only where they could not be written, which the errors of the ' +
        'response then say: the recommendation stands without them.',
      args: { locale: t.arg({ type: Locale, defaultValue: 'en', description: 'The language to write in.' }) },
      resolve: (recommendation, { locale }, context) => explanationOf(recommendation, locale, context),
    }),
    strategy: t.expose('strategy', {
      type: Strategy,
      description: 'How the list was made that it stands in.',
    }),
    modelVersion: t.string({
      description: 'The model that recommends it.',
      resolve: (_recommendation, _args, { recommender }) => recommender.model.version,
    }),
  }),
})

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
export const includePurchasedArgument = builder.args((t) => ({
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
