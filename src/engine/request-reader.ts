import { isTime } from '../data/ranges.ts'
import type { FoldIn } from '../kernels/kernels.ts'
import type { ItemSide } from '../model/model.ts'
import type { Query } from './arranged-list.ts'
import { checkArrangement } from './arrangement.ts'
import type { Buyers } from './buyers.ts'
import { ANYBODY } from './buyers.ts'
import type { Eligibility } from './eligibility.ts'
import type { Histories } from './history.ts'
import { historiesFor, readOf, productSetOf, storedCustomerOf } from './history.ts'
import type { ModelIndexes } from './model-indexes.ts'
import { checkIndex, limitOf } from './page.ts'
import type { ProductFilter } from './product-filter.ts'
import type { ProductSet } from './product-set.ts'
import { countOf, intersection, isIn, productsWhere } from './product-set.ts'
import type { HistoryEntry } from './history-entry.ts'
import { type FadedInterest, fadedInterest, withViewed } from './interest.ts'
import type { RecommendationRequest } from './recommendation.ts'
import { NO_TASTE, tastePartsOf, tastesOf } from './taste.ts'

/** In ms. */
const HOUR = 3_600_000

/**
 * Turns requests into queries, with the histories of their customers: tastes are solved by one fold-in, filters made into
 * sets. It throws RangeError and InvalidRequestError on requests that cannot be.
 * @param indexes  of the same model; `latest` is the moment of a request that states none
 * @param leastCustomers  of requests that are of nobody known
 * @param now  the clock, in ms since 1970
 */
export function requestReader(
  model: ItemSide,
  foldIn: FoldIn,
  { coverage, buyers, latest }: ModelIndexes,
  eligibility: Eligibility,
  leastCustomers: number,
  now: () => number,
): (requests: readonly RecommendationRequest[], stored: Histories) => Query[] {
  function momentOf(request: RecommendationRequest, whole: readonly HistoryEntry[]): number {
    const { at = defaultMoment(request, whole) } = request
    if (Object.is(at, latest) || isTime(at)) return at
    throw new RangeError(`at must be a time in ms since 1970, not ${at}`)
  }

  /**
   * The model's latest purchase, unless the customer has bought since: then it is now. By the hour, because what sells is
   * counted anew for each moment.
   */
  function defaultMoment(request: RecommendationRequest, whole: readonly HistoryEntry[]): number {
    const lastBought = whole.find(({ purchasedAt }) => purchasedAt !== null)?.purchasedAt ?? -Infinity
    if (storedCustomerOf(request) === undefined || !(lastBought > latest)) return latest
    return Math.max(lastBought, Math.floor(now() / HOUR) * HOUR)
  }

  /** Interest fades by the moment of the list; where none is stated by the clock, in steps of an hour. */
  function interestOf(request: RecommendationRequest, stored: Histories): readonly FadedInterest[] {
    const { list = 'FOR_YOU', interest: given, viewing, at = Math.floor(now() / HOUR) * HOUR } = request
    if (viewing !== undefined) checkIndex('product', viewing, model.products.size)
    if (list !== 'FOR_YOU') return []
    for (const one of given ?? []) {
      checkIndex('product', one.product, model.products.size)
      if (!isTime(one.at))
        throw new RangeError(`at of interest must be a time in ms since 1970, not ${one.at}`)
    }
    const customer = storedCustomerOf(request)
    const known = customer === undefined ? undefined : stored.interestOf?.(customer)
    const all = given ?? known ?? []
    const counts = viewing !== undefined && !hiddenFrom(request, stored).includes(viewing)
    return fadedInterest(counts ? withViewed(all, viewing, request.at ?? now()) : all, at)
  }

  return (requests, stored) => {
    for (const { arrangement } of requests) if (arrangement) checkArrangement(arrangement)
    const wholes = historiesFor(model, requests, stored)
    const histories = wholes.map((whole, i) => readOf(model, requests[i].list ?? 'FOR_YOU', whole))
    // A basket is whatever the caller says, whoever has it.
    const least = requests.map(({ customer, history, basket = [] }) =>
      customer !== undefined && history === undefined && basket.length === 0 ? ANYBODY : leastCustomers,
    )
    /** What tells the taste that others' purchases make. */
    const shared = histories.map((history, i) => boughtByEnough(buyers, history, least[i]))
    const blended = [...requests.keys()].filter((i) => (requests[i].list ?? 'FOR_YOU') === 'FOR_YOU')
    const tastes = tastesOf(
      model,
      foldIn,
      coverage,
      blended.map((i) => histories[i]),
      blended.map((i) => shared[i]),
    )
    const tasteOf = new Map(blended.map((i, place) => [i, tastes[place]]))
    return requests.map((request, i) => {
      const { list = 'FOR_YOU', arrangement } = request
      const history = histories[i]
      const unhidden = unhiddenBy(model, request, stored)
      const shown =
        unhidden === undefined
          ? eligibility(request.filter)
          : intersection(eligibility(unhidden)!, eligibility(request.filter))
      // What may be bought again was bought: nothing else may be pinned there, or drawn.
      const eligible = list === 'BUY_AGAIN' ? among(wholes[i], shown, model.products.size) : shown
      const includePurchased =
        list === 'BUY_AGAIN' || (list === 'FOR_YOU' && request.includePurchased === true)
      return {
        list,
        history,
        taste: tasteOf.get(i) ?? NO_TASTE,
        parts: tastePartsOf(model, foldIn, history, shared[i]),
        leastCustomers: least[i],
        at: momentOf(request, wholes[i]),
        includePurchased,
        interest: interestOf(request, stored),
        excluded: withUnwanted(includePurchased ? [] : wholes[i], request, stored),
        eligible,
        arrangement,
        limit: limitOf(request, countOf(eligible, model.products.size)),
      }
    })
  }
}

