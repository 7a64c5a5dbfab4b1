/**
 * What fields cost, in units of about 0.03 ms of one core, as `npm run bench -- costs` measures on Olist's 33,000
 * products (docs/api.md has the figures). Scalars cost nothing, an object 1, what only wraps a list (connections,
 * edges, pageInfo) nothing. Lists are as long as the page asked for, and those that no argument bounds as long as is
 * usual. Only what is otherwise stands here, by `Type.field`, or by `Type` for each object of it; tests check that
 * every name is one of the schema's, that every list has a length, and that every list of recommendations has a cost.
 */
import { MAX_BOOSTS } from '../engine/arrangement.ts'
import { DEFAULT_FIRST, MAX_FIRST } from './paging.ts'

/** What a unit stands for, in ms of one core. */
export const UNIT = 0.03

/** Of a field, by the names of the schema. */
type Arguments = Readonly<Record<string, unknown>>

export interface FieldCost {
  /** Units for the field itself, besides the objects it returns; or for an object, besides the 1. */
  readonly cost?: (args: Arguments) => number
  /** Units once for the whole connection that the field stands in, whose entries share the work. */
  readonly perList?: number
  /** How many objects it returns; 1 where it is left out. @param page  as long the list is that it stands in */
  readonly size?: (args: Arguments, page: number) => number
  /** How long the lists below it are that have no `first` of their own. */
  readonly page?: (args: Arguments) => number
}

export type CostTable = Readonly<Record<string, FieldCost>>

/** The page that `first` or `last` asks for: more than the longest is refused where the list is made. */
export function pageSize({ first, last }: Arguments): number {
  const asked = typeof first === 'number' ? first : typeof last === 'number' ? last : DEFAULT_FIRST
  return Math.min(Math.max(asked, 0), MAX_FIRST)
}

/** One list made of all sources, found in the whole catalogue. */
export const LIST_COST = 25

/** What each purchase of a history that the client states adds to its list. */
const PURCHASE_COST = 1

/** What a list's last page adds, for which 1,000 are ranked: in a list of all sources, and in one of a single source. */
const LAST_PAGE_COST = 400
const LAST_RANKED_COST = 25

/** What a list for another moment adds: sales are counted up to then; and ranked, where they are the list. */
const MOMENT_COST = 100
const RANKED_MOMENT_COST = 400

/** Looking at all products once, and asking one condition of them. */
const SCAN_COST = 25
const CONDITION_COST = 10

/** What its filter and its arrangement add to a list, whichever it is. */
export function optionsCost({ filter, ranking }: Arguments): number {
  return filterCost(filter) + (ranking == null ? 0 : rankingCost(ranking as Arguments))
}

function filterCost(filter: unknown): number {
  return filter == null ? 0 : SCAN_COST + CONDITION_COST * conditionsOf(filter)
}

/** What is stated of a filter, and of those that stand in it. */
function conditionsOf(filter: unknown): number {
  if (Array.isArray(filter)) return filter.reduce((sum: number, part) => sum + conditionsOf(part), 0)
  if (typeof filter !== 'object' || filter === null) return 0
  return Object.entries(filter).reduce((sum, [key, part]) => {
    if (part == null) return sum
    if (key === 'attributes') return sum + lengthOf(part)
    return sum + (key === 'and' || key === 'or' || key === 'not' ? conditionsOf(part) : 1)
  }, 0)
}

/** One of the classes of products that a boosted list is made of: each is ranked by itself. */
const CLASS_COST = 75

/** Boosts make up to 2ⁿ classes of products, of which each is ranked. */
function rankingCost({ boosts, diversity, maxPerCategory }: Arguments): number {
  const boosted = Math.min(lengthOf(boosts), MAX_BOOSTS)
  const filters = Array.isArray(boosts)
    ? boosts.map((boost) => filterCost((boost as Arguments)['filter']))
    : []
  return (
    (boosted > 0 ? 2 ** boosted * CLASS_COST : LIST_COST) +
    filters.reduce((sum, cost) => sum + cost, 0) +
    (diversity == null ? 0 : 100) +
    (maxPerCategory == null ? 0 : 300)
  )
}

const lengthOf = (list: unknown) => (Array.isArray(list) ? list.length : 0)

const askedCustomers = ({ customerIds, externalIds }: Arguments) =>
  lengthOf(customerIds) + lengthOf(externalIds)

const always = (cost: number) => () => cost

/** Of one list of all sources, for one customer. */
const listCost = (args: Arguments) => LIST_COST + lastPageCost(args, LAST_PAGE_COST)

/** Of a list for whom the client describes, or for a customer. */
function listForInputCost(args: Arguments): number {
  const { history, at } = (args['input'] ?? {}) as Arguments
  return listCost(args) + PURCHASE_COST * lengthOf(history) + (at == null ? 0 : MOMENT_COST)
}

/** Of a list that has the order of one source. */
const ranked = (cost: number) => (args: Arguments) => cost + lastPageCost(args, LAST_RANKED_COST)

const lastPageCost = ({ last, before }: Arguments, cost: number) =>
  last != null && before == null ? cost : 0

/** @param explanation  what writing one costs, beside its reasons */
export const costTable = (explanation: number): CostTable => ({
  'Query.nodes': { size: ({ ids }) => lengthOf(ids) },

  // Lists of recommendations.
  'Customer.recommendations': { cost: listCost },
  'Query.recommend': { cost: listForInputCost },
  'Query.recommendations': {
    cost: (args) => askedCustomers(args) * (listCost(args) + optionsCost(args)),
    size: askedCustomers,
  },
  'CustomerRecommendations.recommendations': {},
  'Subscription.explanationStream': { cost: listForInputCost, size: pageSize },
  'Customer.alsoBought': { cost: ranked(5) },
  'Customer.buyAgain': { cost: ranked(5) },
  'Category.popular': { cost: ranked(5) },
  'Product.recommendations': { cost: ranked(10) },
  'Query.trending': { cost: (args) => ranked(5)(args) + (args['at'] == null ? 0 : RANKED_MOMENT_COST) },

  // Reasons, and what else is asked of a recommendation.
  'Recommendation.reasons': { cost: always(1), size: pageSize },
  'ResemblanceReason.sharedAttributes': { size: always(3) },
  'PopularInCategoryReason.purchases': { size: always(3) },
  'PopularWithSellerReason.purchases': { size: always(3) },
  Explanation: { cost: always(2 + explanation) },
  'Explanation.evidence': { size: always(3) },
  'Explanation.sentences': { size: always(3) },
  // Each asks for one or two lists of another history, of which one may be as long as the catalogue.
  'Recommendation.whatIf': { cost: always(150) },
  // As many lists as three purchases have subsets, and some; what searches take beyond is charged as they go on.
  'Recommendation.decisivePurchases': { perList: 500 },
  'DecisivePurchases.purchases': { size: always(2) },

  // Other lists.
  'Product.similar': { cost: ranked(10) },
  'Product.neighbours': { cost: ranked(10) },
  'Query.searchProducts': { cost: ranked(100) },
  'Query.searchCustomers': { cost: ranked(20) },
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
  'SetProductAvailabilityPayload.products': { size: (_args, page) => page },
})

/** By template: nothing to speak of. By a language model: a place in the queue for one, and money. */
export const EXPLANATION_COST = { TEMPLATE: 0, LLM: 100, LLM_UNVERIFIED: 100 } as const

/**
 * For each object of introspection, which is read from the schema at hand: 3 µs, mostly to write it down. They count
 * by cost alone, and not as objects.
 */
export const INTROSPECTION_COST = 1 / 32
