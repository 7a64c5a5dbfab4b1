import type { Recommender } from '../engine/recommender.ts'
import type { Explainer } from '../explanations/explainer.ts'
import { ALL_SCOPES, type Scope } from '../store/scope.ts'
import { createLoaders, type Loaders } from './loaders.ts'

/** What resolvers are given: the engine, who puts reasons into words, and the loaders of this one operation. */
export interface Context {
  readonly recommender: Recommender
  readonly explainer: Explainer
  readonly loaders: Loaders
  /** Aborts when the client has gone, or its time is nearly up: what is not there yet is not begun any more. */
  readonly signal: AbortSignal | undefined
  /** What the caller may do. */
  readonly scopes: ReadonlySet<Scope>
}

/**
 * A fresh context: one an operation, since its loaders remember what they have loaded.
 * @param scopes  what the caller may do; left out: everything
 * @param onSearch  told how many lists are made besides those that were asked for, before they are
 */
export function createContext(
  recommender: Recommender,
  explainer: Explainer,
  signal?: AbortSignal,
  scopes: ReadonlySet<Scope> = ALL_SCOPES,
  onSearch?: (lists: number) => void,
): Context {
  const beforeBatch = (lists: number) => {
    signal?.throwIfAborted()
    onSearch?.(lists)
  }
  return { recommender, explainer, loaders: createLoaders(recommender, beforeBatch), signal, scopes }
}
