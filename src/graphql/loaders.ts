import DataLoader from 'dataloader'
import type {
  RecommendationList,
  RecommendationRequest,
  SimilarList,
  SimilarRequest,
} from '../engine/recommendation.ts'
import type { Recommender } from '../engine/recommender.ts'

/** Collects what all resolvers of an operation ask for, and asks the engine once. */
export interface Loaders {
  readonly recommendations: DataLoader<RecommendationRequest, RecommendationList, string>
  readonly similar: DataLoader<SimilarRequest, SimilarList, string>
}

export function createLoaders(recommender: Recommender): Loaders {
  return {
    recommendations: new DataLoader<RecommendationRequest, RecommendationList, string>(
      (requests) => recommender.recommend(requests),
      { cacheKeyFn },
    ),
    similar: new DataLoader<SimilarRequest, SimilarList, string>(
      (requests) => recommender.similar(requests),
      {
        cacheKeyFn,
      },
    ),
  }
}

/** Requests are plain data, so that equal ones are known by their JSON and answered once. */
function cacheKeyFn(request: object): string {
  return JSON.stringify(request)
}
