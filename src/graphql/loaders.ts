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
import type { BeforeBatch, Standing, StandingRequest } from '../engine/what-if.ts'
import { standingsOf } from '../engine/what-if.ts'

/** Collects what all resolvers of an operation ask for, and asks the engine once. */
export interface Loaders {
  readonly recommendations: DataLoader<RecommendationRequest, RecommendationList, string>
  readonly similar: DataLoader<SimilarRequest, SimilarList, string>
  readonly standings: DataLoader<StandingRequest, Standing, string>
  readonly decisivePurchases: DataLoader<DecisiveRequest, DecisivePurchases, string>
}

/** @param beforeBatch  told of the lists that searches make, beside those that are asked for; may stop them */
export function createLoaders(recommender: Recommender, beforeBatch?: BeforeBatch): Loaders {
  return {
    recommendations: loader((requests) => recommender.recommend(requests)),
    similar: loader((requests) => recommender.similar(requests)),
    standings: loader((requests) => standingsOf(recommender, requests, beforeBatch)),
    decisivePurchases: loader((requests) => decisivePurchases(recommender, requests, beforeBatch)),
  }
}

/** Requests are plain data, so that equal ones are known by their keys and answered once. */
function loader<Request extends object, Answer>(
  answer: (requests: readonly Request[]) => Promise<Answer[]>,
): DataLoader<Request, Answer, string> {
  return new DataLoader(answer, { cacheKeyFn: (request) => canonicalKey(request) })
}
