/**
 * Keeps a server on the model that its store says serves, with the catalogue as it is now, and lets its operators change
 * that.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Recommender } from '../engine/recommender.ts'
import { stateOf } from '../files/file-or-object.ts'
import { inPieces } from '../kernels/pieces.ts'
import { withCatalogueInPieces } from '../model/extend-catalogue.ts'
import type { Model } from '../model/model.ts'
import type { CatalogueStore } from '../store/catalogue.ts'
import type { RegisteredModel } from '../store/model-registry.ts'
import { FollowedCatalogue } from './followed-catalogue.ts'
import type { ModelVersions } from './model-versions.ts'
import type { Retrainings, RetrainingStatus } from './retraining.ts'
import { ServingStates } from './serving-states.ts'

/** How often the store is asked what is to be served, in ms. */
const POLL = 2000

/** The models that a store keeps, and what changes them. */
export interface KeptModels {
  readonly versions: ModelVersions
  readonly retrainings: Retrainings
  /** Takes a customer out of the store's models, in a process of its own. @returns of how many */
  readonly erase: (customer: string) => Promise<number>
  /** A model file to look at as well, whoever replaces it; null: none. */
  readonly watched: string | null
}

/** What a model service works with. */
export interface ModelServiceOptions {
  /** Null: the model stays the same. */
  readonly kept: KeptModels | null
  /** Who opened it closes it. */
  readonly catalogue: CatalogueStore
  /** Opens a recommender for a model, which may take over parts of a former one. */
  readonly open: (model: Model, former?: Recommender) => Promise<Recommender>
  /** Told of each swap, and how long it took. */
  readonly onSwap: (version: string, milliseconds: number) => void
  /** Told, once, why something cannot be served: the former state stays then. */
  readonly onFailure: (error: Error) => void
}

/** What is to be served, as texts that differ when another model, or another catalogue, is. */
interface Wanted {
  readonly model: string
  readonly revision: number
}

/** The serving state of a server, and what it is made of. */
export class ModelService {
  readonly states: ServingStates
  readonly #options: ModelServiceOptions
  readonly #stop = new AbortController()
  readonly #catalogue: FollowedCatalogue
  /** As it was trained. */
  #model: Model
  /** What is served, or could not be: it is tried again when it has changed. */
  #handled: Wanted
  #failure: string | undefined
  #following: Promise<void> = Promise.resolve()
  #refreshing: Promise<void> | undefined

  private constructor(
    options: ModelServiceOptions,
    catalogue: FollowedCatalogue,
    model: Model,
    handled: Wanted,
    recommender: Recommender,
  ) {
    this.#options = options
    this.#catalogue = catalogue
    this.#model = model
    this.#handled = handled
    this.states = new ServingStates(recommender)
  }

  /**
   * Serves a model with the catalogue as it is now, and begins to look for changes from time to time.
   * @throws {StoreError} if the store cannot be read
   */
  static async start(options: ModelServiceOptions, model: Model): Promise<ModelService> {
    const wanted = await wantedOf(options)
    const catalogue = new FollowedCatalogue(options.catalogue)
    await catalogue.follow(model)
    const recommender = await recommenderOf(options, model, catalogue)
    const service = new ModelService(options, catalogue, model, wanted, recommender)
    service.#following = service.#follow()
    service.retrainings?.onPromotion(() => service.refresh())
    return service
  }

  /** Null: no models are kept. */
  get retrainings(): Retrainings | null {
    return this.#options.kept?.retrainings ?? null
  }

  /**
   * Begins a retraining, which is entered into the audit log first.
   * @param force  whether the new model serves without being compared
   * @throws {RetrainingError} while another is running here
   * @throws {RangeError} if no models are kept
   * @throws {StoreError} if it cannot be entered: nothing has begun then
   */
  async retrain(force: boolean, by: string): Promise<RetrainingStatus> {
    const { versions, retrainings } = this.#kept()
    retrainings.expectNone()
    const subject = force ? 'a new model, without comparison' : 'a new model'
    await versions.registry.record({ actor: by, action: 'retrain', subject })
    retrainings.start(force)
    return retrainings.status
  }

