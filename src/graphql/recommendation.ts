import { randomUUID } from 'node:crypto'
import { customerIdOf } from '../engine/customer-key.ts'
import type {
  SourceScore as EngineSourceScore,
  Recommendation as EngineRecommendation,
  Strategy as StrategyName,
  RecommendationList,
  SourceName,
} from '../engine/recommendation.ts'
import type { ListRequest } from '../engine/what-if.ts'
import { pageArguments } from './arguments.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { badUserInput } from './errors.ts'
import { explanationOf, Explanation, Locale } from './explanation.ts'
import { type ListArguments, listArguments, listOptions } from './ranking-input.ts'
import { digestOf, type Connection, connectionOf, MAX_DEPTH, type PageArguments } from './paging.ts'
import { expectMayRead, expectMayReadVisitors } from './scopes.ts'
import { visibleRecommendation } from './small-counts.ts'
import { Product } from './product.ts'
import { Reason } from './reasons.ts'

export const Strategy = builder.enumType('Strategy', {
  description: 'How a list of recommendations was made.',
  values: {
    HYBRID: { description: 'By several sources, blended into one score.' },
    COLLABORATIVE: {
      description: 'By what customers with similar histories bought; no other source had a value.',
    },
    CONTENT: {
      description: 'By similarity to the products bought or viewed; no other source was used or had a value.',
    },
    POPULARITY: {
      description: 'By the number of orders that hold the product; also used if there is no history.',
    },
    SAME_ORDER: {
      description: 'By the number of orders that hold the product and one of the history.',
    },
    CO_PURCHASE: { description: 'By what customers bought who share a purchase with the history.' },
    REPEAT: {
      description: 'By how often and how recently the customer bought the product.',
    },
    TRENDING: { description: 'By recent sales before the moment of the list.' },
  } as const,
})

const Placement = builder.enumType('Placement', {
  description: 'How a product got its place in a list.',
  values: {
    RANKED: { description: 'By its score and, if asked for, by diversity.' },
    PINNED: { description: 'By a pin.' },
    EXPLORED: { description: 'By a random draw among the eligible products.' },
  } as const,
})

/** How the sources of interest count. */
const INTEREST =
  'the sum of their cosines with this one, by customers and by content, each halved for every three days since. In a ' +
  'list that may hold products bought before, the product itself adds 1.'

const SourceScore = builder.objectRef<EngineSourceScore>('SourceScore').implement({
  description: 'The value of one source for a product, and its contribution to the score.',
  fields: (t) => ({
    value: t.exposeFloat('value', {
      nullable: true,
      description:
        "The source's own score, on its own scale. Null, not 0, if it cannot be computed: if nobody bought the " +
        'product, if the product lacks the data that the source needs, or if the history is empty.',
    }),
    weight: t.exposeFloat('weight', {
      description:
        'Its weight in the blend, at least 0; 0 if the value is null. In a learned blend weights need not ' +
        'sum to 1.',
    }),
    contribution: t.exposeFloat('contribution', {
      nullable: true,
      description:
        'What it adds to the hybrid score: the weight times the calibrated value. Null if the value is null.',
    }),
  }),
})

