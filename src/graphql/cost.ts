/**
 * What fields cost, in units of about 0.03 ms of one core, as `npm run bench -- costs` measures on Olist's 33,000
 * products (docs/api.md has the figures). Scalars cost nothing, an object 1, what only wraps a list (connections,
 * edges, pageInfo) nothing. Lists are as long as the page asked for, and those that no argument bounds as long as is
 * usual. Only what is otherwise stands here, by `Type.field`, or by `Type` for each object of it; tests check that
 * every name is one of the schema's, that every list has a length, and that every list of recommendations has a cost.
 */
import { MAX_BOOSTS } from '../engine/arrangement.ts'
import { setsTried } from '../engine/decisive-purchases.ts'
import { PRODUCTS_READ } from '../engine/history.ts'
import { DEFAULT_FIRST, MAX_DEPTH, MAX_FIRST } from './paging.ts'

/** What a unit stands for, in ms of one core. */
export const UNIT = 0.03

/** The arguments of a field, by the names of the schema. */
type Arguments = Readonly<Record<string, unknown>>

/** Look-ups that the cost of an operation depends on. */
export interface PricedShop {
  /** How many products a customer bought, by the shop's own id or the global id; 0 if unknown. */
  readonly bought: (id: string) => number
  /** The position that a cursor holds; 0 for text that is not a cursor. */
  readonly position: (cursor: string) => number
  /** How many products the caller bought, if it is a customer; else 0. */
  readonly own: number
}

/** The context of a field. */
export interface Around {
  /** The length of the list around it. */
  readonly page: number
  /** How many products its customer bought; at least USUAL, also if that is not known. */
  readonly bought: number
  /** The cost of the list around it, down to a place. */
  readonly list: (place: number) => number
  /** The client's `ranking` of that list. */
  readonly ranking: Arguments | null
  readonly shop: PricedShop
}

/** Most customers bought at most this many products. */
export const USUAL = 2

interface FieldCost {
  /** The units of an object; 1 if left out. */
  readonly unit?: number
  /** Units of the field in addition to those of the objects it returns; for an object, in addition to `unit`. */
  readonly cost?: (args: Arguments, around: Around) => number
  /** Units once for the whole connection that the field stands in, whose entries share the work. */
  readonly perList?: (around: Around) => number
  /** How many objects it returns; 1 if left out. */
  readonly size?: (args: Arguments, around: Around) => number
  /** How long the lists below it are that have no `first` of their own. */
  readonly page?: (args: Arguments) => number
  /** How many products the customer of the field, and of the fields below it, bought. */
  readonly bought?: (args: Arguments, shop: PricedShop) => number
  /** For a list of recommendations: its cost down to a place. */
  readonly list?: (args: Arguments, around: Around) => (place: number) => number
}

export type CostTable = Readonly<Record<string, FieldCost>>

/** The page that `first` or `last` asks for: more than the longest is refused where the list is made. */
export function pageSize({ first, last }: Arguments): number {
  const asked = typeof first === 'number' ? first : typeof last === 'number' ? last : DEFAULT_FIRST
  return Math.min(Math.max(asked, 0), MAX_FIRST)
}

/** One list made of all sources, found in the whole catalogue; and one of many that are searched together. */
const LIST_COST = 25
const LIST_OF_MANY_COST = 10

/** What each of its places adds: the list is ranked so far. */
const PLACE_COST = 0.07

/** What each purchase of a history that the client states adds to its list. */
const PURCHASE_COST = 1

/** What each product of a stored history adds that is read, and each that is only left out. */
const READ_COST = 0.5
const LEFT_OUT_COST = 0.02

/** What each product that is read adds to the reasons of one recommendation, and to putting them into words. */
const REASONS_COST = 0.1
const WORDS_COST = 0.1

/** How deep lists can be paged through, and what a list's last page adds: all of it is made. */
const DEEPEST = MAX_DEPTH + 1
const LAST_PAGE_COST = 150
const LAST_RANKED_COST = 25

/** What a list for another moment adds: sales are counted up to then; and ranked, where they are the list. */
const MOMENT_COST = 100
const RANKED_MOMENT_COST = 400

