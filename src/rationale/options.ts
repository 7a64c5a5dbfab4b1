import type { ReadOptions } from '../data/read.ts'
import type { SimilarRequest } from '../engine/recommendation.ts'
import type { RecommenderOptions } from '../engine/recommender.ts'
import type { TrainOptions } from '../engine/train.ts'
import type { Explainer } from '../explanations/explainer.ts'
import type { Locale } from '../explanations/explanation.ts'
import type { KernelOptions } from '../kernels/open.ts'
import type { Configuration } from '../model/configuration.ts'
import type { EmbeddedHandlerOptions } from '../server/embedded-handler.ts'
import type { Scope } from '../store/scope.ts'
import type { ListOptions } from './request.ts'

/** What a model answers with. */
export interface RationaleOptions extends KernelOptions, RecommenderOptions {
  /** Who puts reasons into words; it is for its maker to close. Default: templates. */
  readonly explainer?: Explainer
}

/** How a model is learned. */
export interface LearnOptions extends RationaleOptions, TrainOptions {
  /** Default: `configure('default')`. */
  readonly configuration?: Configuration
  /** How files are read. */
  readonly reading?: ReadOptions
}

/** Which neighbours, and how many: what the engine's requests take. Default: the first 10 by content. */
export interface SimilarOptions extends Partial<Omit<SimilarRequest, 'product'>> {}

/** How an explanation is written. */
export interface ExplainOptions extends Omit<ListOptions, 'first' | 'offset'> {
  /** The language. Default: "en". */
  readonly locale?: Locale
  /** Who asked has gone: nothing more is spent for them. */
  readonly signal?: AbortSignal
}

/** What a handler is made with: all that `startServer` takes but where to listen. */
export interface EmbeddingOptions extends Omit<EmbeddedHandlerOptions, 'recommender' | 'explainer'> {}

/** For whom the schema's resolvers work. */
export interface ContextOptions {
  /** What the caller may do. Default: catalog, which is products and lists that are not of a known customer. */
  readonly scopes?: readonly Scope[]
  /** The customer that scope `customer` is for, by the shop's own id. Giving one gives that scope. */
  readonly customer?: string
  /** Aborts when the caller has gone. */
  readonly signal?: AbortSignal
}
