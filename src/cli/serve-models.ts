/** The models of a server that has a store: which one serves, its retrainings, and what is done from time to time. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Logger } from 'pino'
import type { Recommender } from '../engine/recommender.ts'
import type { Model } from '../model/model.ts'
import { readSettings, type SettingValues, STORE_SETTINGS } from '../server/settings.ts'
import { type KeptModels, ModelService } from '../service/model-service.ts'
import { ModelVersions } from '../service/model-versions.ts'
import { PrimaryRetrainings } from '../service/primary-retrainings.ts'
import { RetrainingError, Retrainings, type RetrainingStatus } from '../service/retraining.ts'
import { repeat } from '../service/schedule.ts'
import type { WorkerRole } from '../service/workers.ts'
import type { EventStore } from '../store/event-store.ts'
import type { Store } from '../store/store.ts'
import type { ModelRegistry } from '../store/model-registry.ts'
import { say } from './progress.ts'

/** The parsed options. */
export interface ServeModelsOptions {
  readonly model?: string
  readonly models?: string
  readonly watch?: boolean
  readonly retrainEvery?: string
  readonly margin?: number
  readonly keepModels?: number
  readonly keepEvents?: number
}

/** What serves, and what ends when the server does. */
export interface ServedModels {
  readonly models: ModelService
  close(): Promise<void>
}

/** Where a store and its models are. */
export interface KeptPlace {
  readonly location: string
  readonly folder: string
}

/** The parts of a server that its models need. */
export interface ServingParts {
  readonly store: Store
  /** Where the store is, for other processes, and the folder of its models; null: no models are kept. */
  readonly kept: KeptPlace | null
  readonly logger: Logger
  /** Null: this process serves alone. */
  readonly role: WorkerRole | null
  /** Opens a recommender for a model, which may take over parts of a former one. */
  readonly open: (model: Model, former?: Recommender) => Promise<Recommender>
}

export const launcher = fileURLToPath(new URL('../../bin/rationale.js', import.meta.url))

/** How often old events are looked for. */
const RETENTION = '1h'

/**
 * Serves a model, and begins to follow what becomes of the store: which model it says serves, and its catalogue.
 * @param first  gives the model to begin with
 * @throws {Error} if a setting is invalid, or no model can be opened
 */
export async function serveModels(
  options: ServeModelsOptions,
  { store, kept: place, logger, role, open }: ServingParts,
  first: (versions: ModelVersions | null) => Promise<Model>,
): Promise<ServedModels> {
  const settings = readSettings(STORE_SETTINGS, { ...options }, process.env)
  const ends: (() => unknown)[] = []
  try {
    const { events, catalogue } = store
    const kept = place && keptModels(store.models, place, options, settings, role, logger)
    const models = await ModelService.start(
      {
        kept,
        catalogue,
        open,
        onSwap: (version, milliseconds) =>
          logger.info({ version, milliseconds: Math.round(milliseconds) }, 'Another serving state'),
        onFailure: (error) => logger.error(error, 'It cannot be served: the former state stays'),
      },
      await first(kept?.versions ?? null),
    )
    ends.push(() => models.close())
    const look = () => void models.refresh({ reopen: true })
    process.on('SIGHUP', look)
    ends.push(() => process.off('SIGHUP', look))
    const { retrainEvery, keepEvents } = settings
    if (kept && role === null) ends.push(retrainFromTimeToTime(retrainEvery, kept.retrainings, logger))
    if (keepEvents !== undefined && (role === null || role.number === 1)) {
      const remove = () => void removeOld(events, Date.now() - keepEvents, logger)
      remove()
      ends.push(repeat(RETENTION, remove))
    }
    return { models, close: () => endAll(ends) }
  } catch (error) {
    await endAll(ends)
    throw error
  }
}

type StoreSettings = SettingValues<typeof STORE_SETTINGS>

