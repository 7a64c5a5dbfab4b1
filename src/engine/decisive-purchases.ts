/**
 * The smallest set of purchases without which a product would not be among the first of a list: a counterfactual
 * explanation (Ghazimatin et al. 2020, doi:10.1145/3336191.3371824), found by trying all sets in the order of their
 * size. No set can be left untried on account of another: without a purchase the others count for more (a profile has
 * unit length, scores are standardised), so that a product that falls out may come back as more is taken away.
 */
import { canonicalKey } from '../data/canonical-key.ts'
import { Work } from '../kernels/work.ts'
import { MAX_BOOSTS } from './arrangement.ts'
import type { ItemSide } from '../model/model.ts'
import { historiesFor, type Histories, PRODUCTS_READ } from './history.ts'
import type { RankedList } from './arranged-list.ts'
import type { HistoryEntry } from './history-entry.ts'
import type { RecommendationRequest } from './recommendation.ts'
import type { Recommender } from './recommender.ts'
import type { ListRequest, StandingRequest } from './what-if.ts'
import { without } from './what-if.ts'

/** Which product, in which list. */
export interface DecisiveRequest extends StandingRequest {
  /** N: among how many. */
  readonly first: number
}

/** The smallest set of purchases without which a product would not be among the first. */
export interface DecisivePurchases {
  /** FOUND: a set does; NONE: no set does; UNDECIDED: too many would have to be tried. */
  readonly outcome: 'FOUND' | 'NONE' | 'UNDECIDED'
  /** The set, the latest purchase first; empty unless found, and where the product is not among the first anyway. */
  readonly purchases: readonly HistoryEntry[]
  /** No smaller set does; null where none does at all. */
  readonly atLeast: number | null
}

/** So many sets are tried for one list at most before the search is given up. */
export const MOST_SETS = 150

/**
 * How many sets are tried: the fewer, the longer a list of this history and in this order takes, so that the whole search
 * never takes more than some 0.1 s.
 * @param bought  products of the history
 */
export function setsTried(bought: number, arrangement: Partial<SetsArrangement> = {}): number {
  const { maxPerCategory } = arrangement
  const boosts = arrangement.boosts ?? []
  const diversity = arrangement.diversity ?? 0
  const explorationRate = arrangement.explorationRate ?? 0
  const limits = maxPerCategory == null ? 0 : 1
  const isDiverse = diversity > 0 ? 1 : 0
  const weight =
    1 +
    Math.min(bought, PRODUCTS_READ) / 60 +
    bought / 2000 +
    (boosts.length > 0 ? 2 ** Math.min(boosts.length, MAX_BOOSTS) : 0) +
    3 * limits +
    1.3 * isDiverse +
    35 * limits * isDiverse +
    80 * limits * (boosts.length > 0 ? 1 : 0) +
    (explorationRate > 0 ? 4 : 0)
  return Math.max(4, Math.floor(MOST_SETS / weight))
}

/** What of an arrangement makes lists take longer. */
type SetsArrangement = {
  readonly [Wish in 'diversity' | 'maxPerCategory' | 'explorationRate']: number | null | undefined
} & { readonly boosts: readonly unknown[] | null | undefined }

/** Lists at a time: more would make each no cheaper. */
const BATCH = 16

/** The search through one list's histories, for all the products of it that are asked about. */
interface Search {
  readonly list: ListRequest
  readonly first: number
  readonly history: readonly HistoryEntry[]
  /** Sets of places in the history that are still to be tried. */
  readonly sets: Iterator<readonly number[], undefined>
  tried: number
  /** So many are tried at most. */
  readonly most: number
  /** The products that every trial so far has had among the first. */
  readonly open: Set<number>
  /** The others. */
  readonly decided: Map<number, DecisivePurchases>
  /** What becomes of the open ones once there is nothing more to try. */
  end?: DecisivePurchases
}

interface Trial {
  readonly search: Search
  readonly removed: readonly number[]
}

/**
 * Exact, or UNDECIDED after `setsTried` trials. Of several sets of the smallest size it is the first in the order of the
 * history, which has the latest purchase first. Requests about the same list share its trials.
 * @param work  what it may take
 * @throws {RangeError} as `Recommender.recommend`
 */
export async function decisivePurchases(
  recommender: Recommender,
  requests: readonly DecisiveRequest[],
  work: Work = new Work(),
): Promise<DecisivePurchases[]> {
  const keys = requests.map(({ list, first }) => canonicalKey([list, first]))
  const searches = new Map<string, Search>()
  const histories = await recommender.historiesFor(requests.map(({ list }) => list))
  requests.forEach((request, i) => {
    const search = searches.get(keys[i]) ?? searchOf(recommender.model, histories, request)
    searches.set(keys[i], search)
    search.open.add(request.product)
  })
  let open = [...searches.values()]
  while (open.length > 0) {
    const share = Math.ceil(BATCH / open.length)
    const trials = open.flatMap((search) => nextTrials(search, share))
    const lists = await recommender.rank(trials.map(requestOf), work)
    trials.forEach((trial, i) => heed(trial, lists[i]))
    open.forEach(conclude)
    open = open.filter((search) => search.open.size > 0)
    const turn = work.pause()
    if (turn) await turn
  }
  return requests.map(({ product }, i) => searches.get(keys[i])!.decided.get(product)!)
}

function searchOf(model: ItemSide, histories: Histories, { list, first }: DecisiveRequest): Search {
  const [history] = historiesFor(model, [list], histories)
  const sets = setsOf(history.length)
  return {
    list,
    first,
    history,
    sets,
    tried: 0,
    most: setsTried(history.length, list.arrangement),
    open: new Set(),
    decided: new Map(),
  }
}

function nextTrials(search: Search, most: number): Trial[] {
  const trials: Trial[] = []
  while (trials.length < most && search.end === undefined) {
    const removed = search.sets.next().value
    if (removed === undefined) search.end = { outcome: 'NONE', purchases: [], atLeast: null }
    else if (search.tried === search.most)
      search.end = { outcome: 'UNDECIDED', purchases: [], atLeast: removed.length }
    else {
      search.tried++
      trials.push({ search, removed })
    }
  }
  return trials
}

function requestOf({ search: { list, first, history }, removed }: Trial): RecommendationRequest {
  return {
    ...without(
      list,
      removed.map((place) => history[place].product),
    ),
    first,
  }
}

function heed({ search, removed }: Trial, { ranking }: RankedList): void {
  const listed = new Set(ranking.products.slice(0, search.first))
  for (const product of search.open) {
    if (listed.has(product)) continue
    const purchases = removed.map((place) => search.history[place])
    search.decided.set(product, { outcome: 'FOUND', purchases, atLeast: removed.length })
    search.open.delete(product)
  }
}

function conclude({ open, decided, end }: Search): void {
  if (end === undefined) return
  for (const product of open) decided.set(product, end)
  open.clear()
}

/** All sets of the numbers 0 … n − 1, the smaller ones first, those of a size in lexicographic order. */
function* setsOf(n: number): Generator<number[], undefined> {
  for (let size = 0; size <= n; size++) {
    const set = Array.from({ length: size }, (_, i) => i)
    for (;;) {
      yield [...set]
      const last = set.findLastIndex((number, i) => number < n - size + i)
      if (last < 0) break
      set[last]++
      for (let i = last + 1; i < size; i++) set[i] = set[i - 1] + 1
    }
  }
}
