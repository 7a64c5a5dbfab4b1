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

/** Options of an opened model. */
export interface RationaleOptions extends KernelOptions, RecommenderOptions {
  /** Writes explanations; the caller closes it. Default: templates. */
  readonly explainer?: Explainer
}

/** Options of training. */
export interface LearnOptions extends RationaleOptions, TrainOptions {
  /** Default: `configure('default')`. */
  readonly configuration?: Configuration
  /** How files are read. */
  readonly reading?: ReadOptions
}

/** The kind of neighbours and the page, as in the engine's requests. Default: the first 10 by content. */
export interface SimilarOptions extends Partial<Omit<SimilarRequest, 'product'>> {}

/** Options of an explanation. */
export interface ExplainOptions extends Omit<ListOptions, 'first' | 'offset'> {
  /** The language. Default: "en". */
  readonly locale?: Locale
  /** Aborts when the caller no longer waits: nothing more is spent then. */
  readonly signal?: AbortSignal
}

/** Options of a handler: those of `startServer`, without the address to listen on. */
export interface EmbeddingOptions extends Omit<EmbeddedHandlerOptions, 'recommender' | 'explainer'> {}

/** The caller of an operation. */
export interface ContextOptions {
  /** What the caller may do. Default: `catalog`, which is products and lists that are not for a known customer. */
  readonly scopes?: readonly Scope[]
  /** The customer that scope `customer` is for, by the shop's own id. Giving one gives that scope. */
  readonly customer?: string
  /** Aborts when the caller disconnects. */
  readonly signal?: AbortSignal
}
