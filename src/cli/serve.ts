import type { Command } from 'commander'
import { Option } from 'commander'
import envPaths from 'env-paths'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { generateShop } from '../data/demo-shop.ts'
import { Recommender } from '../engine/recommender.ts'
import { hasHistoriesOf } from '../engine/trained-histories.ts'
import { isObjectUrl } from '../files/object-storage.ts'
import type { Kernels } from '../kernels/kernels.ts'
import { openKernels } from '../kernels/open.ts'
import type { Model } from '../model/model.ts'
import { type ServerConfig, type ServerSettings, serverSettings } from '../server/server-settings.ts'
import { readSettings, SERVE_SETTINGS, SERVER_SETTINGS, STORE_SETTINGS } from '../server/settings.ts'
import { randomServerToken } from '../server/server-token.ts'
import type { TrustedDocuments } from '../server/trusted-documents.ts'
import type { ModelVersions } from '../service/model-versions.ts'
import type { RetrainingStatus } from '../service/retraining.ts'
import { type WorkerRole, workerRole, Workers } from '../service/workers.ts'
import { IN_MEMORY } from '../store/sqlite/database-file.ts'
import type { Scope } from '../store/scope.ts'
import { isImported } from '../store/imported-history.ts'
import { openLimits } from '../store/open-limits.ts'
import type { OpenLimits } from '../store/shared-limits.ts'
import { openStore, type Store } from '../store/store.ts'
import { abortOnInterruption, abortOnStop } from './interruption.ts'
import { say } from './progress.ts'
import type { DataOptions, FitOptions } from './options.ts'
import {
  configurationOf,
  dataOptions,
  filled,
  fitOptions,
  leastCustomersOf,
  threadsOption,
  settingOption,
} from './options.ts'
import { printable } from './plain-text.ts'
import {
  type KeptPlace,
  launcher,
  primaryRetrainings,
  type ServedModels,
  serveModels,
  type ServeModelsOptions,
} from './serve-models.ts'
import { shellWord } from './shell-word.ts'
import { modelsFolder, modelsOption, storeNamed, usingStore } from './store.ts'
import { openWriter, type WriterOptions, writerOptions } from './language-model.ts'
import { readEnvironmentFile } from './environment-file.ts'

interface ServeOptions extends DataOptions, FitOptions, WriterOptions, ServeModelsOptions {
  data?: string
  model?: string
  host?: string
  port?: number
  introspection?: boolean
  threads?: number
  requireKeys?: boolean
  insecure?: boolean
  trustProxy?: number
  trustedDocuments?: string
  corsOrigin?: string[]
  leastCustomers?: number
  workers?: number
}

const EXAMPLES = `
Examples:
  rationale serve                                 a demo shop to try it out
  rationale serve --data shop                     train on a shop's data, then serve
  rationale serve --data shop --store shop.sqlite --retrain-every 6h
                                                  keep what happens in a store, and train again on it
  rationale serve --model shop.model --port 8080  serve a trained model
  rationale serve --model shop.model --host 0.0.0.0
                                                  for other machines: needs an API key (see rationale keys --help)
  RATIONALE_TOKEN=…  rationale serve --data shop  with your own token instead of a new one each time
  rationale serve --model shop.model --workers 2  two processes on one port
  rationale serve --llm                           explanations by a language model (see rationale explain --help)`

export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .description('serve recommendations over GraphQL until Ctrl-C')
    .option('--model <file>', 'serve this model file', filled)
    .addOption(
      new Option('--data <path>', 'train first, on Olist-schema files or a CSV file')
        .argParser(filled)
        .conflicts('model'),
    )
    .addOption(settingOption(SERVER_SETTINGS.host))
    .addOption(settingOption(SERVER_SETTINGS.port))
    .addOption(settingOption(SERVER_SETTINGS.introspection))
    .addOption(settingOption(SERVE_SETTINGS.requireKeys))
    .addOption(settingOption(SERVE_SETTINGS.insecure).conflicts('requireKeys'))
    .addOption(settingOption(SERVER_SETTINGS.trustProxy))
    .addOption(settingOption(SERVER_SETTINGS.corsOrigins))
    .addOption(settingOption(SERVE_SETTINGS.trustedDocuments))
    .addOption(settingOption(SERVE_SETTINGS.leastCustomers))
    .addOption(settingOption(SERVE_SETTINGS.workers))
    .addOption(settingOption(STORE_SETTINGS.watch).conflicts('data'))
    .addOption(settingOption(STORE_SETTINGS.retrainEvery))
    .addOption(settingOption(STORE_SETTINGS.margin))
    .addOption(modelsOption())
    .addOption(settingOption(STORE_SETTINGS.keepModels))
    .addOption(settingOption(STORE_SETTINGS.keepEvents))
    .addHelpText('after', EXAMPLES)
  for (const option of [...dataOptions(), ...fitOptions(), threadsOption()]) {
    command.addOption(option.conflicts('model'))
  }
  for (const option of writerOptions(SERVE_SETTINGS.store)) command.addOption(option)
  command.action((options: ServeOptions) => serve(options))
}

