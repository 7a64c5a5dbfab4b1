/**
 * What fields cost, in units of about 0.03 ms of one core, as `npm run bench -- costs` measures on Olist's 33,000
 * products (docs/api.md has the figures). A scalar costs 0, an object 1, and an object that only wraps a list
 * (connection, edge, pageInfo) 0. A list has the length of its page; a list without a page argument is counted with its
 * usual length. The table below holds only what differs from this, by `Type.field`, or by `Type` for each object of
 * that type. Tests check that every name is in the schema, that every list has a length, and that every list of
 * recommendations has a cost.
 */
import { MAX_BOOSTS } from '../engine/arrangement.ts'
import { setsTried } from '../engine/decisive-purchases.ts'
import { PRODUCTS_READ } from '../engine/history.ts'
import { LEARNED_SOURCES } from '../model/blend-weights.ts'
import { DEFAULT_KEPT_MODELS } from '../service/model-versions.ts'
import { DEFAULT_EXPORTED, DEFAULT_FIRST, MAX_DEPTH, MAX_EXPORTED, MAX_FIRST } from './paging.ts'
import { PRICES, type Prices } from './prices.ts'

/** Milliseconds of one core per unit. */
export const UNIT = 0.03

/** The arguments of a field, by the names of the schema. */
type Arguments = Readonly<Record<string, unknown>>

/** Facts outside the operation's text that its cost depends on. */
export interface CostInputs {
  /** The number of products that a customer bought, by the shop's own id or the global id; 0 if unknown. */
  readonly bought: (id: string) => number
  /** The position that a cursor holds; 0 for text that is not a cursor. */
  readonly position: (cursor: string) => number
  /** The number of products that the caller bought, if it is a customer; else 0. */
  readonly own: number
}

/** The context of a field. */
export interface Around {
  /** The length of the list around it. */
  readonly page: number
  /** The number of products that its customer bought; at least USUAL, also if it is unknown. */
  readonly bought: number
  /** The products that its customer is expected to have viewed or put into the cart; 0 where it is for nobody. */
  readonly interest: number
  /** The cost of the list around it, from the top to a place. */
  readonly list: (place: number) => number
  /** The client's `ranking` of that list. */
  readonly ranking: Arguments | null
  readonly shop: CostInputs
}

/** Most customers bought at most this many products, and viewed no more of late; what is beyond is charged when it is read. */
export const USUAL = 2

interface FieldCost {
  /** The units of an object; 1 if left out. */
  readonly unit?: number
  /** The units of the field, without the objects it returns; for an object, added to `unit`. */
  readonly cost?: (args: Arguments, around: Around) => number
  /** Units counted once for the whole connection around the field, because its entries share the work. */
  readonly perList?: (around: Around) => number
  /** The number of objects it returns; 1 if left out. */
  readonly size?: (args: Arguments, around: Around) => number
  /** The length of lists below it that have no `first` of their own. */
  readonly page?: (args: Arguments) => number
  /** The number of products bought by the customer of this field and of the fields below it. */
  readonly bought?: (args: Arguments, shop: CostInputs) => number
  /** As of `Around`, for this field and the fields below it. */
  readonly interest?: (args: Arguments) => number
  /** For a list of recommendations: its cost from the top to a place. */
  readonly list?: (args: Arguments, around: Around) => (place: number) => number
}

export type CostTable = Readonly<Record<string, FieldCost>>

/** The page length that `first` or `last` asks for, at most MAX_FIRST: the list itself rejects anything longer. */
export function pageSize({ first, last }: Arguments): number {
  const asked = typeof first === 'number' ? first : typeof last === 'number' ? last : DEFAULT_FIRST
  return Math.min(Math.max(asked, 0), MAX_FIRST)
}

/** The last place that a list is ever computed to. */
const DEEPEST = MAX_DEPTH + 1

/** What a filter adds to the cost of any list. */
export const optionsCost = ({ filter }: Arguments, prices: Prices = PRICES): number =>
  filterCost(filter, prices)

function filterCost(filter: unknown, { scan, condition }: Prices): number {
  return filter == null ? 0 : scan + condition * conditionsOf(filter)
}

/** The number of conditions of a filter, nested filters included. */
function conditionsOf(filter: unknown): number {
  if (Array.isArray(filter)) return filter.reduce((sum: number, part) => sum + conditionsOf(part), 0)
  if (typeof filter !== 'object' || filter === null) return 0
  return Object.entries(filter).reduce((sum, [key, part]) => {
    if (part == null) return sum
    if (key === 'attributes') return sum + lengthOf(part)
    return sum + (key === 'and' || key === 'or' || key === 'not' ? conditionsOf(part) : 1)
  }, 0)
}

