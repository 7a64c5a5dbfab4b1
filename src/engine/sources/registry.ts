import type { Pieces } from '../../kernels/pieces.ts'
import type { LearnedSource } from '../../model/blend-weights.ts'
import { LEARNED_SOURCES } from '../../model/blend-weights.ts'
import type { ModelIndexes } from '../model-indexes.ts'
import { categorySource } from './category.ts'
import { coPurchaseSource } from './co-purchase.ts'
import { easeSource } from './ease.ts'
import { collaborativeSource } from './collaborative.ts'
import { contentSource } from './content.ts'
import { nearestSource } from './nearest.ts'
import { popularitySource } from './popularity.ts'
import { repeatSource } from './repeat.ts'
import { sellerSource } from './seller.ts'
import type { Source } from './source.ts'
import { cartSource, viewedSource } from './viewed.ts'

/** How each source of the blend is opened over a model. */
const SOURCES: Readonly<Record<LearnedSource, (indexes: ModelIndexes) => Source | Pieces<Source>>> = {
  collaborative: collaborativeSource,
  content: contentSource,
  nearest: nearestSource,
  coPurchase: coPurchaseSource,
  ease: easeSource,
  category: categorySource,
  seller: sellerSource,
  popularity: popularitySource,
  repeat: repeatSource,
  viewed: viewedSource,
  cart: cartSource,
}

/** All sources of a model, in the order of `LEARNED_SOURCES`. */
export function* openSources(indexes: ModelIndexes): Pieces<readonly Source[]> {
  const sources: Source[] = []
  for (const name of LEARNED_SOURCES) {
    const source = SOURCES[name](indexes)
    sources.push('next' in source ? yield* source : source)
    yield
  }
  return sources
}