/** Serves until the process is interrupted, which is the normal end. */
async function serve(options: ServeOptions): Promise<void> {
  readEnvironmentFile(options.llm)
  const role = workerRole()
  const signal = role === null ? abortOnInterruption() : abortOnStop(role)
  const { workers } = readSettings(
    { workers: SERVE_SETTINGS.workers },
    { workers: options.workers },
    process.env,
  )
  const { corsOrigin: corsOrigins, ...rest } = options
  const settings = serverSettings({ ...rest, ...(corsOrigins && { corsOrigins }) })
  const location = storeNamed(options.store) ?? storeBeside(options.model)
  const isKept = location !== IN_MEMORY
  if (!isKept) expectNoStoreOptions(options, workers)
  const kept = isKept ? { location, folder: modelsFolder(location, options.models) } : null
  if (role === null) await expectFreePort(settings)
  if (role !== null || workers === 1 || kept === null) await serveHere(options, settings, kept, role, signal)
  else await serveByWorkers(options, settings, kept, workers, signal)
}

// JSON does not escape all control characters of terminals.
const loggerOf = async (role: WorkerRole | null): Promise<Logger> => {
  // Loaded on demand: the other commands start faster.
  const { pino } = await import('pino')
  const logger = pino({}, { write: (line) => process.stderr.write(printable(line)) })
  return role === null ? logger : logger.child({ worker: role.number })
}

/** Starts workers, each of which serves, and waits for the end. */
async function serveByWorkers(
  options: ServeOptions,
  settings: ServerSettings,
  kept: KeptPlace,
  count: number,
  signal: AbortSignal,
): Promise<void> {
  const logger = await loggerOf(null)
  const token = tokenOf(settings)
  let workers: Workers | undefined
  let status: RetrainingStatus | null = null
  const { retrainings, close } = primaryRetrainings(kept, options, logger, (retraining) => {
    status = retraining
    workers?.tell({ retraining })
  })
  const look = () => workers?.signal('SIGHUP')
  process.on('SIGHUP', look)
  let isWell = true
  try {
    workers = await Workers.start(
      {
        count,
        program: launcher,
        args: process.argv.slice(2),
        environment: token === null ? {} : { RATIONALE_TOKEN: token },
        onMessage: (message) => {
          if ('cancelRetraining' in message) retrainings.cancel()
          else if (retrainings.status.isRunning) workers?.tell({ retraining: retrainings.status })
          else retrainings.start(message.retrain.force)
        },
        greeting: () => status && { retraining: status },
        log: logger,
      },
      signal,
    )
    if (settings.access === 'LOOPBACK') sayWhoMayAsk(workers.url, settings, token, false, options)
    say(`Serving by ${count} workers; Ctrl-C stops them`)
    process.stdout.write(`${workers.url}\n`)
    if (!signal.aborted) await Promise.race([once(signal, 'abort'), workers.gaveUp])
    say('Stopping')
  } finally {
    process.off('SIGHUP', look)
    isWell = (await workers?.close()) ?? true
    await close()
  }
  if (!isWell) throw new Error('a worker did not end in time, and was killed')
}

/** A server that others can reach creates no token: a printed one would end up in logs. */
function tokenOf({ token, access }: ServerSettings): string | null {
  return token ?? (access === 'LOOPBACK' ? randomServerToken() : null)
}

/**
 * Serves in this process.
 * @param kept  where the store and its models are; null: in memory
 * @param role  its place among workers; null: it serves alone
 */