/**
 * The number of classes of products that boosts make; each class is ranked by itself. n independent boosts make 2ⁿ
 * classes; n bounds on the same number make n + 1, because they enclose each other. 0 without boosts.
 */
function classesOf(boosts: unknown): number {
  if (!Array.isArray(boosts) || boosts.length === 0) return 0
  const bounds: Record<string, number> = {}
  let others = 0
  for (const boost of boosts.slice(0, MAX_BOOSTS)) {
    const bound = boundOf((boost as Arguments)['filter'])
    if (bound === null) others++
    else bounds[bound] = (bounds[bound] ?? 1) + 1
  }
  return 2 ** others * Object.values(bounds).reduce((product, classes) => product * classes, 1)
}

/** The bound that a filter consists of, such as "price min"; null if the filter is not a single bound of a number. */
function boundOf(filter: unknown): string | null {
  if (typeof filter !== 'object' || filter === null) return null
  const stated = Object.entries(filter).filter(([, part]) => part != null)
  if (stated.length !== 1) return null
  const [[key, part]] = stated
  if (typeof part === 'number') return key
  if (typeof part !== 'object' || Array.isArray(part)) return null
  const [side, ...more] = Object.entries(part as Arguments).filter(([, value]) => value != null)
  return side !== undefined && more.length === 0 && typeof side[1] === 'number' ? `${key} ${side[0]}` : null
}

/** The cost of `maxPerCategory`: as categories fill up, the search goes further down, in the end to the last product. */
function limited(maxPerCategory: number, place: number, isDiverse: boolean, prices: Prices): number {
  // Diversity needs a hundred candidates at each place, and full categories are skipped each time.
  if (isDiverse) return prices.limitedDiverse + prices.limitedDiversePlace * place
  if (place <= 10 * maxPerCategory) return prices.limitedNear
  return place <= 50 * maxPerCategory ? prices.limitedFurther : prices.limitedFar
}

/** The cost of the filters of boosts: each is checked for the whole catalogue, however short the list is. */
function boostFiltersCost(ranking: unknown, prices: Prices): number {
  const { boosts } = (ranking ?? {}) as Arguments
  if (!Array.isArray(boosts)) return 0
  return boosts.reduce((sum: number, boost: Arguments) => sum + filterCost(boost['filter'], prices), 0)
}

/** What a `ranking` adds to the cost of a list down to a place, without the filters of its boosts. */
function arrangedCost(ranking: unknown, place: number, prices: Prices): number {
  if (ranking == null) return 0
  const { boosts, diversity, maxPerCategory, explorationRate } = ranking as Arguments
  const classes = classesOf(boosts)
  const isDiverse = Number(diversity ?? 0) > 0
  return (
    prices.arranged +
    classes * (prices.boostClass + prices.boostClassPlace * place) +
    // At each place a hundred candidates are compared with all products above.
    (isDiverse ? prices.diversePlace * place + prices.diverseSquare * place ** 2 : 0) +
    (maxPerCategory == null ? 0 : limited(Math.max(1, Number(maxPerCategory)), place, isDiverse, prices)) +
    // A class with few categories is full soon: then all of it is ranked and merged.
    (maxPerCategory == null ? 0 : prices.limitedClass * classes) +
    // Products are drawn from all eligible ones.
    (Number(explorationRate ?? 0) === 0 ? 0 : prices.drawn + prices.drawnPlace * place)
  )
}

const lengthOf = (list: unknown) => (Array.isArray(list) ? list.length : 0)

const askedCustomers = ({ customerIds, externalIds }: Arguments) =>
  lengthOf(customerIds) + lengthOf(externalIds)

const textsOf = (...lists: unknown[]): string[] =>
  lists.flat().filter((text): text is string => typeof text === 'string')

/** The most products that any of the named customers bought. */
const boughtBy =
  (...names: readonly string[]) =>
  (args: Arguments, shop: CostInputs) =>
    Math.max(USUAL, ...textsOf(...names.map((name) => args[name])).map((id) => shop.bought(id)))

const always = (cost: number) => () => cost