/** The products whose category the customer has not hidden; undefined: none is hidden. */
export function unhiddenBy(
  { category }: ItemSide,
  request: RecommendationRequest,
  stored: Histories,
): ProductFilter | undefined {
  const customer = storedCustomerOf(request)
  const hidden = customer === undefined ? [] : (stored.categoriesHiddenFrom?.(customer) ?? [])
  if (hidden.length === 0) return undefined
  return { categories: { noneOf: hidden.map((code) => category.labels[code]) } }
}

/** The products that the customer does not want to see. */
function hiddenFrom(request: RecommendationRequest, stored: Histories): readonly number[] {
  const customer = storedCustomerOf(request)
  return customer === undefined ? [] : (stored.hiddenFrom?.(customer) ?? [])
}

/** What a list must not hold: also what the customer does not want to see, and what is on the page. */
function withUnwanted(
  excluded: readonly HistoryEntry[],
  request: RecommendationRequest,
  stored: Histories,
): readonly HistoryEntry[] {
  const { viewing } = request
  const unwanted = new Set([...hiddenFrom(request, stored), ...(viewing === undefined ? [] : [viewing])])
  if (unwanted.size === 0) return excluded
  const already = productSetOf(excluded)
  const more = [...unwanted].filter((product) => !already.has(product))
  return [...excluded, ...more.map((product) => ({ product, quantity: 1, purchasedAt: null }))]
}

/** The purchases of a history that at least so many customers made. */
function boughtByEnough(
  { counts }: Buyers,
  history: readonly HistoryEntry[],
  least: number,
): readonly HistoryEntry[] {
  if (least <= ANYBODY) return history
  return history.filter(({ product }) => counts[product] >= least)
}

/** The products of a history that belong to a set. */
function among(history: readonly HistoryEntry[], set: ProductSet | null, size: number): ProductSet {
  const own = productSetOf(history)
  return productsWhere(size, (product) => own.has(product) && isIn(set, product))
}
