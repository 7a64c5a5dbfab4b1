import { UnknownCustomerError } from '../../engine/errors.ts'
import type {
  Explanation as WrittenExplanation,
  Locale as LocaleTag,
} from '../../explanations/explanation.ts'
import { shopId } from '../arguments.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { badUserInput } from '../errors.ts'
import { explanationOf } from '../explain.ts'
import { Explanation } from './explanation.ts'
import { Locale } from './locale.ts'
import { type ListedRecommendation, Recommendation } from './recommendation.ts'
import { recommendationArguments, recommendationPage } from './recommendation-connection.ts'

interface Explained {
  readonly recommendation: ListedRecommendation
  readonly explanation: WrittenExplanation
}

const ExplainedRecommendation = builder.objectRef<Explained>('ExplainedRecommendation').implement({
  description: 'A recommendation, sent as soon as it has been put into words.',
  fields: (t) => ({
    recommendation: t.field({
      type: Recommendation,
      description: 'The recommendation.',
      resolve: ({ recommendation }) => recommendation,
    }),
    explanation: t.field({
      type: Explanation,
      description: 'Its reasons in words, in the language that the stream was asked for.',
      resolve: ({ explanation }) => explanation,
    }),
  }),
})

builder.subscriptionType({ description: 'What can be followed as it happens, as server-sent events.' })

builder.subscriptionField('explanationStream', (t) =>
  t.field({
    type: ExplainedRecommendation,
    description:
      "A page of a customer's recommendations, each sent when its explanation is written, whichever comes first: for " +
      'clients without @defer. It ends after the last of the page; a client that leaves cancels what is being written.',
    args: {
      id: t.arg.id({ required: false, description: "The customer's global id; or pass externalId." }),
      externalId: t.arg.string({ required: false, description: "The shop's own id of the customer." }),
      ...recommendationArguments,
      locale: t.arg({ type: Locale, defaultValue: 'en', description: 'The language to write in.' }),
    },
    subscribe: async (_root, { id, externalId, locale, ...args }, context) => {
      const customer = customerIndex(shopId('Customer', 'externalId', id, externalId), context)
      const { edges } = await recommendationPage({ customer }, args, context)
      return explained(
        edges.map(({ node }) => node),
        locale,
        context,
      )
    },
    resolve: (event) => event,
  }),
)

/** A subscription has no result union: who is unknown is an error. */
function customerIndex(externalId: string, { recommender }: Context): number {
  try {
    return recommender.customerIndex(externalId)
  } catch (error) {
    if (error instanceof UnknownCustomerError) throw badUserInput(error.message)
    throw error
  }
}

async function* explained(
  recommendations: readonly ListedRecommendation[],
  locale: LocaleTag,
  context: Context,
): AsyncGenerator<Explained> {
  const writing = new Map(
    recommendations.map((recommendation, place) => [
      place,
      explanationOf(recommendation, locale, context).then((explanation) => ({
        place,
        event: { recommendation, explanation },
      })),
    ]),
  )
  while (writing.size > 0) {
    const { place, event } = await Promise.race(writing.values())
    if (context.signal?.aborted) return
    writing.delete(place)
    yield event
  }
}