/** The most events that an export asks for; a number that is not allowed is an error. */
const exportedEvents = (input: Arguments | undefined) =>
  Math.min(MAX_EXPORTED, Math.max(0, Number(input?.['first'] ?? DEFAULT_EXPORTED)))

const statedPurchases = (input: unknown) => {
  const { history, basket } = (input ?? {}) as Arguments
  return lengthOf(history) + lengthOf(basket)
}

/** The page of an input; empty if it names none. */
const pageOfInput = (input: unknown) => (((input ?? {}) as Arguments)['page'] ?? {}) as Arguments

/** 1 for an input of a product's page, else 0. */
const viewedNow = (input: unknown) => Number(pageOfInput(input)['product'] != null)

/** The number of products that the customer of an input bought; 0 if it names none. */
function boughtByInput(input: unknown, shop: CostInputs): number {
  const { customer } = (input ?? {}) as Arguments
  return typeof customer === 'string' ? shop.bought(customer) : 0
}

/** The place that a list must be computed to for a page. */
function placeOf({ first, last, after, before }: Arguments, { shop }: Around): number {
  const [from = ''] = textsOf(after, before)
  const position = Math.min(shop.position(from), DEEPEST)
  if (last != null) return before == null ? DEEPEST : position
  return position + pageSize({ first })
}

interface ListPrices {
  readonly perPlace: number
  /** What the last page adds: the whole list is computed. */
  readonly lastPage: number
  /** The cost of an arrangement, as a part of its cost for a list of the whole catalogue. Default: 1. */
  readonly arranged?: number
  /** Whether the list is computed again for each class of products that boosts make. */
  readonly isMadeByClass?: boolean
}

/** The costs of a list of recommendations. @param own  its cost in order of score, without its places */
function listed(
  own: (args: Arguments, around: Around) => number,
  { perPlace, lastPage, arranged = 1, isMadeByClass = false }: ListPrices,
  prices: Prices,
): Required<Pick<FieldCost, 'cost' | 'list'>> {
  const timesMade = (ranking: unknown) =>
    isMadeByClass ? Math.max(1, classesOf((ranking as Arguments | null | undefined)?.['boosts'])) : 1
  const list =
    (args: Arguments, around: Around) =>
    (place: number): number =>
      own(args, around) * timesMade(args['ranking']) +
      perPlace * place +
      boostFiltersCost(args['ranking'], prices) +
      arranged * arrangedCost(args['ranking'], place, prices)
  return {
    list,
    cost: (args, around) =>
      list(args, around)(placeOf(args, around)) +
      (args['last'] != null && args['before'] == null ? lastPage : 0),
  }
}

/** Lists that are not for a customer. */
const forNobody: Pick<FieldCost, 'bought' | 'interest'> = { bought: always(USUAL), interest: always(0) }

const readOf = ({ bought }: Around) => Math.min(bought, PRODUCTS_READ)

/**
 * The most reasons there usually are: three for each product of the history that is read, four of the product itself, and
 * one for each that was viewed or put into the cart.
 */
const mostReasons = (around: Around) => 3 * readOf(around) + 4 + around.interest

const REASONS = [
  'BoughtBeforeReason',
  'BoughtTogetherReason',
  'PopularInCategoryReason',
  'PopularReason',
  'PopularWithSellerReason',
  'ResemblanceReason',
  'SameOrderReason',
  'TasteReason',
  'ViewedReason',
  'InCartReason',
]

/** The number of places that a what-if searches first. */
const NEAR = 100

/** The most places that `decisivePurchases` looks at. */
const DECISIVE_PLACES = 10

