/** Keeps a server on the model that its store says serves, and lets its operators change that. */
import { stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Recommender } from '../engine/recommender.ts'
import type { Model } from '../model/model.ts'
import type { RegisteredModel } from '../store/model-registry.ts'
import type { ModelVersions } from './model-versions.ts'
import type { Retrainings } from './retraining.ts'
import type { ServingStates } from './serving-states.ts'

/** How often the store is asked which model serves, in ms. */
const POLL = 2000

/** What a model service works with. */
export interface ModelServiceOptions {
  readonly versions: ModelVersions
  readonly states: ServingStates
  readonly retrainings: Retrainings
  /** Opens a recommender for a model. */
  readonly open: (model: Model) => Recommender
  /** A model file to look at as well, whoever replaces it; null: none. */
  readonly watched: string | null
  /** Takes a customer out of the store's models, in a process of its own. @returns of how many */
  readonly erase: (customer: string) => Promise<number>
  /** Told of each swap, and of each model that cannot be served; the former one stays then. */
  readonly onSwap: (version: string, milliseconds: number) => void
  readonly onFailure: (error: Error) => void
}

/** The models of a server. */
export class ModelService {
  readonly retrainings: Retrainings
  readonly #options: ModelServiceOptions
  readonly #stop = new AbortController()
  #following: Promise<void> = Promise.resolve()
  #refreshing: Promise<void> | undefined
  /** What was served, or could not be: it is tried again when it has changed. */
  #handled: string | undefined
  #failure: string | undefined

  constructor(options: ModelServiceOptions) {
    this.#options = options
    this.retrainings = options.retrainings
  }

  /** The models that the store knows, the latest first. @throws {StoreError} */
  all(): Promise<readonly RegisteredModel[]> {
    return this.#options.versions.registry.all()
  }

  /**
   * Makes the model that served before serve again, here at once and on other servers of the store within seconds.
   * @throws {RangeError} if there is none
   * @throws {ModelFileError} if it cannot be opened: nothing has changed then
   * @throws {StoreError}
   */
  async rollback(): Promise<{ readonly from: string; readonly to: string }> {
    const rolledBack = await this.#options.versions.rollback()
    await this.refresh()
    return rolledBack
  }

  /**
   * Takes a customer out of every model, here at once and on other servers of the store within seconds. A retraining that
   * is running here ends: it may have read what was erased.
   * @returns of how many models
   * @throws {Error} if that failed: repeat the call
   */
  async erase(customer: string): Promise<number> {
    this.retrainings.cancel()
    const erased = await this.#options.erase(customer)
    await this.refresh()
    return erased
  }

  /** Begins to look for other models from time to time. The one that serves now is taken to be the right one. */
  async follow(): Promise<void> {
    this.#handled = await this.#wanted().catch(() => undefined)
    this.#following = this.#follow()
  }

  /** Looks for another model now, and serves it. It does not throw. */
  async refresh(): Promise<void> {
    // A call during a refresh may be about something that this did not see.
    while (this.#refreshing) await this.#refreshing
    this.#refreshing = this.#refresh().finally(() => (this.#refreshing = undefined))
    await this.#refreshing
  }

  /** Stops looking, and ends a retraining that is running. */
  async close(): Promise<void> {
    this.#stop.abort()
    this.retrainings.cancel()
    await Promise.all([this.#following, this.#refreshing, this.retrainings.ended])
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      await sleep(POLL, undefined, { signal, ref: false }).catch(() => {})
      if (!signal.aborted) await this.refresh()
    }
  }

  async #refresh(): Promise<void> {
    const { versions, states, open, onSwap, onFailure } = this.#options
    let wanted: string | undefined
    try {
      wanted = await this.#wanted()
      if (wanted === this.#handled) return
      const start = performance.now()
      const model = await versions.current()
      if (model.version !== states.current.model.version) {
        const recommender = open(model)
        recommender.openNeighbours()
        states.swap(recommender)
        onSwap(model.version, performance.now() - start)
      }
      this.#failure = undefined
    } catch (error) {
      const { message } = error as Error
      if (message !== this.#failure) onFailure(error as Error)
      this.#failure = message
    }
    this.#handled = wanted
  }

  /** What says which model is to be served: it differs when another is. */
  async #wanted(): Promise<string> {
    const { versions, watched } = this.#options
    const serving = await versions.registry.serving()
    const file = watched === null ? undefined : await stat(watched, { bigint: true }).catch(() => undefined)
    return JSON.stringify([serving, file && [file.ino, file.size, file.ctimeNs].map(String)])
  }
}
