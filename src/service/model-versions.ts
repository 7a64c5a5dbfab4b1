/** The models of a store: their files, and the one that serves. */
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { makeFolder, placeIn, placesIn, remove, stateOf, withFile } from '../files/file-or-object.ts'
import { OutputFile } from '../files/output-file.ts'
import type { Model } from '../model/model.ts'
import { ModelFileError, openModel, writeModel } from '../model/model-file.ts'
import { withoutCustomer } from '../model/without-customer.ts'
import type { ModelDecision, ModelRegistry, RegisteredModel } from '../store/model-registry.ts'

/** How many models that do not serve are kept, unless another number is set. */
export const DEFAULT_KEPT_MODELS = 5

/** Where the models of a store are. */
export interface ModelVersionsOptions {
  readonly registry: ModelRegistry
  /** Where models are kept: a folder, or s3://bucket/name. Processes that share a store share it, too. */
  readonly folder: string
  /** The file that shall hold the model that serves, for other commands; null: there is none. */
  readonly published: string | null
  /** How many models that do not serve are kept. Default: DEFAULT_KEPT_MODELS. */
  readonly keep?: number
  /**
   * Told that the published file could not be written: it holds a former model, and what serves does not depend on it. It
   * is tried again with the next start or promotion. Default: a warning of the process.
   */
  readonly onUnpublished?: (error: Error) => void
  /** Who promotes models and rolls back, for the audit log. Default: "program". */
  readonly by?: string
}

/** The published file holds a former model, because it could not be written. */
export class UnpublishedError extends Error {
  override readonly name = 'UnpublishedError'

  constructor(file: string, version: string, cause: unknown) {
    super(
      `Model ${version} serves, but ${file} could not be brought up to date (${(cause as Error).message}): other ` +
        'commands find a former model there, or none. Make it writable; the next start or promotion tries again.',
      { cause },
    )
  }
}

/**
 * The registry says which model serves; every one has a file of its own, which is complete before the registry names it
 * and is not changed after, so that a crash at any moment leaves a model that serves.
 */
export class ModelVersions {
  readonly registry: ModelRegistry
  readonly folder: string
  readonly #published: string | null
  readonly #keep: number
  readonly #onUnpublished: (error: Error) => void
  readonly #by: string | undefined

  constructor({
    registry,
    folder,
    published,
    keep = DEFAULT_KEPT_MODELS,
    onUnpublished = (error) => process.emitWarning(error),
    by,
  }: ModelVersionsOptions) {
    this.registry = registry
    this.folder = folder
    this.#published = published
    this.#keep = keep
    this.#onUnpublished = onUnpublished
    this.#by = by
  }

  /** Where a version is kept. */
  fileOf(version: string): string {
    return placeIn(this.folder, `${version}.model`)
  }

  /** Keeps a model, which does not serve yet. @throws {ModelFileError} if it cannot be written */
  async add(model: Model, decision: ModelDecision, signal?: AbortSignal): Promise<void> {
    await makeFolder(this.folder)
    await writeModel(model, this.fileOf(model.version), signal ? { signal } : {})
    await this.registry.add({ version: model.version, hash: model.summary.tensorHash, decision })
  }