async function serveHere(
  options: ServeOptions,
  settings: ServerSettings,
  kept: KeptPlace | null,
  role: WorkerRole | null,
  signal: AbortSignal,
): Promise<void> {
  const least = leastCustomersOf(options)
  // Of several workers one says what all of them do.
  const tell = role === null || role.number === 1 ? say : () => {}
  const trustedDocuments = await readTrusted(options.trustedDocuments, tell)
  const store = openStore(kept?.location ?? IN_MEMORY)
  const logger = await loggerOf(role)
  const ends: (() => unknown)[] = [() => store.close()]
  try {
    await sayWhereKeysAre(store, kept !== null, settings, tell)
    const availability = await store.openAvailability()
    const { events, catalogue, keys: apiKeys } = store
    const sharedLimits =
      kept === null || settings.limits.rateLimit === null ? null : await limitsOf(store, logger)
    if (sharedLimits) ends.push(() => sharedLimits.close())
    const writer = await openWriter(options, logger)
    ends.push(() => writer.close())
    const kernels = await openKernels(options)
    ends.unshift(() => kernels.close())
    const open = (model: Model, former?: Recommender) =>
      Recommender.open(model, kernels, { availability, events, catalogue, ...least }, former)
    const parts = { store, kept, logger, role, open }
    const served: ServedModels = await serveModels(options, parts, (versions) =>
      versions === null || kept === null
        ? train(options, kernels, signal)
        : firstModel({ store, location: kept.location }, versions, options, kernels, signal, tell),
    )
    ends.push(() => served.close())
    const { models } = served
    await sayWhoIsKnown(models.states.current.model, store, tell)
    signal.throwIfAborted()
    const { startServer } = await import('../server/server.ts')
    // A store may hold the events of real customers.
    const isDemo = kept === null && options.data === undefined
    const token = tokenOf(settings)
    const server = await startServer({
      recommender: models.states,
      models,
      store,
      explainer: writer.explainer,
      logger,
      apiKeys,
      ...(trustedDocuments && { trustedDocuments }),
      ...(sharedLimits && { sharedLimits }),
      ...settings,
      token,
      keyless: isDemo ? DEMO_SCOPES : ['catalog'],
      requireKeys: settings.access === 'KEYS',
      insecure: settings.access === 'ANYONE',
    })
    if (role === null) {
      if (settings.access === 'LOOPBACK') sayWhoMayAsk(server.url, settings, token, isDemo, options)
      say('Serving; Ctrl-C stops it')
      process.stdout.write(`${server.url}\n`)
    } else role.tell({ listening: server.url })
    if (!signal.aborted) await once(signal, 'abort')
    if (role === null) say('Stopping')
    await server.close()
  } finally {
    // The last opened is closed first.
    for (const end of ends.toReversed()) await end()
    role?.leave()
  }
}

/** The limits that this process shares with others of the store; null if they cannot be opened. */
async function limitsOf({ database }: Store, logger: Logger): Promise<OpenLimits | null> {
  try {
    return await openLimits(database)
  } catch (err) {
    logger.warn(
      { err },
      'Callers are limited by this process alone: the limits of the store cannot be opened',
    )
    return null
  }
}

/** Says where customers are read from if the model holds none. */
async function sayWhoIsKnown({ summary }: Model, { events }: Store, tell: typeof say): Promise<void> {
  if (!summary.withoutHistories) return
  if (await hasHistoriesOf(events, summary)) {
    tell('The model holds no customers: histories are read from the store that it was trained on')
    return
  }
  tell(
    'The model was trained without histories: it holds no customers, and every customer is unknown who has no ' +
      'events in the store' +
      (summary.trainedOn ? '. It was trained on another store: name that one with --store' : ''),
  )
}

/** A token that comes from the environment is not printed. */
function sayWhoMayAsk(
  url: string,
  settings: ServerSettings,
  used: string | null,
  isDemo: boolean,
  { trustedDocuments }: ServeOptions,
): void {
  const token = settings.token === null ? used : null
  const hasPage = !settings.production && trustedDocuments === undefined
  const what = isDemo ? 'Changes' : 'Queries about customers and changes'
  const shown = token === null ? 'that of $RATIONALE_TOKEN' : token
  say(`${what} need an API key, or the token of this server: ${shown} (Authorization: Bearer …)`)
  if (hasPage) say(`Open in a browser: ${url}#token=${token ?? '…'}`)
}

async function readTrusted(
  file: string | undefined,
  tell: typeof say,
): Promise<TrustedDocuments | undefined> {
  if (file === undefined) return undefined
  const { readTrustedDocuments } = await import('../server/trusted-documents.ts')
  const documents = await readTrustedDocuments(file)
  tell(`Only trusted documents are answered: the ${documents.size} in ${file}. GraphiQL is not served`)
  return documents
}

/** @throws {Error} if the model is in object storage */
function storeBeside(model: string | undefined): string {
  if (model === undefined) return IN_MEMORY
  if (isObjectUrl(model))
    throw new Error(`there is no place for a store beside ${model}: name one with --store or $STORE`)
  return `${model}.sqlite`
}

/** Events in memory are lost when the server stops, and no other process can read them. */
function expectNoStoreOptions({ retrainEvery, keepEvents }: ServeOptions, workers: number): void {
  for (const [flag, given] of Object.entries({
    '--retrain-every': retrainEvery,
    '--keep-events': keepEvents,
    '--workers': workers > 1 ? workers : undefined,
  }))
    if (given !== undefined) throw new Error(`${flag} needs a store: name one with --store or $STORE`)
}

