import type { CustomerKey } from '../engine/customer-key.ts'
import { productIndicesOf, UnknownProductError, UnknownCustomerError } from '../engine/errors.ts'
import type { HistoryEntry } from '../engine/history-entry.ts'
import type { ListRequest } from '../engine/what-if.ts'
import type { ItemSide } from '../model/model.ts'
import { allowedMoment, MOMENT_DESCRIPTION } from './small-counts.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { badUserInput, InvalidInputError, StaleCursorError } from './errors.ts'
import { decodeGlobalId } from './global-ids.ts'
import { MAX_FIRST } from './paging.ts'
import { aboutCustomers, customerKey } from './scopes.ts'
import { Customer } from './customer.ts'
import {
  RecommendationConnection,
  recommendationArguments,
  recommendationPage,
  includePurchasedArgument,
} from './recommendation.ts'

/** Units: far above any real purchase, and far below the point where single precision loses units. */
const MAX_QUANTITY = 1_000_000

const PurchaseInput = builder.inputType('PurchaseInput', {
  description: 'A product in a basket or a history.',
  fields: (t) => ({
    sku: t.string({ description: "The shop's own id of the product." }),
    quantity: t.float({ defaultValue: 1, description: `Units; above 0, at most ${MAX_QUANTITY}.` }),
  }),
})

/** The most products of a basket: more add little, and every source looks up each of them. */
const MAX_HISTORY = 100

const BasketList = builder.enumType('BasketList', {
  description: 'A list that can be made for a basket.',
  values: {
    FOR_YOU: { description: 'From all sources.' },
    COMPLEMENTARY: { description: "Products often bought together with the basket's." },
    ALSO_BOUGHT: { description: 'Products bought by customers who bought something in the basket.' },
    RELATED: { description: 'Products similar to the first ten of the basket.' },
  } as const,
})

export const RecommendInput = builder.inputType('RecommendInput', {
  description: 'An unknown customer: their history or basket, and the moment.',
  fields: (t) => ({
    history: t.field({
      type: [PurchaseInput],
      description:
        `The products bought or in the basket, in any order; at most ${MAX_HISTORY}. Quantities of the same ` +
        'product are added up. Without products FOR_YOU is ordered by popularity and the other lists are empty.',
    }),
    list: t.field({ type: BasketList, defaultValue: 'FOR_YOU', description: 'The list to make.' }),
    at: t.field({
      type: 'DateTime',
      required: false,
      description: `The moment to make the list for. Default: the latest purchase that the model knows. ${MOMENT_DESCRIPTION}`,
    }),
    includePurchased: t.boolean({
      defaultValue: false,
      description: 'Whether products of the history may be recommended again; only for FOR_YOU.',
    }),
  }),
})

/**
 * The list that an input asks for.
 * @throws {UnknownProductError} with every SKU that the model does not have
 * @throws {InvalidInputError} if a quantity is out of range, or the history too long
 */
export function basketList(
  { history, list, at, includePurchased }: typeof RecommendInput.$inferInput,
  context: Context,
): ListRequest {
  return {
    list,
    history: toHistory(history, context.recommender.model),
    includePurchased,
    ...(at && { at: allowedMoment(at, context) }),
  }
}

/** Sorts the products, so that cursors of a basket stay valid if the client sends its products in another order. */
function toHistory(purchases: readonly { sku: string; quantity: number }[], model: ItemSide): HistoryEntry[] {
  if (purchases.length > MAX_HISTORY) {
    throw badUserInput(
      `The history holds ${purchases.length} purchases: send at most ${MAX_HISTORY}.`,
      'input',
      'history',
    )
  }
  const skus = purchases.map(({ sku }) => sku)
  const products = productIndicesOf(skus, model.products)
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
    const product = products[i]
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
      'Recommendations for an unknown customer, from a history or basket in the request. The first 1,000 ' +
      'can be paged through.',
    errors: {
      types: [UnknownProductError, InvalidInputError, StaleCursorError],
      union: {
        name: 'RecommendResult',
        description: 'A page of recommendations, or why there is none.',
      },
    },
    args: {
      input: t.arg({ type: RecommendInput, description: 'The history or basket to recommend for.' }),
      ...recommendationArguments,
    },
    resolve: (_root, { input, ...args }, context) =>
      recommendationPage(basketList(input, context), args, context),
  }),
)

interface ListForCustomer {
  readonly customer: { readonly index: CustomerKey }
  readonly recommendations: Awaited<ReturnType<typeof recommendationPage>>
}

const CustomerRecommendations = builder.objectRef<ListForCustomer>('CustomerRecommendations').implement({
  description: 'One customer of many, with recommendations.',
  fields: (t) => ({
    customer: t.expose('customer', { type: Customer, description: 'The customer.' }),
    recommendations: t.expose('recommendations', {
      type: RecommendationConnection,
      description: 'A page of recommendations, best first.',
    }),
  }),
})

builder.queryField('recommendations', (t) =>
  t.field({
    type: [CustomerRecommendations],
    description:
      'Recommendations for many customers in one search, in the order of the ids. The default limits allow ' +
      'ten products for each of a hundred customers, with scores and three reasons. An unknown customer or an ' +
      'invalid id gives an error at its index. Pass exactly one of customerIds and externalIds. A cursor ' +
      'belongs to one customer: for the next page ask for that customer alone, or use ' +
      '`Customer.recommendations`.',
    itemErrors: {
      types: [UnknownCustomerError, InvalidInputError],
      union: {
        name: 'CustomerRecommendationsResult',
        description: "A customer's recommendations, or why there are none.",
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
        asked.map(async (id): Promise<ListForCustomer | Error> => {
          if (id instanceof InvalidInputError) return id
          const index = await customerKey(id, context)
          if (index === undefined) return new UnknownCustomerError(id)
          const list = { customer: index, includePurchased: args.includePurchased }
          return { customer: { index }, recommendations: await recommendationPage(list, args, context) }
        }),
      ) as Promise<ListForCustomer[]>
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
  throw badUserInput(`"${name}" holds ${ids.length} ids: send at most ${MAX_FIRST}.`, name)
}

/** Returns the error of an invalid id, so that the other customers are answered. */
function customerIn(globalId: string, place: number): string | InvalidInputError {
  try {
    return decodeGlobalId(globalId, ['customerIds', String(place)], 'Customer').id
  } catch (error) {
    if (error instanceof InvalidInputError) return error
    throw error
  }
}