  /**
   * Makes a kept model serve: every server of the store notices. Older models are deleted.
   * @throws {ModelFileError} if its file is missing or damaged: nothing has changed then
   */
  async promote(version: string, decision: ModelDecision): Promise<void> {
    const kept = (await this.registry.all()).find((model) => model.version === version)
    if (kept !== undefined) await this.#open(kept)
    // It says so if it does not know the version.
    await this.registry.promote(version, decision, this.#by)
    await this.#publishServing(version)
    await this.#prune()
  }

  /**
   * Makes the model that served before serve again.
   * @param by  who does it, if not the one who opened this
   * @throws {RangeError} if there is none
   * @throws {ModelFileError} if its file is missing or damaged: nothing has changed then
   */
  async rollback(by = this.#by): Promise<{ readonly from: string; readonly to: string }> {
    const former = (await this.registry.all())
      .filter(({ state }) => state === 'RETIRED')
      .toSorted((a, b) => b.promotedAt! - a.promotedAt!)
    if (former.length > 0) await this.#open(former[0])
    const rolledBack = await this.registry.rollback(by)
    await this.#publishServing(rolledBack.to)
    return rolledBack
  }

  /** Keeps the published model as the one that serves, where the store knows none yet: so that there is one to go back to. */
  async adoptPublished(): Promise<void> {
    if (this.#published === null || (await this.#serving()) !== undefined) return
    if (await stateOf(this.#published)) await this.#adopt(this.#published)
  }

  /**
   * The model to serve. A published file that is newer than the last promotion and holds another model was put there by
   * somebody, with `rationale train` for instance: it is promoted. Otherwise the registry decides, and a published file
   * with another model is brought up to date: the process that promoted the last one was killed before it could.
   * @throws {ModelFileError} if no model can be opened
   */
  async current(): Promise<Model> {
    const serving = await this.#serving()
    if (this.#published === null) {
      if (serving === undefined) throw new RangeError('the store knows no model that serves')
      return this.#open(serving)
    }
    if (serving === undefined) return openModel(this.#published)
    const found = await stateOf(this.#published)
    if (found !== undefined && found.modifiedAt > serving.promotedAt!)
      return this.#adopt(this.#published, serving)
    const model = await this.#open(serving)
    const published =
      found === undefined ? undefined : await openModel(this.#published).catch(() => undefined)
    if (published?.version !== serving.version) await this.#publishServing(serving.version)
    return model
  }

  /**
   * Takes a customer out of every kept model, and of the published one. Servers notice, as of any other model. A failure in
   * the middle leaves some as they were: repeat the call. No retraining may run meanwhile: its files look like those that
   * a killed process left behind, which are deleted.
   * @returns of how many models
   * @throws {ModelFileError} if one of them cannot be read or written
   */
  async erase(customer: string): Promise<number> {
    let erased = 0
    for (const kept of await this.registry.all()) {
      const { version, state } = kept
      const model = await this.#open(kept)
      const index = model.customers.indexOf(customer)
      if (index < 0) continue
      const left = withoutCustomer(model, index)
      await writeModel(left, this.fileOf(left.version))
      await this.registry.replace(version, { version: left.version, hash: left.summary.tensorHash })
      await remove(this.fileOf(version))
      if (state === 'SERVING') await this.publish(left.version)
      erased++
    }
    await this.#deleteUnknown()
    return erased + (await this.#erasePublished(customer))
  }

  /** Files that the registry does not name: the process that wrote or replaced them was killed. */
  async #deleteUnknown(): Promise<void> {
    const known = new Set((await this.registry.all()).map(({ version }) => this.fileOf(version)))
    for (const file of await placesIn(this.folder)) if (!known.has(file)) await remove(file)
  }

  /** A published file that the registry does not know, or that a killed process left behind. */
  async #erasePublished(customer: string): Promise<number> {
    const file = this.#published
    if (file === null || (await stateOf(file)) === undefined) return 0
    const model = await openModel(file)
    const index = model.customers.indexOf(customer)
    if (index < 0) return 0
    await writeModel(withoutCustomer(model, index), file)
    return 1
  }

  /** Copies a kept model to where other commands look for it. */
  async publish(version: string): Promise<void> {
    if (this.#published === null) return
    const output = new OutputFile(this.#published, { confidential: true })
    try {
      await withFile(this.fileOf(version), async (file) => {
        for await (const chunk of createReadStream(file)) await output.write(chunk as Buffer)
      })
      await output.commit()
    } finally {
      output.discard()
    }
  }

  /** As `publish`, of what serves already: a failure is told, since the registry has decided. */
  async #publishServing(version: string): Promise<void> {
    try {
      await this.publish(version)
    } catch (cause) {
      this.#onUnpublished(new UnpublishedError(this.#published!, version, cause))
    }
  }

  /** The model that the registry says serves; null: there is none. @throws {ModelFileError} if it cannot be opened */
  async serving(): Promise<Model | null> {
    const found = await this.#serving()
    return found === undefined ? null : this.#open(found)
  }

  /** @throws {ModelFileError} if it is not the model that the registry knows */
  async #open({ version, hash }: Pick<RegisteredModel, 'version' | 'hash'>): Promise<Model> {
    const file = this.fileOf(version)
    const model = await openModel(file)
    if (model.summary.tensorHash === hash) return model
    throw new ModelFileError(
      `Cannot open the model ${file}: it holds another model than the store knows, sha256:${model.summary.tensorHash} in ` +
        `place of sha256:${hash}. Put the right file there, or roll back.`,
    )
  }

  async #serving(): Promise<RegisteredModel | undefined> {
    return (await this.registry.all()).find(({ state }) => state === 'SERVING')
  }

  /** @param serving  what the registry names; left out: nothing */
  async #adopt(file: string, serving?: RegisteredModel): Promise<Model> {
    const model = await openModel(file)
    if (model.version === serving?.version) return model
    const decision = { reason: `It was found in ${basename(file)}.`, ndcg10: null }
    await this.add(model, decision)
    await this.registry.promote(model.version, decision, this.#by)
    await this.#prune()
    return model
  }

  async #prune(): Promise<void> {
    for (const version of await this.registry.prune(this.#keep)) await remove(this.fileOf(version))
  }
}