const ScoreBreakdown = builder
  .objectRef<Pick<EngineRecommendation, 'hybrid' | 'sources' | 'arranged'>>('ScoreBreakdown')
  .implement({
    description: 'The score of a recommendation and its parts.',
    fields: (t) => {
      const sourceField = (source: SourceName, description: string) =>
        t.field({
          type: SourceScore,
          nullable: true,
          description: `${description} Null if the list's strategy does not use this source.`,
          resolve: ({ sources }) => sources.find((score) => score.source === source) ?? null,
        })
      return {
        hybrid: t.exposeFloat('hybrid', {
          description:
            'The sum of the contributions of all sources; also the sum of the amounts of all reasons. The list ' +
            'is ranked by it unless the request changes the ranking.',
        }),
        boost: t.float({
          description: 'The product of the multipliers of all boosts that apply; 1 if none does.',
          resolve: ({ arranged }) => arranged.boost,
        }),
        final: t.float({
          description:
            'The score after boosts: hybrid times boost, or hybrid divided by boost if hybrid is below 0.',
          resolve: ({ arranged }) => arranged.final,
        }),
        similarityAbove: t.float({
          nullable: true,
          description:
            'The greatest cosine of its content to a product above it in the list, -1 to 1; diversity ' +
            'keeps it low. Null for the first of a list, and if no diversity was asked for.',
          resolve: ({ arranged }) => arranged.similarityAbove,
        }),
        placement: t.field({
          type: Placement,
          description: 'How it got its place.',
          resolve: ({ arranged }) => arranged.placement,
        }),
        collaborative: sourceField('collaborative', 'By what customers with similar histories bought.'),
        content: sourceField(
          'content',
          'By content similarity to the history; under CONTENT, to the most similar product of the history.',
        ),
        nearest: sourceField(
          'nearest',
          'By similarity to the most similar of the latest products bought in its category: the cosine of ' +
            'features, -1 to 1.',
        ),
        coPurchase: sourceField(
          'coPurchase',
          'By what customers bought who share a purchase with this one: the cosine between the customers ' +
            'of two products, summed over the history.',
        ),
        ease: sourceField(
          'ease',
          'By a linear model of each product by all others (EASE): the sum of the weights that the products of ' +
            'the history have for it, learned from all purchases together.',
        ),
        category: sourceField(
          'category',
          'By sales in the categories of the history: the probability, 0 to 1, of this product if a ' +
            'product of the history is drawn and then a sale in its category.',
        ),
        seller: sourceField(
          'seller',
          'By sales of the sellers of the history: the probability, 0 to 1, of this product if a product ' +
            'of the history is drawn and then a sale of its seller.',
        ),
        popularity: sourceField(
          'popularity',
          'By the orders that hold the product. In a learned blend and under TRENDING an order counts half for ' +
            'every 30 days of age.',
        ),
        sameOrder: sourceField(
          'sameOrder',
          'By the number of orders that hold it and a product of the history, summed over the history.',
        ),
        repeat: sourceField(
          'repeat',
          "By the customer's own orders that hold it: their number, halved for every half-life since the latest. The " +
            'half-life is that of the model, 180 days where it found no better one, and the mean time between those ' +
            'orders.',
        ),
        viewed: sourceField(
          'viewed',
          `By the products viewed in the last 30 days and not bought since: ${INTEREST}`,
        ),
        cart: sourceField(
          'cart',
          `By the products put into the cart in the last 30 days and not bought since: ${INTEREST}`,
        ),
      }
    },
  })

const NoteKind = builder.enumType('NoteKind', {
  description: 'What a list could not use.',
  values: {
    UNKNOWN_PRODUCT: { description: 'A product that the model does not know: the list is made without it.' },
    UNKNOWN_CATEGORY: {
      description: 'A category that has no products: the list is not limited to it.',
    },
    UNKNOWN_CUSTOMER: {
      description:
        'A customer that is neither in the model nor in an event: the list is what a newcomer gets.',
    },
    UNKNOWN_VISITOR: {
      description: 'A visitor without events that count for lists: the list is what a newcomer gets.',
    },
  } as const,
})

/** Something that the client named and the list could not use. */
export interface ListNote {
  readonly kind: typeof NoteKind.$inferType
  readonly message: string
  /** The shop's own id. */
  readonly subject: string
}

const Note = builder.objectRef<ListNote>('Note').implement({
  description: 'Something that the request names and the list could not use.',
  fields: (t) => ({
    kind: t.expose('kind', { type: NoteKind, description: 'What could not be used.' }),
    message: t.exposeString('message', { description: 'The same in a sentence for people.' }),
    subject: t.exposeString('subject', {
      description: "The shop's own id of what could not be used, as in the request.",
    }),
  }),
})

/** A recommendation with its list and the strategy of that list. */
export interface ListedRecommendation extends EngineRecommendation {
  readonly list: ListRequest
  readonly strategy: StrategyName
}