  /**
   * Ends the retraining that is running here, and enters that into the audit log.
   * @returns whether one was running
   * @throws {RangeError} if no models are kept
   * @throws {StoreError} if it cannot be entered; it has ended all the same
   */
  async cancelRetraining(by: string): Promise<boolean> {
    const { versions, retrainings } = this.#kept()
    const wasRunning = retrainings.cancel()
    const subject = 'the retraining that was running'
    if (wasRunning) await versions.registry.record({ actor: by, action: 'cancel', subject })
    return wasRunning
  }

  /** The models that the store knows, the latest first. @throws {StoreError} */
  async all(): Promise<readonly RegisteredModel[]> {
    return this.#options.kept?.versions.registry.all() ?? []
  }

  /**
   * Makes the model that served before serve again, here at once and on other servers of the store within seconds.
   * @param by  who does it, for the audit log
   * @throws {RangeError} if there is none
   * @throws {ModelFileError} if it cannot be opened: nothing has changed then
   * @throws {StoreError}
   */
  async rollback(by: string): Promise<{ readonly from: string; readonly to: string }> {
    const rolledBack = await this.#kept().versions.rollback(by)
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
    const { kept } = this.#options
    if (kept === null) return 0
    kept.retrainings.cancel()
    const erased = await kept.erase(customer)
    await this.refresh()
    return erased
  }

  /**
   * Looks now whether something else is to be served, and serves it. It does not throw.
   * @param reopen  opens the model again in any case: its file may have been replaced. Default: false
   */
  async refresh({ reopen = false } = {}): Promise<void> {
    // A call during a refresh may be about something that this did not see.
    while (this.#refreshing) await this.#refreshing
    this.#refreshing = this.#refresh(reopen).finally(() => (this.#refreshing = undefined))
    await this.#refreshing
  }

  /** Stops looking, ends a retraining that is running, and closes the serving state after its requests. */
  async close(): Promise<void> {
    this.#stop.abort()
    await Promise.all([this.#following, this.#refreshing, this.retrainings?.close()])
    this.states.close()
  }

  #kept(): KeptModels {
    const { kept } = this.#options
    if (kept === null) throw new RangeError('no models are kept')
    return kept
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      await sleep(POLL, undefined, { signal, ref: false }).catch(() => {})
      if (!signal.aborted) await this.refresh()
    }
  }

  async #refresh(reopen: boolean): Promise<void> {
    const { kept, onSwap, onFailure } = this.#options
    let wanted: Wanted | undefined
    try {
      wanted = await wantedOf(this.#options)
      const { model, revision } = this.#handled
      if (!reopen && wanted.model === model && wanted.revision === revision) return
      const start = performance.now()
      const isSame = !reopen && wanted.model === model
      const trained = kept === null || isSame ? this.#model : await kept.versions.current()
      const next = trained.version === this.#model.version ? this.#model : trained
      const hasChanged = await this.#catalogue.follow(next)
      if (next !== this.#model || hasChanged) {
        this.states.swap(await recommenderOf(this.#options, next, this.#catalogue, this.states.current))
        this.#model = next
        onSwap(next.version, performance.now() - start)
      }
      this.#failure = undefined
    } catch (error) {
      const { message } = error as Error
      if (message !== this.#failure) onFailure(error as Error)
      this.#failure = message
    }
    this.#handled = wanted ?? this.#handled
  }
}

async function wantedOf({ kept, catalogue }: ModelServiceOptions): Promise<Wanted> {
  const serving = await kept?.versions.registry.serving()
  const watched = kept?.watched ?? null
  const file = watched === null ? undefined : await stateOf(watched)
  return {
    model: JSON.stringify([serving, file?.tag]),
    revision: await catalogue.revision(),
  }
}

/** A recommender for a model with the catalogue as it is now. */
async function recommenderOf(
  { open }: ModelServiceOptions,
  model: Model,
  { products }: FollowedCatalogue,
  former?: Recommender,
): Promise<Recommender> {
  return open(
    products.length > 0 ? await inPieces(withCatalogueInPieces(model, products, former?.model)) : model,
    former,
  )
}
