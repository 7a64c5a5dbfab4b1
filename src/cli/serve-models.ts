/** The models of a server that has a store: which one serves, its retrainings, and what is done from time to time. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Logger } from 'pino'
import type { Recommender } from '../engine/recommender.ts'
import type { Model } from '../model/model.ts'
import { readSettings, STORE_SETTINGS } from '../server/settings.ts'
import { ModelService } from '../service/model-service.ts'
import { ModelVersions } from '../service/model-versions.ts'
import { RetrainingError, Retrainings } from '../service/retraining.ts'
import { repeat } from '../service/schedule.ts'
import { ServingStates } from '../service/serving-states.ts'
import type { EventStore } from '../store/event-store.ts'
import { openModelRegistry } from '../store/model-registry.ts'
import { say } from './progress.ts'

/** The parsed options. */
export interface ServeModelsOptions {
  readonly model?: string
  readonly watch?: boolean
  readonly retrainEvery?: string
  readonly margin?: number
  readonly keepModels?: number
  readonly keepEvents?: number
}

/** What serves, and what ends when the server does. */
export interface ServedModels {
  readonly states: ServingStates
  readonly models: ModelService
  close(): Promise<void>
}

const launcher = fileURLToPath(new URL('../../bin/rationale.js', import.meta.url))

/** How often old events are looked for. */
const RETENTION = '1h'

/**
 * Opens the model that a store says serves, and begins to follow what becomes of it.
 * @param store  the store's file
 * @param first  gives the model to serve where the store has none, and no --model is given
 * @param open  opens a recommender for a model
 * @throws {Error} if a setting is invalid, or no model can be opened
 */
export async function serveModels(
  store: string,
  options: ServeModelsOptions,
  { events, logger }: { readonly events: EventStore; readonly logger: Logger },
  first: (versions: ModelVersions) => Promise<Model>,
  open: (model: Model) => Recommender,
): Promise<ServedModels> {
  const settings = readSettings(STORE_SETTINGS, { ...options }, process.env)
  const registry = openModelRegistry(store)
  const versions = new ModelVersions({
    registry,
    store,
    published: options.model ?? null,
    keep: settings.keepModels,
  })
  const ends: (() => unknown)[] = [() => registry.close()]
  try {
    const states = new ServingStates(open(await first(versions)))
    ends.push(() => states.close())
    const models = new ModelService({
      versions,
      states,
      retrainings: new Retrainings((force) => retrainCommand(store, options.model, settings, force)),
      open,
      erase: (customer) => eraseFromModels(store, options.model, customer),
      watched: settings.watch ? (options.model ?? null) : null,
      onSwap: (version, milliseconds) =>
        logger.info({ version, milliseconds: Math.round(milliseconds) }, 'Another model serves'),
      onFailure: (error) => logger.error(error, 'Another model cannot be served: the former one stays'),
    })
    await models.follow()
    ends.push(() => models.close())
    const look = () => void models.refresh()
    process.on('SIGHUP', look)
    ends.push(() => process.off('SIGHUP', look))
    if (settings.retrainEvery !== undefined)
      ends.push(repeat(settings.retrainEvery, () => void retrainNow(models, logger)))
    if (settings.keepEvents !== undefined) {
      const { keepEvents } = settings
      const remove = () => void removeOld(events, Date.now() - keepEvents, logger)
      remove()
      ends.push(repeat(RETENTION, remove))
    }
    return { states, models, close: () => endAll(ends) }
  } catch (error) {
    await endAll(ends)
    throw error
  }
}

/** The process that retrains, as it is started by hand, but for its priority and the messages that it sends. */
function retrainCommand(
  store: string,
  model: string | undefined,
  { margin, keepModels }: { readonly margin: number; readonly keepModels: number },
  force: boolean,
): string[] {
  const options = ['--store', store, '--margin', String(margin), '--keep-models', String(keepModels)]
  if (model !== undefined) options.push('--model', model)
  if (force) options.push('--force')
  return [launcher, 'retrain', '--background', ...options]
}

/** In a process of its own: reading and writing models takes seconds. @throws {Error} with what that process printed */
async function eraseFromModels(store: string, model: string | undefined, customer: string): Promise<number> {
  const options = ['--store', store, ...(model === undefined ? [] : ['--model', model])]
  const args = [launcher, 'erase', '--background', '--json', ...options, `--customer=${customer}`]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return (JSON.parse(stdout) as { models: number }).models
}

/** The last opened is closed first. */
async function endAll(ends: readonly (() => unknown)[]): Promise<void> {
  for (const end of ends.toReversed()) await end()
}

async function retrainNow({ retrainings }: ModelService, logger: Logger): Promise<void> {
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
