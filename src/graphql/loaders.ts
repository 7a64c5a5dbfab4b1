import DataLoader from 'dataloader'
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
import type { Work } from '../kernels/work.ts'

/** Collects what all resolvers of an operation ask for, and asks the engine once. */
export interface Loaders {
  readonly recommendations: DataLoader<RecommendationRequest, RecommendationList, string>
  readonly similar: DataLoader<SimilarRequest, SimilarList, string>
  readonly standings: DataLoader<StandingRequest, Standing, string>
  readonly decisivePurchases: DataLoader<DecisiveRequest, DecisivePurchases, string>
}

/** @param work  what all of it may take */
export function createLoaders(recommender: Recommender, work: Work): Loaders {
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