/** The costs of lists of recommendations, by what is known about the customer. */
function listsOf(prices: Prices) {
  const allSources = { perPlace: prices.place, lastPage: prices.lastPage }
  const oneSource = { perPlace: prices.rankedPlace, lastPage: prices.lastRanked }
  /** What a stored history adds. */
  const stored = ({ bought }: Around) =>
    bought <= USUAL ? 0 : prices.read * Math.min(bought, PRODUCTS_READ) + prices.leftOut * bought
  const forMany = listed((_args, around) => prices.listOfMany + stored(around), allSources, prices)
  const forInput = listed(
    (args, around) => {
      const at = (args['input'] as Arguments | null | undefined)?.['at']
      const history =
        args['input'] == null
          ? stored(around)
          : stored({ ...around, bought: boughtByInput(args['input'], around.shop) }) +
            prices.stated * (statedPurchases(args['input']) + viewedNow(args['input']))
      // The category of a page is a filter.
      const filter = pageOfInput(args['input'])['category'] == null ? 0 : prices.scan + prices.condition
      return prices.list + history + filter + (at == null ? 0 : prices.moment)
    },
    allSources,
    prices,
  )
  return {
    forYou: listed((_args, around) => prices.list + stored(around), allSources, prices),
    forMany,
    forInput: {
      ...forInput,
      bought: (args: Arguments, shop: CostInputs) =>
        Math.max(
          boughtBy('id', 'externalId')(args, shop),
          boughtByInput(args['input'], shop) + statedPurchases(args['input']),
        ),
      interest: ({ id, externalId, input }: Arguments) => {
        const { customer, visitor } = (input ?? {}) as Arguments
        const isStored = [id, externalId, customer, visitor].some((person) => person != null)
        return (isStored ? USUAL : 0) + viewedNow(input)
      },
    },
    /** A list in the order of one source. */
    ranked: (cost: number | ((args: Arguments) => number)) =>
      listed((args) => (typeof cost === 'number' ? cost : cost(args)), oneSource, prices),
    /**
     * A list in the order of one source, for a customer: few products have a score.
     * @param isMadeByClass  whether most of the work is repeated for each class of products that boosts make
     */
    rankedForCustomer: (isMadeByClass: boolean) =>
      listed(
        (_args, around) => prices.rankedForCustomer + prices.rankedStored * stored(around),
        { ...oneSource, arranged: prices.arrangedForCustomer, isMadeByClass },
        prices,
      ),
  }
}

/**
 * The cost of every field that does not have the default cost.
 * @param explanation  the cost of writing an explanation, without that of its reasons
 * @param prices  left out: those of prices.ts
 */