/**
 * The model to begin with: that of --model, or a newer one of the store; else the one that the store says serves; else
 * one that is trained now, on what the store holds. Files are imported unless an import has ended before: one that was
 * stopped goes on.
 */
async function firstModel(
  { store, location }: { readonly store: Store; readonly location: string },
  versions: ModelVersions,
  options: ServeOptions,
  kernels: Kernels,
  signal: AbortSignal,
  tell: typeof say,
): Promise<Model> {
  if (options.model !== undefined) {
    tell(`Opening ${options.model}`)
    return versions.current()
  }
  const hasEvents = ((await store.events.watermark())?.receivedThrough ?? 0) > 0
  if (!(await isImported(store.database)) && (options.data !== undefined || !hasEvents)) {
    const { importHistory } = await import('./import.ts')
    await importHistory(options.data ?? (await demoShop(signal)), location, options, signal)
  }
  const serving = await versions.serving()
  if (serving !== null) {
    tell(`Opening model ${serving.version} of ${store.name}`)
    return serving
  }
  const { fit, readStored } = await import('./read-data.ts')
  const { result, trainedOn } = await readStored(location, signal)
  const model = await fit(result, configurationOf(options), kernels, signal, { trainedOn })
  const decision = { reason: 'It is the first model.', ndcg10: null }
  await versions.add(model.result, decision, signal)
  await versions.promote(model.result.version, decision)
  return model.result
}

async function train(options: ServeOptions, kernels: Kernels, signal: AbortSignal): Promise<Model> {
  const configuration = configurationOf(options)
  // Loaded on demand: serving an existing model does not need it.
  const { fit, read } = await import('./read-data.ts')
  const data = options.data ?? (await demoShop(signal))
  const dataset = await read(data, options, signal)
  const model = await fit(dataset.result, configuration, kernels, signal)
  return model.result
}

/** Checks before the training that the port is free. */
async function expectFreePort({ host, port }: ServerConfig): Promise<void> {
  const probe = createServer().listen(port, host)
  try {
    await once(probe, 'listening')
  } catch (cause) {
    const { message } = cause as Error
    throw new Error(`cannot listen on ${host}:${port} (${message}); choose another --port or --host`, {
      cause,
    })
  } finally {
    probe.close()
  }
}

/** The options of the demo shop; the README shows an answer from it. */
export const DEMO_SHOP = { customers: 3000, products: 600, seed: 1 }

/** What is allowed there without a key or a token: that shop has no real customers. */
export const DEMO_SCOPES: readonly Scope[] = ['catalog', 'read', 'admin']

/** The folder of the demo shop, which is served if no data is given; generated the first time. */
export async function demoShop(signal: AbortSignal): Promise<string> {
  // Raise the number whenever generateShop makes another shop from the same options.
  const directory = join(envPaths('rationale', { suffix: '' }).cache, 'demo-shop-2')
  if (!existsSync(directory)) {
    say(`No --data given: generating a demo shop in ${directory}`)
    await generateShop({ ...DEMO_SHOP, directory, signal })
  }
  return directory
}

/**
 * Prints where the API keys that a server accepts are, and who may use the server.
 * @param tell  prints a line
 * @throws {Error} if keys are required but there is no store for them, or the store cannot be read
 */
export async function sayWhereKeysAre(
  { name, keys, isReadOnly }: Pick<Store, 'name' | 'keys' | 'isReadOnly'>,
  isKept: boolean,
  { access, host, token }: Pick<ServerSettings, 'access' | 'host' | 'token'>,
  tell: (line: string) => void = say,
): Promise<void> {
  if (access === 'KEYS' && !isKept && token === null) {
    throw new Error(
      `a server on ${host} needs API keys, and there is no store for them: name a --store and create a key ` +
        'with `rationale keys create`, or let anyone in with --insecure',
    )
  }
  const known = (await usingStore(name, () => keys.list())).length
  if (isKept) tell(`Events, API keys and the availability of products are kept in ${name}`)
  if (await isReadOnly()) tell('The store is read-only: nothing can be changed over the API')
  if (access === 'KEYS' && known === 0 && token === null) {
    tell(
      `There is no API key yet, so every request is refused. This creates one, and the running server accepts it:\n` +
        `  rationale keys create --store ${shellWord(name)} --name "web shop" --scope read`,
    )
  }
  if (access === 'ANYONE') tell(`--insecure: anyone who reaches ${host} may do everything`)
  if (!isKept) tell('Changes over the API are lost when this server stops: --store keeps them')
}
