import { UnknownProductError, UnknownCustomerError } from '../engine/errors.ts'
import type { HistoryEntry } from '../engine/recommendation.ts'
import type { ListRequest } from '../engine/what-if.ts'
import type { Model } from '../model/model.ts'
import { askedMoment, MOMENT_DESCRIPTION } from './small-counts.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { badUserInput, InvalidInputError, StaleCursorError } from './errors.ts'
import { decodeGlobalId } from './global-ids.ts'
import { MAX_FIRST } from './paging.ts'
import { aboutCustomers, reachCustomer } from './scopes.ts'
import { Customer } from './customer.ts'
import {
  RecommendationConnection,
  recommendationArguments,
  recommendationPage,
  includePurchasedArgument,
} from './recommendation.ts'

/** Far above what anyone buys, and far below where single precision loses units. */
const MAX_QUANTITY = 1_000_000

const PurchaseInput = builder.inputType('PurchaseInput', {
  description: 'A product in a basket, or in a history to try out.',
  fields: (t) => ({
    sku: t.string({ description: "The shop's own id of the product." }),
    quantity: t.float({ defaultValue: 1, description: `How many units; above 0, at most ${MAX_QUANTITY}.` }),
  }),
})

/** Longer baskets say no more; each product of one is looked up by every source. */
const MAX_HISTORY = 100

const BasketList = builder.enumType('BasketList', {
  description: 'A list that can be made for a basket.',
  values: {
    FOR_YOU: { description: 'By everything that the basket tells.' },
    COMPLEMENTARY: { description: 'Frequently bought together with what is in it.' },
    ALSO_BOUGHT: { description: 'Bought by the customers who bought something that is in it.' },
    RELATED: { description: 'Like what is in it, of which the first ten are asked.' },
  } as const,
})

export const RecommendInput = builder.inputType('RecommendInput', {
  description: 'Somebody who is not known: what they bought or have in the basket, and when it is.',
  fields: (t) => ({
    history: t.field({
      type: [PurchaseInput],
      description:
        'What was bought or is in the basket, in any order; quantities of the same product are added up; at most ' +
        `${MAX_HISTORY}. Empty: answered by popularity where the list is FOR_YOU, else by nothing.`,
    }),
    list: t.field({ type: BasketList, defaultValue: 'FOR_YOU', description: 'Which list.' }),
    at: t.field({
      type: 'DateTime',
      required: false,
      description: `The moment that the list is for. Left out: the latest purchase that the model knows. ${MOMENT_DESCRIPTION}`,
    }),
    includePurchased: t.boolean({
      defaultValue: false,
      description: 'Whether products of the history may be recommended again, of FOR_YOU alone.',
    }),
  }),
})

/**
 * The list that an input asks for.
 * @throws {UnknownProductError} naming every product that the model has not
 * @throws {InvalidInputError} on a quantity that cannot be, and too long a history
 */
export function basketList(
  { history, list, at, includePurchased }: typeof RecommendInput.$inferInput,
  context: Context,
): ListRequest {
  return {
    list,
    history: toHistory(history, context.recommender.model),
    includePurchased,
    ...(at && { at: askedMoment(at, context) }),
  }
}

/** In one order, whatever the client's: a basket's cursors are good for it however it is written. */
function toHistory(purchases: readonly { sku: string; quantity: number }[], model: Model): HistoryEntry[] {
  if (purchases.length > MAX_HISTORY) {
    throw badUserInput(
      `The history holds ${purchases.length} purchases: at most ${MAX_HISTORY} are read.`,
      'input',
      'history',
    )
  }
  const unknown = purchases.map(({ sku }) => sku).filter((sku) => model.products.indexOf(sku) < 0)
  if (unknown.length > 0) throw new UnknownProductError([...new Set(unknown)])
  const quantities = new Map<number, number>()
  for (const [i, { sku, quantity }] of purchases.entries()) {
    if (quantity <= 0 || quantity > MAX_QUANTITY) {
      throw badUserInput(
        `The quantity of "${sku}" is ${quantity}: it must be above 0 and at most ${MAX_QUANTITY}.`,
        'input',
        'history',
        String(i),
        'quantity',
      )
    }
    const product = model.products.indexOf(sku)
    quantities.set(product, quantity + (quantities.get(product) ?? 0))
  }
  return [...quantities]
    .sort(([a], [b]) => a - b)
    .map(([product, quantity]) => ({ product, quantity, purchasedAt: null }))
}

builder.queryField('recommend', (t) =>
  t.field({
    type: RecommendationConnection,
    description:
      'What to recommend to somebody who bought, or has in the basket, just this; the first 1,000 can be paged through.',
    errors: {
      types: [UnknownProductError, InvalidInputError, StaleCursorError],
      union: {
        name: 'RecommendResult',
        description: 'A page of recommendations, or the reason why there is none.',
      },
    },
    args: {
      input: t.arg({ type: RecommendInput, description: 'Whom to recommend to.' }),
      ...recommendationArguments,
    },
    resolve: (_root, { input, ...args }, context) =>
      recommendationPage(basketList(input, context), args, context),
  }),
)

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
      'What to recommend to many customers, in their order, searched together: ten products for each of a hundred, with their ' +
      'scores and three reasons, are within the default limits. Of an unknown customer, ' +
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
      ...includePurchasedArgument,
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
