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

/** Collects what all resolvers of an operation ask for, and asks the engine once. */
interface Loaders {
  readonly recommendations: DataLoader<RecommendationRequest, RecommendationList, string>
  readonly similar: DataLoader<SimilarRequest, SimilarList, string>
  readonly standings: DataLoader<StandingRequest, Standing, string>
  readonly decisivePurchases: DataLoader<DecisiveRequest, DecisivePurchases, string>
}

/** @param work  what all of it may take */
function createLoaders(recommender: Recommender, work: Work): Loaders {
  return {
    recommendations: loader((requests) => recommender.recommend(requests, work)),
    similar: loader((requests) => recommender.similar(requests, work)),
    standings: loader((requests) => standingsOf(recommender, requests, work)),
    decisivePurchases: loader((requests) => decisivePurchases(recommender, requests, work)),
  }
}

/** Requests are plain data, so that equal ones are known by their keys and answered once. */
function loader<Request extends object, Answer>(
  answer: (requests: readonly Request[]) => Promise<Answer[]>,
): DataLoader<Request, Answer, string> {
  return new DataLoader(answer, { cacheKeyFn: (request) => canonicalKey(request) })
}

/** Who asks, and for what they are good. */
export interface Asker {
  /** As the audit log has it: "key 4f1c09ab", "server token", "customer token of key 4f1c09ab", an address. */
  readonly actor: string
  /** What it shows that it may ask. */
  readonly credential: 'API_KEY' | 'CUSTOMER_TOKEN' | 'SERVER_TOKEN' | 'PROGRAM' | 'NONE'
  readonly scopes: ReadonlySet<Scope>
  /** The shop's own id of the customer that scope `customer` is for; null without that scope. */
  readonly customer: string | null
}

/** A program that has the schema in its own process, and has said nothing of who asks. */
const PROGRAM: Asker = { actor: 'program', credential: 'PROGRAM', scopes: ALL_SCOPES, customer: null }

/** What resolvers are given: the engine, who puts reasons into words, and the loaders of this one operation. */
export interface Context {
  readonly recommender: Recommender
  readonly explainer: Explainer
  readonly loaders: Loaders
  /** Aborts when the client has gone, or its time is nearly up: what is not there yet is not begun any more. */
  readonly signal: AbortSignal | undefined
  readonly asker: Asker
  /** What the operation may take, and whom it tells what it takes. */
  readonly work: Work
  /** Told of the objects that are returned, as they are found. */
  readonly onObjects: ((count: number) => void) | undefined
}

/**
 * What lists that are searched together may take, in multiplications: some 5 ms. More would hold the thread for longer,
 * and from four on each list is hardly cheaper.
 */
const TOGETHER = 40_000_000

function listsTogether({ products, itemFactors, content }: Model): number {
  return Math.max(4, Math.floor(TOGETHER / (products.size * (itemFactors.columns + content.columns))))
}

/** Whom an operation tells what it takes. */
interface Watch {
  /** As of `Work`. */
  readonly onSpent?: (milliseconds: number) => void
  /** As of `Context`. */
  readonly onObjects?: (count: number) => void
}

/**
 * A fresh context: one an operation, since its loaders remember what they have loaded.
 * @param asker  who asks; left out: a program, which may do everything
 * @param watch  whom it tells what it takes
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
