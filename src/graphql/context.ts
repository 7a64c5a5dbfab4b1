import type { Recommender } from '../engine/recommender.ts'
import { createLoaders, type Loaders } from './loaders.ts'

/** What resolvers are given: the engine, and the loaders of this one operation. */
export interface Context {
  readonly recommender: Recommender
  readonly loaders: Loaders
}

/** A fresh context: one an operation, since its loaders remember what they have loaded. */
export function createContext(recommender: Recommender): Context {
  return { recommender, loaders: createLoaders(recommender) }
}