function keptModels(
  registry: ModelRegistry,
  place: KeptPlace,
  { model = null }: { readonly model?: string | null },
  settings: StoreSettings,
  role: WorkerRole | null,
  logger: Logger,
): KeptModels {
  return {
    versions: new ModelVersions({
      registry,
      folder: place.folder,
      published: model,
      keep: settings.keepModels,
      onUnpublished: (error) => logger.warn(error),
      by: 'server',
    }),
    retrainings: role === null ? retrainingsOf(place, model, settings) : new PrimaryRetrainings(role),
    erase: (customer) => eraseFromModels(model, customer, environmentOf(place)),
    watched: settings.watch ? model : null,
  }
}

/** Not as arguments, which other users can read: the address of a store may hold a password. */
function environmentOf({ location, folder }: KeptPlace): NodeJS.ProcessEnv {
  return { ...process.env, STORE: location, MODELS: folder }
}

function retrainingsOf(
  place: KeptPlace,
  model: string | null,
  settings: StoreSettings,
  onChange?: (status: RetrainingStatus) => void,
): Retrainings {
  const command = (force: boolean) => retrainCommand(model, settings, force)
  return new Retrainings(command, Date.now, onChange, environmentOf(place))
}

/** The retrainings of a process that starts workers, which has no models itself. */
export function primaryRetrainings(
  place: KeptPlace,
  options: ServeModelsOptions,
  logger: Logger,
  onChange: (status: RetrainingStatus) => void,
): { readonly retrainings: Retrainings; close(): Promise<void> } {
  const settings = readSettings(STORE_SETTINGS, { ...options }, process.env)
  const retrainings = retrainingsOf(place, options.model ?? null, settings, onChange)
  const end = retrainFromTimeToTime(settings.retrainEvery, retrainings, logger)
  const close = () => {
    end()
    return retrainings.close()
  }
  return { retrainings, close }
}

/** @param every  undefined: never @returns a function that ends it */
function retrainFromTimeToTime(
  every: string | undefined,
  retrainings: Retrainings,
  logger: Logger,
): () => void {
  return every === undefined ? () => {} : repeat(every, () => void retrainNow(retrainings, logger))
}

/** The process that retrains, as it is started by hand, but for its priority and the messages that it sends. */
function retrainCommand(
  model: string | null,
  { margin, keepModels }: StoreSettings,
  force: boolean,
): string[] {
  const options = ['--margin', String(margin), '--keep-models', String(keepModels)]
  if (model !== null) options.push('--model', model)
  if (force) options.push('--force')
  return [launcher, 'retrain', '--background', ...options]
}

/** In a process of its own: reading and writing models takes seconds. @throws {Error} with what that process printed */
async function eraseFromModels(
  model: string | null,
  customer: string,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const options = model === null ? [] : ['--model', model]
  const args = [launcher, 'erase', '--background', '--json', ...options, `--customer=${customer}`]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env })
  return (JSON.parse(stdout) as { models: number }).models
}

/** The last opened is closed first. */
async function endAll(ends: readonly (() => unknown)[]): Promise<void> {
  for (const end of ends.toReversed()) await end()
}

async function retrainNow(retrainings: Retrainings, logger: Logger): Promise<void> {
  try {
    retrainings.start(false)
  } catch (error) {
    if (!(error instanceof RetrainingError)) throw error
    logger.warn('The retraining before has not ended: this one is left out')
    return
  }
  await retrainings.ended
  const { retrained, failure } = retrainings.status
  if (failure === null) logger.info(retrained, 'Retrained')
  else logger.error({ failure }, 'Retraining failed')
}

async function removeOld(events: EventStore, before: number, logger: Logger): Promise<void> {
  try {
    const removed = await events.removeBefore(before)
    if (removed > 0) say(`Removed ${removed} events from before ${new Date(before).toISOString()}`)
  } catch (error) {
    logger.error(error, 'Old events cannot be removed')
  }
}
