import type { IdTable } from '../data/ids.ts'
import type { CustomerKey } from '../engine/customer-key.ts'
import { UnknownProductError, UnknownCustomerError } from '../engine/errors.ts'
import type { HistoryEntry } from '../engine/history-entry.ts'
import type { ListRequest } from '../engine/what-if.ts'
import { allowedMoment, MOMENT_DESCRIPTION } from './small-counts.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { badUserInput, InvalidInputError, StaleCursorError } from './errors.ts'
import { decodeGlobalId } from './global-ids.ts'
import { MAX_FIRST } from './paging.ts'
import { aboutCustomers, customerKey, expectMayReadVisitors } from './scopes.ts'
import { hasCategory, within } from './category.ts'
import { Customer } from './customer.ts'
import type { ListArguments } from './ranking-input.ts'
import {
  type ListNote,
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

const PRODUCTS_DESCRIPTION =
  `At most ${MAX_HISTORY} products; quantities of the same product are added up. Unknown ones are left out, and ` +
  'named in `notes`.'

const PageInput = builder.inputType('PageInput', {
  description: 'The page that somebody looks at now.',
  fields: (t) => ({
    product: t.string({
      required: false,
      description:
        'The SKU of the product that the page is about. It counts as viewed now, with a `ViewedReason`, in a list of ' +
        'kind FOR_YOU, and no list holds it. It is not recorded: that is what `recordEvents` is for.',
    }),
    category: t.string({
      required: false,
      description:
        'The category that the page is about: the list holds its products only, as with the filter ' +
        '`categories: { anyOf: [category] }`.',
    }),
  }),
})

const BasketList = builder.enumType('BasketList', {
  description: 'A list that can be made for a history or a basket.',
  values: {
    FOR_YOU: { description: 'From all sources.' },
    COMPLEMENTARY: { description: "Products often bought together with the basket's." },
    ALSO_BOUGHT: { description: 'Products bought by customers who bought something in the basket.' },
    RELATED: { description: 'Products similar to the first ten of the basket.' },
  } as const,
})

export const RecommendInput = builder.inputType('RecommendInput', {
  description:
    'Who a list is for, and where and when it is shown. It is for a customer, a visitor, or somebody with a history who is ' +
    'not named; without any of these, for a newcomer. Basket and page count for each of them.',
  fields: (t) => ({
    customer: t.string({
      required: false,
      description:
        "The shop's own id of a customer, known or not. Needs scope `read`, or that customer's own token.",
    }),
    visitor: t.string({
      required: false,
      description:
        'A visitor, as in `recordEvents`: the list is made of the events of this visitor. Needs scope `read`. A ' +
        'visitor who was identified has none: name the customer.',
    }),
    basket: t.field({
      type: [PurchaseInput],
      defaultValue: [],
      description:
        'What is in the basket now, in any order; it counts as what was chosen last. ' + PRODUCTS_DESCRIPTION,
    }),
    page: t.field({
      type: PageInput,
      required: false,
      description:
        'The page that the list is shown on. An unknown product or category is left out, and named in `notes`.',
    }),
    history: t.field({
      type: [PurchaseInput],
      defaultValue: [],
      description:
        'The products that somebody bought who is neither a customer nor a visitor, in any order; not together with ' +
        `\`customer\` or \`visitor\`. ${PRODUCTS_DESCRIPTION}`,
    }),
    list: t.field({
      type: BasketList,
      defaultValue: 'FOR_YOU',
      description:
        'The list to make. Without anything known, FOR_YOU is ordered by popularity and the others are empty.',
    }),
    at: t.field({
      type: 'DateTime',
      required: false,
      description:
        'The moment to make the list for. Default: the latest purchase that the model knows; for a customer or ' +
        `visitor who has bought since, now, by the hour. ${MOMENT_DESCRIPTION}`,
    }),
    includePurchased: t.boolean({
      defaultValue: false,
      description:
        'Whether products of the history and the basket may be recommended again; only for FOR_YOU.',
    }),
  }),
})

type RecommendInputShape = typeof RecommendInput.$inferInput

/** A list that an input asks for. */
interface AskedList<Args extends ListArguments> {
  readonly list: ListRequest
  /** The arguments of the list, limited to the category of the page. */
  readonly args: Args
  /** What the input names that is unknown: it is left out. */
  readonly notes: readonly ListNote[]
}

/**
 * Reads an input, and the arguments beside it.
 * @throws {InvalidInputError} if a quantity is out of range, a list of products too long, or several people are named
 * @throws {GraphQLError} with code FORBIDDEN if the caller may not read the customer or the visitor
 */
export async function readRecommendInput<Args extends ListArguments>(
  input: RecommendInputShape,
  args: Args,
  context: Context,
): Promise<AskedList<Args>> {
  const { history, basket, page, list, at, includePurchased } = input
  const { model } = context.recommender
  checkPurchases(history, 'history')
  checkPurchases(basket, 'basket')
  const { named, notes } = await personOf(input, context)
  const entries = toEntries([...history, ...basket], model.products)
  const viewing = page?.product == null ? -1 : model.products.indexOf(page.product)
  const category = page?.category != null && hasCategory(model, page.category) ? page.category : null
  return {
    list: {
      list,
      ...(named === null
        ? { history: entries }
        : { ...named, ...(entries.length > 0 && { basket: entries }) }),
      ...(viewing >= 0 && { viewing }),
      includePurchased,
      ...(at && { at: allowedMoment(at, context) }),
    },
    args: category === null ? args : { ...args, filter: within(category, args.filter) },
    notes: [
      ...notes,
      ...unknownProducts(input, model.products),
      ...(page?.category != null && category === null
        ? [unknown('UNKNOWN_CATEGORY', 'category', page.category)]
        : []),
    ],
  }
}

/** Whose stored history a list is made of; null: nobody's. */
async function personOf(
  { customer, visitor, history }: RecommendInputShape,
  context: Context,
): Promise<{ readonly named: Pick<ListRequest, 'customer' | 'visitor'> | null; readonly notes: ListNote[] }> {
  if (Number(customer != null) + Number(visitor != null) + Number(history.length > 0) > 1) {
    throw badUserInput(
      'Pass at most one of "customer", "visitor" and "history"; what is in the basket goes into "basket".',
      'input',
    )
  }
  if (customer != null) {
    const key = await customerKey(customer, context)
    if (key !== undefined) return { named: { customer: key }, notes: [] }
    return { named: null, notes: [unknown('UNKNOWN_CUSTOMER', 'customer', customer)] }
  }
  if (visitor != null) {
    expectMayReadVisitors(context.caller)
    if (await context.loaders.hasVisited.load(visitor)) return { named: { visitor }, notes: [] }
    return { named: null, notes: [unknown('UNKNOWN_VISITOR', 'visitor', visitor)] }
  }
  return { named: null, notes: [] }
}

/** What a list is that could not use what a note names. */
const OUTCOMES: Readonly<Record<ListNote['kind'], string>> = {
  UNKNOWN_PRODUCT: 'made without it',
  UNKNOWN_CATEGORY: 'not limited to it',
  UNKNOWN_CUSTOMER: 'what a newcomer gets',
  UNKNOWN_VISITOR: 'what a newcomer gets',
}

function unknown(kind: ListNote['kind'], what: string, subject: string): ListNote {
  return { kind, message: `Unknown ${what} "${subject}": the list is ${OUTCOMES[kind]}.`, subject }
}

/** Each unknown product once, in the order of history, basket and page. */
function unknownProducts({ history, basket, page }: RecommendInputShape, products: IdTable): ListNote[] {
  const named = [
    ...[...history, ...basket].map(({ sku }) => sku),
    ...(page?.product == null ? [] : [page.product]),
  ]
  const skus = new Set(named.filter((sku) => products.indexOf(sku) < 0))
  return [...skus].map((sku) => unknown('UNKNOWN_PRODUCT', 'product', sku))
}

type PurchaseShape = typeof PurchaseInput.$inferInput

/** @throws {InvalidInputError} if there are too many, or a quantity is out of range */
function checkPurchases(purchases: readonly PurchaseShape[], field: 'history' | 'basket'): void {
  if (purchases.length > MAX_HISTORY) {
    throw badUserInput(
      `The ${field} holds ${purchases.length} purchases: send at most ${MAX_HISTORY}.`,
      'input',
      field,
    )
  }
  for (const [i, { sku, quantity }] of purchases.entries()) {
    if (quantity > 0 && quantity <= MAX_QUANTITY) continue
    throw badUserInput(
      `The quantity of "${sku}" is ${quantity}: it must be above 0 and at most ${MAX_QUANTITY}.`,
      'input',
      field,
      String(i),
      'quantity',
    )
  }
}

/** Sorts the products, so that cursors of a basket stay valid if the client sends its products in another order. */
function toEntries(purchases: readonly PurchaseShape[], products: IdTable): HistoryEntry[] {
  const quantities = new Map<number, number>()
  for (const { sku, quantity } of purchases) {
    const product = products.indexOf(sku)
    if (product >= 0) quantities.set(product, quantity + (quantities.get(product) ?? 0))
  }
  return [...quantities]
    .sort(([a], [b]) => a - b)
    .map(([product, quantity]) => ({ product, quantity, purchasedAt: null }))
}

builder.queryField('recommend', (t) =>
  t.field({
    type: RecommendationConnection,
    description:
      'Recommendations for a customer, a visitor, or a history or basket in the request. What is unknown is left out, ' +
      'and named in `notes`. The first 1,000 can be paged through.',
    errors: {
      types: [UnknownProductError, InvalidInputError, StaleCursorError],
      union: {
        name: 'RecommendResult',
        description:
          'A page of recommendations, or why there is none. UnknownProductError is no longer returned: unknown ' +
          'products are in `notes`.',
      },
    },
    args: {
      input: t.arg({ type: RecommendInput, description: 'Who the list is for, and where it is shown.' }),
      ...recommendationArguments,
    },
    resolve: async (_root, { input, ...given }, context) => {
      const { list, args, notes } = await readRecommendInput(input, given, context)
      return recommendationPage(list, args, context, notes)
    },
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
