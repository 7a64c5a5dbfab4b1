import { UnknownCustomerError } from '../engine/errors.ts'
import type { ListRequest } from '../engine/what-if.ts'
import type { Explanation as WrittenExplanation, Locale as LocaleTag } from '../explanations/explanation.ts'
import { shopId } from './arguments.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { badUserInput } from './errors.ts'
import type { PageArguments } from './paging.ts'
import type { ListArguments } from './ranking-input.ts'
import { explanationOf, Explanation, Locale } from './explanation.ts'
import { customerKey } from './scopes.ts'
import { readRecommendInput, RecommendInput } from './recommend.ts'
import {
  includePurchasedArgument,
  recommendationArguments,
  recommendationPage,
  type ListedRecommendation,
  Recommendation,
} from './recommendation.ts'

interface Explained {
  readonly recommendation: ListedRecommendation
  readonly explanation: WrittenExplanation
}

const ExplainedRecommendation = builder.objectRef<Explained>('ExplainedRecommendation').implement({
  description: 'A recommendation, sent as soon as its explanation is written.',
  fields: (t) => ({
    recommendation: t.field({
      type: Recommendation,
      description: 'The recommendation.',
      resolve: ({ recommendation }) => recommendation,
    }),
    explanation: t.field({
      type: Explanation,
      description: 'Its explanation, in the language that the stream was opened with.',
      resolve: ({ explanation }) => explanation,
    }),
  }),
})

builder.subscriptionType({
  description: 'Streams of server-sent events.',
  authScopes: { catalog: true },
})

builder.subscriptionField('explanationStream', (t) =>
  t.field({
    type: ExplainedRecommendation,
    description:
      'A page of recommendations for a customer or a basket, each sent when its explanation is written, ' +
      'in the order in which they are finished. For clients without @defer. The stream ends after the last ' +
      'one; if the client disconnects, the rest is cancelled.',
    args: {
      id: t.arg.id({
        required: false,
        description: "The customer's global id. Pass exactly one of id, externalId and input.",
      }),
      externalId: t.arg.string({ required: false, description: "The shop's own id of the customer." }),
      input: t.arg({
        type: RecommendInput,
        required: false,
        description: 'Who the list is for, and where it is shown. What is unknown is left out.',
      }),
      ...recommendationArguments,
      ...includePurchasedArgument,
      locale: t.arg({ type: Locale, defaultValue: 'en', description: 'The language of the explanations.' }),
    },
    subscribe: async (_root, { locale, ...args }, context) => {
      const asked = await listFor(args, context)
      const { edges } = await recommendationPage(asked.list, asked.args, context)
      return explained(
        edges.map(({ node }) => node),
        locale,
        context,
      )
    },
    resolve: (event) => event,
  }),
)

interface StreamTarget extends PageArguments, ListArguments {
  readonly id?: string | null | undefined
  readonly externalId?: string | null | undefined
  readonly input?: typeof RecommendInput.$inferInput | null | undefined
  readonly includePurchased: boolean
}

/** A subscription has no result union: an unknown customer is an error of the response. */
async function listFor(
  target: StreamTarget,
  context: Context,
): Promise<{ readonly list: ListRequest; readonly args: PageArguments & ListArguments }> {
  const { id, externalId, input, includePurchased, ...args } = target
  if (input != null && (id != null || externalId != null)) {
    throw badUserInput('Pass a customer or "input", not both.', 'input')
  }
  try {
    if (input != null) return await readRecommendInput(input, args, context)
    const asked = shopId('Customer', 'externalId', id, externalId)
    const customer = await customerKey(asked, context)
    if (customer === undefined) throw new UnknownCustomerError(asked)
    return { list: { customer, includePurchased }, args }
  } catch (error) {
    if (error instanceof UnknownCustomerError) throw badUserInput(error.message, 'externalId')
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