export const Recommendation = builder.objectRef<ListedRecommendation>('Recommendation').implement({
  description: 'A recommended product, with its scores and reasons.',
  fields: (t) => ({
    rank: t.exposeInt('rank', { description: 'Its place in the whole list; 1 is the best.' }),
    product: t.field({
      type: Product,
      description: 'The recommended product.',
      resolve: ({ product }) => ({ index: product }),
    }),
    scores: t.field({
      type: ScoreBreakdown,
      description: 'Its score and the parts of it.',
      resolve: (recommendation) => recommendation,
    }),
    reasons: t.field({
      type: [Reason],
      description:
        'All reasons of the hybrid score: their amounts sum to it. Sorted by absolute amount, largest first; ' +
        'reasons of amount 0 are left out.',
      args: {
        first: t.arg.int({
          required: false,
          description: 'At most this many reasons, at least 0. Default: all.',
        }),
      },
      resolve: (recommendation, { first }, { work }) => {
        if (first != null && first < 0)
          throw badUserInput(`"first" is ${first}: ask for 0 reasons or more.`, 'first')
        // Computed when first read.
        const reasons = work.time(() => recommendation.reasons())
        return first == null ? reasons : reasons.slice(0, first)
      },
    }),
    explanation: t.field({
      type: Explanation,
      nullable: true,
      description:
        'The reasons in words. With a language model this can take seconds: ask for it in a fragment with ' +
        '@defer, and the list does not wait for it. Null only if writing it failed: the errors of the response ' +
        'then say why, and the recommendation is still valid.',
      args: {
        locale: t.arg({ type: Locale, defaultValue: 'en', description: 'The language of the explanation.' }),
      },
      resolve: (recommendation, { locale }, context) => explanationOf(recommendation, locale, context),
    }),
    strategy: t.expose('strategy', {
      type: Strategy,
      description: 'How its list was made.',
    }),
    modelVersion: t.string({
      description: 'The version of the model that recommends it.',
      resolve: (_recommendation, _args, { recommender }) => recommender.model.version,
    }),
  }),
})

interface Page extends Connection<{ node: ListedRecommendation }> {
  readonly strategy: StrategyName
  readonly notes: readonly ListNote[]
  /** Made when it is first asked for. */
  readonly listId: string
}

/** The type of every list of recommendations. */
export const RecommendationConnection = builder.connectionObject<typeof Recommendation, Page>(
  {
    type: Recommendation,
    name: 'RecommendationConnection',
    description: 'A page of recommendations, best first.',
    fields: (t) => ({
      strategy: t.expose('strategy', { type: Strategy, description: 'How the list was made.' }),
      notes: t.field({
        type: [Note],
        description:
          'What the request names and the list could not use, each once. Empty if the list was made of everything.',
        resolve: ({ notes }) => [...notes],
      }),
      listId: t.exposeString('listId', {
        description:
          'An id of this page of this answer, new each time, that cannot be guessed. Name it in the events of its ' +
          'products (`recordEvents`): impressions, clicks and what follows. The server keeps it with those events only.',
      }),
    }),
  },
  { name: 'RecommendationEdge', description: 'A recommendation and its place in the list.' },
)

/** The arguments of every list of recommendations. */
export const recommendationArguments = builder.args(() => ({ ...pageArguments, ...listArguments }))

/** The argument of lists that may hold products bought before. */
export const includePurchasedArgument = builder.args((t) => ({
  includePurchased: t.boolean({
    defaultValue: false,
    description: 'Whether products bought before may be recommended again.',
  }),
}))

/**
 * One page of a list of recommendations.
 * @param notes  what the list could not use
 * @throws {InvalidInputError} if an argument of the list is invalid
 * @throws {StaleCursorError} if the list has changed since the cursor was made
 */
export async function recommendationPage(
  list: ListRequest,
  args: PageArguments & ListArguments,
  context: Context,
  notes: readonly ListNote[] = [],
): Promise<Page> {
  const { recommender, loaders } = context
  const { model } = recommender
  if (list.customer !== undefined) expectMayRead(customerIdOf(model, list.customer), context.caller)
  if (list.visitor !== undefined) expectMayReadVisitors(context.caller)
  const request: ListRequest = { ...list, ...listOptions(args, context) }
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
          items: items.map((item) => visibleRecommendation(item, strategy, context)),
          hasMore,
        })
      },
      identify: ({ product, arranged }) => ({ id: model.products.at(product), score: arranged.final }),
    },
    args,
    (item) => ({ node: { ...item, list: request, strategy: found!.strategy } }),
  )
  let listId: string | undefined
  return {
    ...connection,
    strategy: found!.strategy,
    notes,
    get listId() {
      return (listId ??= randomUUID())
    },
  }
}
