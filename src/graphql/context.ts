import { canonicalKey } from '../data/canonical-key.ts'
import type { DecisivePurchases, DecisiveRequest } from '../engine/decisive-purchases.ts'
import { decisivePurchases } from '../engine/decisive-purchases.ts'
import type {
  RecommendationList,
  RecommendationRequest,
  SimilarList,
  SimilarRequest,
} from '../engine/recommendation.ts'
import type { Recommender } from '../engine/recommender.ts'
import type { Standing, StandingRequest } from '../engine/what-if.ts'
import { standingsOf } from '../engine/what-if.ts'
import type { Explainer } from '../explanations/explainer.ts'
import { Work } from '../kernels/work.ts'
import type { Model } from '../model/model.ts'
import { ALL_SCOPES, type Scope } from '../store/scope.ts'

import DataLoader from 'dataloader'

/** Collect the requests of all resolvers of an operation, so that the engine is asked once. */
interface Loaders {
  readonly recommendations: DataLoader<RecommendationRequest, RecommendationList, string>
  readonly similar: DataLoader<SimilarRequest, SimilarList, string>
  readonly standings: DataLoader<StandingRequest, Standing, string>
  readonly decisivePurchases: DataLoader<DecisiveRequest, DecisivePurchases, string>
}

/** @param work  measures and limits the time of all of it */
function createLoaders(recommender: Recommender, work: Work): Loaders {
  return {
    recommendations: loader((requests) => recommender.recommend(requests, work)),
    similar: loader((requests) => recommender.similar(requests, work)),
    standings: loader((requests) => standingsOf(recommender, requests, work)),
    decisivePurchases: loader((requests) => decisivePurchases(recommender, requests, work)),
  }
}

/** Requests are plain data: equal ones have equal keys and are answered once. */
function loader<Request extends object, Answer>(
  answer: (requests: readonly Request[]) => Promise<Answer[]>,
): DataLoader<Request, Answer, string> {
  return new DataLoader(answer, { cacheKeyFn: (request) => canonicalKey(request) })
}

/** The caller of an operation and what it may do. */
export interface Asker {
  /**
   * The caller's name in the audit log: "key 4f1c09ab", "server token", "customer token of key 4f1c09ab", an address.
   */
  readonly actor: string
  /** The kind of credential that it sent. */
  readonly credential: 'API_KEY' | 'CUSTOMER_TOKEN' | 'SERVER_TOKEN' | 'PROGRAM' | 'NONE'
  readonly scopes: ReadonlySet<Scope>
  /** The shop's own id of the customer that scope `customer` is for; null without that scope. */
  readonly customer: string | null
}

/** A program that uses the schema in its own process and names no caller. */
const PROGRAM: Asker = { actor: 'program', credential: 'PROGRAM', scopes: ALL_SCOPES, customer: null }

/** What resolvers are given: the engine, the explainer, and the loaders of this one operation. */
export interface Context {
  readonly recommender: Recommender
  readonly explainer: Explainer
  readonly loaders: Loaders
  /** Aborts when the client has gone or its time is nearly up: nothing new is begun after that. */
  readonly signal: AbortSignal | undefined
  readonly asker: Asker
  /** Measures and limits the time of the operation, and reports it. */
  readonly work: Work
  /** Called with the number of objects returned, as they are found. */
  readonly onObjects: ((count: number) => void) | undefined
}

/**
 * The most multiplications of lists that are searched together: some 5 ms. More would block the thread for longer,
 * and beyond four lists each is hardly cheaper.
 */
const TOGETHER = 40_000_000

function listsTogether({ products, itemFactors, content }: Model): number {
  return Math.max(4, Math.floor(TOGETHER / (products.size * (itemFactors.columns + content.columns))))
}

/** Callbacks that report what an operation uses. */
interface Watch {
  /** As in `Work`. */
  readonly onSpent?: (milliseconds: number) => void
  /** As in `Context`. */
  readonly onObjects?: (count: number) => void
}

/**
 * A new context: one an operation, since its loaders cache what they have loaded.
 * @param asker  the caller; left out: a program in this process, which may do everything
 * @param watch  callbacks that report the time and the objects of the operation
 */
export function createContext(
  recommender: Recommender,
  explainer: Explainer,
  signal?: AbortSignal,
  asker: Asker = PROGRAM,
  { onSpent, onObjects }: Watch = {},
): Context {
  const work = new Work({ signal, onSpent, together: listsTogether(recommender.model) })
  return {
    recommender,
    explainer,
    loaders: createLoaders(recommender, work),
    signal,
    asker,
    work,
    onObjects,
  }
}
