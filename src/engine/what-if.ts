/**
 * What would be recommended had some purchases not been made. A customer is their history, so that this is the list of
 * another history and not an estimate: the taste is solved again, and every source is asked again. The model itself
 * stays as it was trained.
 */
import { setImmediate } from 'node:timers/promises'
import type { Model } from '../model/model.ts'
import { hybridOf } from './blend.ts'
import { UnknownPurchaseError } from './errors.ts'
import { historyOf } from './history.ts'
import type { HistoryEntry, RecommendationRequest, Strategy } from './recommendation.ts'
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

/** Told how many lists are made next, of several batches; throws where no more are to be made. */
export type BeforeBatch = (lists: number) => void

/** Lists at a time, then other work gets its turn: more would make each no cheaper. */
const BATCH = 16

/**
 * The list that would be without the purchases of some products. These may be recommended again, as anything may that
 * was not bought.
 * @throws {UnknownPurchaseError} naming every product that the history does not hold
 * @throws {RangeError} as `Recommender.recommend`
 */
export function withoutPurchases(model: Model, list: ListRequest, products: readonly number[]): ListRequest {
  const history = historyOf(model, { ...list, first: 0 })
  const missing = products.filter((product) => !history.some((purchase) => purchase.product === product))
  if (missing.length > 0) throw new UnknownPurchaseError(missing.map((product) => model.products.at(product)))
  return withHistory(
    list,
    history.filter(({ product }) => !products.includes(product)),
  )
}

/** The list that would be of another history. */
export function withHistory(list: ListRequest, history: readonly HistoryEntry[]): ListRequest {
  const { customer: _, ...rest } = list
  return { ...rest, history }
}

/** Where products stand in lists, however deep; a batch at a time. */
export async function standingsOf(
  recommender: Recommender,
  requests: readonly StandingRequest[],
  beforeBatch?: BeforeBatch,
): Promise<Standing[]> {
  const standings: Standing[] = []
  for (let begin = 0; begin < requests.length; begin += BATCH) {
    const batch = requests.slice(begin, begin + BATCH)
    // Others are answered in between, and who asked may leave.
    if (begin > 0) await setImmediate()
    beforeBatch?.(batch.length)
    standings.push(...(await batchOfStandings(recommender, batch)))
  }
  return standings
}

async function batchOfStandings(
  recommender: Recommender,
  requests: readonly StandingRequest[],
): Promise<Standing[]> {
  const near = await standingsAmong(recommender, requests, DEPTH)
  const deep = [...requests.keys()].filter((i) => near[i].rank === null)
  if (deep.length === 0) return near
  const whole = await standingsAmong(
    recommender,
    deep.map((i) => requests[i]),
    recommender.model.products.size,
  )
  return near.map((standing, i) => whole[deep.indexOf(i)] ?? standing)
}

/** No rank for those that are not among the first of their lists. */
async function standingsAmong(
  recommender: Recommender,
  requests: readonly StandingRequest[],
  first: number,
): Promise<Standing[]> {
  const lists = await recommender.rank(requests.map(({ list }) => ({ ...list, first })))
  return lists.map(({ strategy, ranking }, i) => {
    const { product } = requests[i]
    const place = ranking.products.indexOf(product)
    if (place < 0) return { rank: null, score: null, strategy }
    return { rank: place + 1, score: hybridOf(ranking.sources(product)), strategy }
  })
}
