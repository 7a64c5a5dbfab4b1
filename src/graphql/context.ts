import DataLoader from 'dataloader'
import { canonicalKey } from '../data/canonical-key.ts'
import type { CustomerKey } from '../engine/customer-key.ts'
import type { DecisivePurchases, DecisiveRequest } from '../engine/decisive-purchases.ts'
import { decisivePurchases } from '../engine/decisive-purchases.ts'
import type {
  RecommendationList,
  RecommendationRequest,
  SimilarList,
  SimilarRequest,
} from '../engine/recommendation.ts'
import type { CustomerProfile, Recommender } from '../engine/recommender.ts'
import type { Standing, StandingRequest } from '../engine/what-if.ts'
import { standingsOf } from '../engine/what-if.ts'
import type { Explainer } from '../explanations/explainer.ts'
import { Work } from '../kernels/work.ts'
import type { ItemSide } from '../model/model.ts'
import type { ModelService } from '../service/model-service.ts'
import type { CatalogueProduct } from '../store/catalogue.ts'
import { ALL_SCOPES, type Scope } from '../store/scope.ts'

/** Collects the requests of all resolvers of an operation, so that the engine answers them in one batch. */
interface Loaders {
  readonly recommendations: DataLoader<RecommendationRequest, RecommendationList, string>
  readonly similar: DataLoader<SimilarRequest, SimilarList, string>
  readonly standings: DataLoader<StandingRequest, Standing, string>
  readonly decisivePurchases: DataLoader<DecisiveRequest, DecisivePurchases, string>
  /** Whether the store knows a customer, by the shop's own id. */
  readonly isStored: DataLoader<string, boolean>
  /** What a customer was like when the model was trained. */
  readonly profiles: DataLoader<CustomerKey, CustomerProfile>
  /** Whether the store has events of a visitor that count for lists. */
  readonly hasVisited: DataLoader<string, boolean>
  /** What the catalogue says of a product, by SKU. */
  readonly products: DataLoader<string, CatalogueProduct | undefined>
}

/** @param work  measures and limits the time of all requests */
function createLoaders(recommender: Recommender, work: Work): Loaders {
  return {
    recommendations: loader((requests) => recommender.recommend(requests, work)),
    similar: loader((requests) => recommender.similar(requests, work)),
    standings: loader((requests) => standingsOf(recommender, requests, work)),
    decisivePurchases: loader((requests) => decisivePurchases(recommender, requests, work)),
    isStored: new DataLoader(async (ids) => {
      const known = await recommender.events?.known(ids)
      return ids.map((id) => known?.has(id) ?? false)
    }),
    profiles: new DataLoader((customers) => recommender.profilesOf(customers)),
    hasVisited: new DataLoader(async (visitors) => {
      const asked = visitors.map((visitor) => ({ visitor }))
      const histories = await recommender.events?.histories(asked, 1)
      const interests = await recommender.events?.interests(asked, 1)
      return visitors.map((_, i) => [histories, interests].some((found) => (found?.[i].length ?? 0) > 0))
    }),
    products: new DataLoader(
      async (skus) => (await recommender.catalogue?.get(skus)) ?? skus.map(() => undefined),
    ),
  }
}

/** Requests are plain data: equal requests have equal keys and are answered once. */
function loader<Request extends object, Answer>(
  answer: (requests: readonly Request[]) => Promise<Answer[]>,
): DataLoader<Request, Answer, string> {
  return new DataLoader(answer, { cacheKeyFn: (request) => canonicalKey(request) })
}

/** The caller of an operation and what it may do. */
export interface Caller {
  /**
   * The caller's name in the audit log: "key 4f1c09ab", "server token", "customer token of key 4f1c09ab", an address.
   */
  readonly actor: string
  /** The kind of credential in the request. */
  readonly credential: 'API_KEY' | 'CUSTOMER_TOKEN' | 'SERVER_TOKEN' | 'PROGRAM' | 'NONE'
  readonly scopes: ReadonlySet<Scope>
  /** The customer that scope `customer` is for, by the shop's own id; null without that scope. */
  readonly customer: string | null
}

/** The caller if a program uses the schema in its own process and gives none. */
const PROGRAM: Caller = { actor: 'program', credential: 'PROGRAM', scopes: ALL_SCOPES, customer: null }

/** The context of resolvers: the engine, the explainer, and the loaders of one operation. */
export interface Context {
  readonly recommender: Recommender
  readonly explainer: Explainer
  /** The models of the store; null: there are none, and nothing is retrained. */
  readonly models: ModelService | null
  readonly loaders: Loaders
  /** Aborts when the client has disconnected or its time is nearly up: nothing new is started after that. */
  readonly signal: AbortSignal | undefined
  readonly caller: Caller
  /** Measures and limits the time of the operation, and reports it. */
  readonly work: Work
  /** Called with the number of objects, as they are returned. */
  readonly onObjects: ((count: number) => void) | undefined
  /** Called before each further answer of a subscription; throws if the caller may have no more. */
  readonly onFurtherAnswer: (() => void) | undefined
}

/**
 * The most multiplications of lists that are searched in one batch: about 5 ms. More would block the thread for longer,
 * and beyond four lists each one is hardly cheaper.
 */
const BATCH_MULTIPLICATIONS = 40_000_000

function listsPerBatch({ products, itemFactors, content }: ItemSide): number {
  return Math.max(
    4,
    Math.floor(BATCH_MULTIPLICATIONS / (products.size * (itemFactors.columns + content.columns))),
  )
}

/** Callbacks that report what an operation uses. */
interface Callbacks {
  /** As in `Work`. */
  readonly onSpent?: (milliseconds: number) => void
  /** As in `Context`. */
  readonly onObjects?: (count: number) => void
  /** As in `Context`. */
  readonly onFurtherAnswer?: () => void
}

/**
 * A new context, for one operation: its loaders cache what they have loaded.
 * @param caller  left out: a program in this process, which may do everything
 */
export function createContext(
  recommender: Recommender,
  explainer: Explainer,
  signal?: AbortSignal,
  caller: Caller = PROGRAM,
  { onSpent, onObjects, onFurtherAnswer }: Callbacks = {},
  models: ModelService | null = null,
): Context {
  const work = new Work({ signal, onSpent, together: listsPerBatch(recommender.model) })
  return {
    recommender,
    explainer,
    models,
    loaders: createLoaders(recommender, work),
    signal,
    caller,
    work,
    onObjects,
    onFurtherAnswer,
  }
}