export function costTable(explanation: number, prices: Prices = PRICES): CostTable {
  const { forYou, forMany, forInput, ranked, rankedForCustomer } = listsOf(prices)
  /** The cost of computing the reasons of one recommendation, without that of the reason objects. */
  const reasonsCost = (around: Around) => prices.reasons + prices.reasonsRead * readOf(around)
  return {
    'Query.node': { bought: boughtBy('id') },
    'Query.nodes': { size: ({ ids }) => lengthOf(ids), bought: boughtBy('ids') },
    'Query.customer': { bought: boughtBy('id', 'externalId') },
    'Query.viewer': { bought: (_args, { own }) => Math.max(USUAL, own) },

    // Lists of recommendations.
    'Customer.recommendations': forYou,
    'Query.recommend': forInput,
    'Query.recommendations': {
      ...forMany,
      cost: (args, around) => askedCustomers(args) * (forMany.cost(args, around) + optionsCost(args, prices)),
      size: askedCustomers,
      bought: boughtBy('customerIds', 'externalIds'),
    },
    'CustomerRecommendations.recommendations': {},
    'RecommendationConnection.notes': { size: always(1) },
    'Subscription.explanationStream': { ...forInput, size: pageSize },
    'Subscription.recommendationsChanged': { bought: boughtBy('customer') },
    'Customer.alsoBought': rankedForCustomer(true),
    'Customer.buyAgain': rankedForCustomer(false),
    'Category.popular': { ...ranked(prices.trending), ...forNobody },
    'Product.recommendations': { ...ranked(prices.related), ...forNobody },
    'Query.trending': {
      ...ranked(({ at }) => prices.trending + (at == null ? 0 : prices.rankedMoment)),
      ...forNobody,
    },

    // Reasons and other fields of a recommendation.
    'Recommendation.reasons': {
      cost: (_args, around) => reasonsCost(around),
      size: ({ first }, around) =>
        Math.min(typeof first === 'number' ? Math.max(0, first) : Infinity, mostReasons(around)),
    },
    'ResemblanceReason.sharedAttributes': { size: always(3) },
    'PopularInCategoryReason.purchases': { size: always(3) },
    'PopularWithSellerReason.purchases': { size: always(3) },
    Explanation: {
      cost: (_args, around) =>
        prices.explanation + explanation + reasonsCost(around) + prices.wordsRead * readOf(around),
    },
    'Explanation.evidence': { size: always(3) },
    'Explanation.sentences': { size: always(3) },
    // A list for another history. If the product is not near the top, a deep list, or its place is counted.
    'Recommendation.whatIf': {
      cost: (_args, { list }) =>
        prices.whatIf + prices.whatIfNear * list(NEAR) + prices.whatIfDeep * list(DEEPEST),
    },
    // One list for each subset of the purchases that is tried; searched together they cost less than one by one.
    'Recommendation.decisivePurchases': {
      perList: ({ bought, list, ranking }) => {
        const sets = Math.min(2 ** Math.min(bought, 30), setsTried(bought, ranking ?? {}))
        return prices.decisive + prices.decisiveSet * sets * list(DECISIVE_PLACES)
      },
    },
    'DecisivePurchases.purchases': { size: always(2) },

    // A reason is written in a few µs, but a list may have a thousand.
    ...Object.fromEntries(REASONS.map((name) => [name, { unit: prices.reason }])),

    // Objects of a few fields that need no work.
    Recommendation: { unit: prices.recommendation },
    Product: { unit: prices.product },
    ScoreBreakdown: { unit: prices.scores },

    // Other lists.
    'Product.similar': { cost: ranked(prices.related).cost },
    // Many products have equal factors; to order them the search goes further down the list.
    'Product.neighbours': {
      cost: ranked(({ by }) =>
        by === 'FACTORS'
          ? prices.neighboursByFactors
          : by === 'CO_PURCHASE'
            ? prices.neighboursByCustomers
            : prices.neighbours,
      ).cost,
    },
    'Query.searchProducts': { cost: ranked(prices.searchProducts).cost },
    'Query.searchCustomers': { cost: ranked(prices.searchCustomers).cost },
    'Query.productAttributes': { size: always(10) },
    'Query.segments': { size: always(5) },
    // As many as are kept by default, and the one that serves.
    'Query.models': { size: always(DEFAULT_KEPT_MODELS + 1) },
    'ModelInfo.segments': { size: always(5) },
    'ModelInfo.sourceWeights': { size: always(LEARNED_SOURCES.length) },
    'HeldOutComparison.systems': { size: always(LEARNED_SOURCES.length + 1) },
    'ModelInfo.evaluations': { size: always(6) },
    'Evaluation.trials': { size: always(5) },
    'Evaluation.measures': { size: always(4) },
    'MeasuredSystem.measures': { size: always(4) },

    // Introspection: about as many as the schema has, and more where they are nested.
    '__Schema.types': { size: always(110) },
    '__Schema.directives': { size: always(5) },
    '__Directive.args': { size: always(1) },
    '__Type.fields': { size: always(8) },
    '__Type.inputFields': { size: always(4) },
    '__Type.enumValues': { size: always(4) },
    '__Type.possibleTypes': { size: always(4) },
    '__Type.interfaces': { size: always(1) },
    // Tools ask for nine levels; most types have one.
    '__Type.ofType': { size: always(0.5) },
    '__Field.args': { size: always(2) },

    'Mutation.setProductAvailability': {
      cost: ({ input }) => 10 + lengthOf((input as Arguments | undefined)?.['products']),
      page: ({ input }) => lengthOf((input as Arguments | undefined)?.['products']),
    },
    'SetProductAvailabilityPayload.products': { size: (_args, { page }) => page },
    'Mutation.recordEvents': {
      cost: ({ input }) =>
        prices.recorded + prices.event * lengthOf((input as Arguments | undefined)?.['events']),
    },
    'Mutation.upsertProducts': {
      cost: ({ input }) =>
        prices.recorded + prices.event * lengthOf((input as Arguments | undefined)?.['products']),
    },
    'Mutation.removeProducts': {
      cost: ({ input }) =>
        prices.recorded + prices.event * lengthOf((input as Arguments | undefined)?.['skus']),
    },
    'Product.attributes': { size: always(10) },
    'Mutation.identify': { cost: always(prices.recorded) },
    'Mutation.eraseCustomer': { cost: always(prices.recorded) },
    'Mutation.exportCustomer': {
      cost: always(prices.recorded),
      page: ({ input }) => exportedEvents(input as Arguments | undefined),
    },
    'ExportCustomerPayload.events': { size: (_args, { page }) => page },
    RecordedEvent: { unit: prices.event },
  }
}

/** Units of one explanation. A template costs almost nothing; a language model takes a place in a queue, and money. */
export const EXPLANATION_COST = { TEMPLATE: 0, LLM: 100, LLM_UNVERIFIED: 100 } as const

/**
 * Units of one object of introspection: 3 µs, mostly for writing it. Such objects add to the cost, but do not count as
 * objects.
 */
export const INTROSPECTION_COST = 1 / 32
