import type { Recommender } from '../engine/recommender.ts'
import type { Explainer } from '../explanations/explainer.ts'
import { createLoaders, type Loaders } from './loaders.ts'

/** What resolvers are given: the engine, who puts reasons into words, and the loaders of this one operation. */
export interface Context {
  readonly recommender: Recommender
  readonly explainer: Explainer
  readonly loaders: Loaders
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal | undefined
}

/** A fresh context: one an operation, since its loaders remember what they have loaded. */
export function createContext(recommender: Recommender, explainer: Explainer, signal?: AbortSignal): Context {
  return { recommender, explainer, loaders: createLoaders(recommender), signal }
}
