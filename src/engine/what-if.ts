/**
 * What would be recommended had some purchases not been made. A customer is their history, so that this is the list of
 * another history and not an estimate: the taste is solved again, and every source is asked again. The model itself
 * stays as it was trained.
 */
import { Work } from '../kernels/work.ts'
import type { Model } from '../model/model.ts'
import { hybridOf } from './ranking.ts'
import { UnknownPurchaseError } from './errors.ts'
import type { Histories } from './history.ts'
import { historyOf } from './history.ts'
import type { RecommendationRequest, Strategy } from './recommendation.ts'
import type { Recommender } from './recommender.ts'

/** A whole list, whatever page of it. */
export type ListRequest = Omit<RecommendationRequest, 'first' | 'offset'>

/** Where a product stands in a list. */
export interface Standing {
  /** 1 for the best of all; null where the list does not hold the product. */
  readonly rank: number | null
  /** The hybrid score; null likewise. */
  readonly score: number | null
  /** How the list was made. */
  readonly strategy: Strategy
}

/** Which product, in which list. */
export interface StandingRequest {
  readonly list: ListRequest
  readonly product: number
}

/** So deep is looked at first, as a rule deep enough; then the whole list. */
const DEPTH = 100

/** Lists at a time: more would make each no cheaper. */
const BATCH = 16

/**
 * The list that would be without the purchases of some products. These may be recommended again, as anything may that
 * was not bought.
 * @throws {UnknownPurchaseError} naming every product that the history does not hold
 * @throws {RangeError} as `Recommender.recommend`
 */
export function withoutPurchases(
  model: Model,
  list: ListRequest,
  products: readonly number[],
  histories?: Histories,
): ListRequest {
  const bought = new Set(historyOf(model, list, histories).map(({ product }) => product))
  const missing = products.filter((product) => !bought.has(product))
  if (missing.length > 0) throw new UnknownPurchaseError(missing.map((product) => model.products.at(product)))
  return without(list, products)
}

/** The list that would be had some products of its history not been bought. */
export function without(list: ListRequest, products: readonly number[]): ListRequest {
  if (list.history)
    return { ...list, history: list.history.filter(({ product }) => !products.includes(product)) }
  const all = new Set([...(list.without ?? []), ...products])
  return { ...list, without: [...all].sort((a, b) => a - b) }
}

/** Where products stand in lists, however deep. @param work  what it may take */
export async function standingsOf(
  recommender: Recommender,
  requests: readonly StandingRequest[],
  work: Work = new Work(),
): Promise<Standing[]> {
  const standings: Standing[] = []
  for (let begin = 0; begin < requests.length; begin += BATCH) {
    const turn = work.pause()
    if (turn) await turn
    standings.push(...(await batchOfStandings(recommender, requests.slice(begin, begin + BATCH), work)))
  }
  return standings
}

async function batchOfStandings(
  recommender: Recommender,
  requests: readonly StandingRequest[],
  work: Work,
): Promise<Standing[]> {
  const near = await standingsAmong(recommender, requests, DEPTH, work)
  const standings: Standing[] = []
  for (const [i, { isWhole, ...standing }] of near.entries()) {
    const isDeep = standing.rank === null && !isWhole
    standings.push(isDeep ? await deepStanding(recommender, requests[i], standing, work) : standing)
  }
  return standings
}

/** Of a product that is not among the first of its list. */
async function deepStanding(
  recommender: Recommender,
  request: StandingRequest,
  { strategy }: Standing,
  work: Work,
): Promise<Standing> {
  const first = recommender.model.products.size
  const place = await recommender.placeOf({ ...request.list, first }, request.product, work)
  if (place === undefined) {
    const [{ isWhole: _, ...whole }] = await standingsAmong(recommender, [request], first, work)
    return whole
  }
  return { rank: null, score: null, ...place, strategy }
}

/** No rank for those that are not among the first of their lists. */
async function standingsAmong(
  recommender: Recommender,
  requests: readonly StandingRequest[],
  first: number,
  work: Work,
): Promise<(Standing & { readonly isWhole: boolean })[]> {
  const lists = await recommender.rank(
    requests.map(({ list }) => ({ ...list, first })),
    work,
  )
  return lists.map(({ strategy, ranking }, i) => {
    const { product } = requests[i]
    const place = ranking.products.indexOf(product)
    const isWhole = ranking.products.length < first
    if (place < 0) return { rank: null, score: null, strategy, isWhole }
    return { rank: place + 1, score: hybridOf(ranking.sources(product)), strategy, isWhole }
  })
}
