import { UnknownCustomerError } from '../../engine/errors.ts'
import { builder } from '../builder.ts'
import { badUserInput, InvalidInputError } from '../errors.ts'
import { decodeGlobalId } from '../global-ids.ts'
import { MAX_FIRST } from '../paging.ts'
import { aboutCustomers, reachCustomer } from '../scopes.ts'
import { Customer } from './customer.ts'
import {
  includePurchased,
  RecommendationConnection,
  recommendationArguments,
  recommendationPage,
} from './recommendation-connection.ts'

interface OfOne {
  readonly customer: { readonly index: number }
  readonly recommendations: Awaited<ReturnType<typeof recommendationPage>>
}

const CustomerRecommendations = builder.objectRef<OfOne>('CustomerRecommendations').implement({
  description: 'One customer of many, and what to recommend to them.',
  fields: (t) => ({
    customer: t.expose('customer', { type: Customer, description: 'Who.' }),
    recommendations: t.expose('recommendations', {
      type: RecommendationConnection,
      description: 'A page of what is recommended, best first.',
    }),
  }),
})

builder.queryField('recommendations', (t) =>
  t.field({
    type: [CustomerRecommendations],
    description:
      'What to recommend to many customers, in their order: one search for all of them. Of an unknown customer, ' +
      'and of what is no id of one, there is an error in its place. Pass exactly one of customerIds and externalIds. A cursor is of one customer: to page on, ask for that one alone, ' +
      'or by `Customer.recommendations`.',
    itemErrors: {
      types: [UnknownCustomerError, InvalidInputError],
      union: {
        name: 'CustomerRecommendationsResult',
        description: "A customer's recommendations, or the reason why there are none.",
      },
    },
    args: {
      customerIds: t.arg.idList({
        required: false,
        description: `Global ids of customers, at most ${MAX_FIRST}.`,
      }),
      externalIds: t.arg.stringList({
        required: false,
        description: `The shop's own ids of customers, at most ${MAX_FIRST}.`,
      }),
      ...recommendationArguments,
      ...includePurchased,
    },
    authScopes: aboutCustomers,
    resolve: (_root, { customerIds, externalIds, ...args }, context) => {
      const asked = shopIds(customerIds, externalIds)
      return Promise.all(
        asked.map(async (id): Promise<OfOne | Error> => {
          if (id instanceof InvalidInputError) return id
          const index = reachCustomer(id, context)
          if (index < 0) return new UnknownCustomerError(id)
          const whose = { customer: index, includePurchased: args.includePurchased }
          return { customer: { index }, recommendations: await recommendationPage(whose, args, context) }
        }),
      ) as Promise<OfOne[]>
    },
  }),
)

function shopIds(
  globalIds: readonly string[] | null | undefined,
  ownIds: readonly string[] | null | undefined,
): readonly (string | InvalidInputError)[] {
  if ((globalIds == null) === (ownIds == null)) {
    throw badUserInput('Pass exactly one of "customerIds" and "externalIds".', 'customerIds')
  }
  const name = globalIds == null ? 'externalIds' : 'customerIds'
  const ids = ownIds ?? globalIds!.map(customerIn)
  if (ids.length <= MAX_FIRST) return ids
  throw badUserInput(`"${name}" holds ${ids.length} ids: at most ${MAX_FIRST} are answered.`, name)
}

/** One that is none must not lose the others their answers. */
function customerIn(globalId: string, place: number): string | InvalidInputError {
  try {
    return decodeGlobalId(globalId, ['customerIds', String(place)], 'Customer').id
  } catch (error) {
    if (error instanceof InvalidInputError) return error
    throw error
  }
}