/** Looking at all products once, and asking one condition of them. */
const SCAN_COST = 25
const CONDITION_COST = 10

/** What a filter adds to the cost of any list. */
export function optionsCost({ filter }: Arguments): number {
  return filterCost(filter)
}

function filterCost(filter: unknown): number {
  return filter == null ? 0 : SCAN_COST + CONDITION_COST * conditionsOf(filter)
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

/** One of the classes of products that a boosted list is made of: each is ranked by itself, down to the last place. */
const CLASS_COST = 18
const CLASS_PLACE_COST = 0.17

/** What a `ranking` adds to the cost of a list. */
const ARRANGED_COST = 25

/**
 * What a place costs that is filled by diversity: of what is left a hundred are compared with all that stands above.
 */
const diverse = (place: number) => 1.2 * place + 0.0023 * place ** 2

/** Where one category after the other is full, the list is looked for further and further down, to the last product. */
function limited(maxPerCategory: number, place: number, isDiverse: boolean): number {
  // For each place a hundred have to be left, and what is full is passed over again.
  if (isDiverse) return 1000 + 15 * place
  if (place <= 10 * maxPerCategory) return 60
  return place <= 50 * maxPerCategory ? 250 : 1500
}

/** Classes that hold few categories are full soon: then all of each is ranked, and put in one order. */
const MERGED_COST = 3000

/** What products drawn by chance add: they are drawn from all that are eligible. */
const drawn = (place: number) => 100 + 0.2 * place

/** A list down to a place, as it is arranged. @param own  what it costs by score alone */
function arrangedCost(ranking: unknown, own: number, place: number): number {
  if (ranking == null) return own
  const { boosts, diversity, maxPerCategory, explorationRate } = ranking as Arguments
  // Boosts make up to 2ⁿ classes of products.
  const classes = lengthOf(boosts) > 0 ? 2 ** Math.min(lengthOf(boosts), MAX_BOOSTS) : 0
  const filters = Array.isArray(boosts)
    ? boosts.map((boost) => filterCost((boost as Arguments)['filter']))
    : []
  return (
    own +
    ARRANGED_COST +
    classes * (CLASS_COST + CLASS_PLACE_COST * place) +
    filters.reduce((sum, cost) => sum + cost, 0) +
    (Number(diversity ?? 0) === 0 ? 0 : diverse(place)) +
    (maxPerCategory == null
      ? 0
      : limited(Math.max(1, Number(maxPerCategory)), place, Number(diversity ?? 0) > 0)) +
    (maxPerCategory == null || classes === 0 ? 0 : MERGED_COST) +
    (Number(explorationRate ?? 0) === 0 ? 0 : drawn(place))
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
  (args: Arguments, shop: PricedShop) =>
    Math.max(USUAL, ...textsOf(...names.map((name) => args[name])).map((id) => shop.bought(id)))

const always = (cost: number) => () => cost

/** What a stored history adds to the cost of a list. */
function storedCost({ bought }: Around): number {
  if (bought <= USUAL) return 0
  return READ_COST * Math.min(bought, PRODUCTS_READ) + LEFT_OUT_COST * bought
}

/** What a stated one adds; 0 where none is stated. */
const statedCost = ({ input }: Arguments) => PURCHASE_COST * statedPurchases(input)

const statedPurchases = (input: unknown) => lengthOf((input as Arguments | null | undefined)?.['history'])

/** The place down to which a list is made for a page. */
function placeOf({ first, last, after, before }: Arguments, { shop }: Around): number {
  const [from = ''] = textsOf(after, before)
  const position = Math.min(shop.position(from), DEEPEST)
  if (last != null) return before == null ? DEEPEST : position
  return position + pageSize({ first })
}

/** A list of recommendations. @param own  what it costs by score alone, but for its places */
function listed(
  own: (args: Arguments, around: Around) => number,
  { perPlace, lastPage }: { readonly perPlace: number; readonly lastPage: number },
): Required<Pick<FieldCost, 'cost' | 'list'>> {
  const list = (args: Arguments, around: Around) => (place: number) =>
    Math.floor(arrangedCost(args['ranking'], own(args, around) + perPlace * place, place))
  return {
    list,
    cost: (args, around) =>
      list(args, around)(placeOf(args, around)) +
      (args['last'] != null && args['before'] == null ? lastPage : 0),
  }
}

const ALL_SOURCES = { perPlace: PLACE_COST, lastPage: LAST_PAGE_COST }
const ONE_SOURCE = { perPlace: 0, lastPage: LAST_RANKED_COST }

/** One list from all sources, for a customer. */
const forYou = listed((_args, around) => LIST_COST + storedCost(around), ALL_SOURCES)

/** One of many such lists, searched together. */
const forMany = listed((_args, around) => LIST_OF_MANY_COST + storedCost(around), ALL_SOURCES)

/** For a customer, or for a history in the request. */
const forInput: FieldCost = {
  ...listed((args, around) => {
    const at = (args['input'] as Arguments | null | undefined)?.['at']
    const history = args['input'] == null ? storedCost(around) : statedCost(args)
    return LIST_COST + history + (at == null ? 0 : MOMENT_COST)
  }, ALL_SOURCES),
  bought: (args, shop) => Math.max(boughtBy('id', 'externalId')(args, shop), statedPurchases(args['input'])),
}

/** A list in the order of one source. */
const ranked = (cost: number | ((args: Arguments) => number)) =>
  listed((args) => (typeof cost === 'number' ? cost : cost(args)), ONE_SOURCE)

/** Such a list for a customer. */
const rankedForCustomer = (cost: number) =>
  listed((_args, around) => cost + storedCost(around) / 4, ONE_SOURCE)

/** Such a list for no particular customer. */
const forNobody: Pick<FieldCost, 'bought'> = { bought: always(USUAL) }

const readOf = ({ bought }: Around) => Math.min(bought, PRODUCTS_READ)

/** The cost of computing the reasons of one recommendation, without that of the reason objects. */
const reasonsCost = (around: Around, each = REASONS_COST) =>
  around.bought <= USUAL ? 0 : Math.floor(each * readOf(around))

/** The most reasons possible: three for each product that is read, and those of the product itself. */
const mostReasons = (around: Around) => 3 * readOf(around) + 4

/** The units of each reason object, and the types of reasons. */
const REASON_COST = 0.1
const REASONS = [
  'BoughtBeforeReason',
  'BoughtTogetherReason',
  'PopularInCategoryReason',
  'PopularReason',
  'PopularWithSellerReason',
  'ResemblanceReason',
  'SameOrderReason',
  'TasteReason',
]

/** The number of places that a what-if searches first. */
const NEAR = 100

/** A list of another history, near and deep. By score alone a place far down is found by counting. */
const WHAT_IF_COST = 60

function whatIfCost({ list }: Around): number {
  const near = list(NEAR)
  return near + Math.max(WHAT_IF_COST, list(DEEPEST) - PLACE_COST * DEEPEST)
}

/** As many lists as the purchases have subsets, at most as many as are tried; together they take half as much. */
function decisiveCost({ bought, list, ranking }: Around): number {
  const sets = Math.min(2 ** Math.min(bought, 30), setsTried(bought, ranking ?? {}))
  return Math.max(100, Math.ceil((sets * list(DECISIVE_PLACES)) / 2))
}

/** The most places of a search for decisive purchases. */
const DECISIVE_PLACES = 10

/** @param explanation  the cost of writing one, without that of its reasons */
export const costTable = (explanation: number): CostTable => ({
  'Query.node': { bought: boughtBy('id') },
  'Query.nodes': { size: ({ ids }) => lengthOf(ids), bought: boughtBy('ids') },
  'Query.customer': { bought: boughtBy('id', 'externalId') },
  'Query.viewer': { bought: (_args, { own }) => Math.max(USUAL, own) },

  // Lists of recommendations.
  'Customer.recommendations': forYou,
  'Query.recommend': forInput,
  'Query.recommendations': {
    ...forMany,
    cost: (args, around) => askedCustomers(args) * (forMany.cost(args, around) + optionsCost(args)),
    size: askedCustomers,
    bought: boughtBy('customerIds', 'externalIds'),
  },
  'CustomerRecommendations.recommendations': {},
  'Subscription.explanationStream': { ...forInput, size: pageSize },
  'Customer.alsoBought': rankedForCustomer(5),
  'Customer.buyAgain': rankedForCustomer(5),
  'Category.popular': { ...ranked(5), ...forNobody },
  'Product.recommendations': { ...ranked(10), ...forNobody },
  'Query.trending': { ...ranked(({ at }) => 5 + (at == null ? 0 : RANKED_MOMENT_COST)), ...forNobody },

  // Reasons, and what else is asked of a recommendation.
  'Recommendation.reasons': {
    cost: (_args, around) => 1 + reasonsCost(around),
    size: ({ first }, around) =>
      Math.min(typeof first === 'number' ? Math.max(0, first) : Infinity, mostReasons(around)),
  },
  'ResemblanceReason.sharedAttributes': { size: always(3) },
  'PopularInCategoryReason.purchases': { size: always(3) },
  'PopularWithSellerReason.purchases': { size: always(3) },
  Explanation: {
    cost: (_args, around) => 2 + explanation + reasonsCost(around, REASONS_COST + WORDS_COST),
  },
  'Explanation.evidence': { size: always(3) },
  'Explanation.sentences': { size: always(3) },
  // Each asks for one or two lists of another history, of which one may be as long as the catalogue.
  'Recommendation.whatIf': { cost: (_args, around) => whatIfCost(around) },
  'Recommendation.decisivePurchases': { perList: decisiveCost },
  'DecisivePurchases.purchases': { size: always(2) },

  // Written down in a few µs, and a list may have a thousand of them.
  ...Object.fromEntries(REASONS.map((name) => [name, { unit: REASON_COST }])),

  // A few fields, which are at hand.
  Product: { unit: 0.25 },
  ScoreBreakdown: { unit: 0.25 },

  // Other lists.
  'Product.similar': { cost: ranked(10).cost },
  // Many products have the same factors: how they stand to each other is found out by looking further and further.
  'Product.neighbours': {
    cost: ranked(({ by }) => (by === 'FACTORS' ? 200 : by === 'CO_PURCHASE' ? 60 : 10)).cost,
  },
  'Query.searchProducts': { cost: ranked(200).cost },
  'Query.searchCustomers': { cost: ranked(50).cost },
  'Query.productAttributes': { size: always(10) },
  'Query.segments': { size: always(5) },
  'ModelInfo.segments': { size: always(5) },
  'ModelInfo.sourceWeights': { size: always(10) },
  'ModelInfo.evaluations': { size: always(6) },
  'Evaluation.trials': { size: always(5) },
  'Evaluation.measures': { size: always(4) },
  'MeasuredSystem.measures': { size: always(4) },

  // Of the schema: about as many as there are, and where these are nested in each other rather more.
  '__Schema.types': { size: always(110) },
  '__Schema.directives': { size: always(5) },
  '__Directive.args': { size: always(1) },
  '__Type.fields': { size: always(8) },
  '__Type.inputFields': { size: always(4) },
  '__Type.enumValues': { size: always(4) },
  '__Type.possibleTypes': { size: always(4) },
  '__Type.interfaces': { size: always(1) },
  // Tools ask nine levels deep; most types are of one.
  '__Type.ofType': { size: always(0.5) },
  '__Field.args': { size: always(2) },

  'Mutation.setProductAvailability': {
    cost: ({ input }) => 10 + lengthOf((input as Arguments | undefined)?.['products']),
    page: ({ input }) => lengthOf((input as Arguments | undefined)?.['products']),
  },
  'SetProductAvailabilityPayload.products': { size: (_args, { page }) => page },
})

/** By template: nothing to speak of. By a language model: a place in the queue for one, and money. */
export const EXPLANATION_COST = { TEMPLATE: 0, LLM: 100, LLM_UNVERIFIED: 100 } as const

/**
 * For each object of introspection, which is read from the schema at hand: 3 µs, mostly to write it down. They count
 * by cost alone, and not as objects.
 */
export const INTROSPECTION_COST = 1 / 32
