import type { Command } from 'commander'
import { Option } from 'commander'
import envPaths from 'env-paths'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { generateShop } from '../data/demo-shop.ts'
import { Recommender } from '../engine/recommender.ts'
import { isObjectUrl } from '../files/object-storage.ts'
import type { Kernels } from '../kernels/kernels.ts'
import { openKernels } from '../kernels/open.ts'
import type { Model } from '../model/model.ts'
import { type ServerConfig, type ServerSettings, serverSettings } from '../server/server-settings.ts'
import { SERVE_SETTINGS, SERVER_SETTINGS, STORE_SETTINGS } from '../server/settings.ts'
import { randomServerToken } from '../server/server-token.ts'
import type { TrustedDocuments } from '../server/trusted-documents.ts'
import type { ModelVersions } from '../service/model-versions.ts'
import { IN_MEMORY } from '../store/sqlite/database-file.ts'
import type { Scope } from '../store/scope.ts'
import { isImported } from '../store/imported-history.ts'
import { openStore, type Store } from '../store/store.ts'
import { abortOnInterruption } from './interruption.ts'
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
import { type ServedModels, serveModels, type ServeModelsOptions } from './serve-models.ts'
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
  command.action((options: ServeOptions) => serve(options, abortOnInterruption()))
}

/** Serves until `signal` aborts, which is the normal end. */
async function serve(options: ServeOptions, signal: AbortSignal): Promise<void> {
  readEnvironmentFile(options.llm)
  const least = leastCustomersOf(options)
  const { corsOrigin: corsOrigins, ...rest } = options
  const settings = serverSettings({ ...rest, ...(corsOrigins && { corsOrigins }) })
  await expectFreePort(settings)
  const trustedDocuments = await readTrusted(options.trustedDocuments)
  const location = storeNamed(options.store) ?? storeBeside(options.model)
  const isKept = location !== IN_MEMORY
  if (!isKept) expectNoStoreOptions(options)
  const kept = isKept ? { location, folder: modelsFolder(location, options.models) } : null
  const store = openStore(location)
  let writer: Awaited<ReturnType<typeof openWriter>> | undefined
  let kernels: Kernels | undefined
  let served: ServedModels | undefined
  try {
    await sayWhereKeysAre(store, isKept, settings)
    const availability = await store.openAvailability()
    const { events, catalogue, keys: apiKeys } = store
    // Loaded on demand: the other commands start faster.
    const { pino } = await import('pino')
    // JSON does not escape all control characters of terminals.
    const logger = pino({}, { write: (line) => process.stderr.write(printable(line)) })
    writer = await openWriter(options, logger)
    const threads = await openKernels(options)
    kernels = threads
    const open = (model: Model, former?: Recommender) => {
      if (model.summary.withoutHistories)
        say('The model was trained without histories: it holds no customers, and every customer is unknown')
      return Recommender.open(model, threads, { availability, events, catalogue, ...least }, former)
    }
    const parts = { store, kept, logger, open }
    served = await serveModels(options, parts, (versions) =>
      versions === null
        ? train(options, threads, signal)
        : firstModel({ store, location }, versions, options, threads, signal),
    )
    const { models } = served
    signal.throwIfAborted()
    const { startServer } = await import('../server/server.ts')
    // A store may hold the events of real customers.
    const isDemo = !isKept && options.data === undefined
    // A server that others can reach creates no token: a printed one would end up in logs.
    const token = settings.token ?? (settings.access === 'LOOPBACK' ? randomServerToken() : null)
    const server = await startServer({
      recommender: models.states,
      models,
      store,
      explainer: writer.explainer,
      logger,
      apiKeys,
      ...(trustedDocuments && { trustedDocuments }),
      ...settings,
      token,
      keyless: isDemo ? DEMO_SCOPES : ['catalog'],
      requireKeys: settings.access === 'KEYS',
      insecure: settings.access === 'ANYONE',
    })
    if (settings.access === 'LOOPBACK') {
      const hasPage = !settings.production && trustedDocuments === undefined
      sayWhoMayAsk(server.url, settings.token === null ? token : null, isDemo, hasPage)
    }
    say('Serving; Ctrl-C stops it')
    process.stdout.write(`${server.url}\n`)
    if (!signal.aborted) await once(signal, 'abort')
    say('Stopping')
    await server.close()
  } finally {
    await served?.close()
    await store.close()
    await writer?.close()
    await kernels?.close()
  }
}

/** @param token  null if it comes from the environment; then it is not printed */
function sayWhoMayAsk(url: string, token: string | null, isDemo: boolean, hasPage: boolean): void {
  const what = isDemo ? 'Changes' : 'Queries about customers and changes'
  const shown = token === null ? 'that of $RATIONALE_TOKEN' : token
  say(`${what} need an API key, or the token of this server: ${shown} (Authorization: Bearer …)`)
  if (hasPage) say(`Open in a browser: ${url}#token=${token ?? '…'}`)
}

async function readTrusted(file: string | undefined): Promise<TrustedDocuments | undefined> {
  if (file === undefined) return undefined
  const { readTrustedDocuments } = await import('../server/trusted-documents.ts')
  const documents = await readTrustedDocuments(file)
  say(`Only trusted documents are answered: the ${documents.size} in ${file}. GraphiQL is not served`)
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
function expectNoStoreOptions({ retrainEvery, keepEvents }: ServeOptions): void {
  for (const [flag, given] of Object.entries({
    '--retrain-every': retrainEvery,
    '--keep-events': keepEvents,
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
): Promise<Model> {
  if (options.model !== undefined) {
    say(`Opening ${options.model}`)
    return versions.current()
  }
  const hasEvents = ((await store.events.watermark())?.receivedThrough ?? 0) > 0
  if (!(await isImported(store.database)) && (options.data !== undefined || !hasEvents)) {
    const { importHistory } = await import('./import.ts')
    await importHistory(options.data ?? (await demoShop(signal)), location, options, signal)
  }
  const serving = await versions.serving()
  if (serving !== null) {
    say(`Opening model ${serving.version} of ${store.name}`)
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
 * @throws {Error} if keys are required but there is no store for them, or the store cannot be read
 */
export async function sayWhereKeysAre(
  { name, keys, isReadOnly }: Pick<Store, 'name' | 'keys' | 'isReadOnly'>,
  isKept: boolean,
  { access, host, token }: Pick<ServerSettings, 'access' | 'host' | 'token'>,
): Promise<void> {
  if (access === 'KEYS' && !isKept && token === null) {
    throw new Error(
      `a server on ${host} needs API keys, and there is no store for them: name a --store and create a key ` +
        'with `rationale keys create`, or let anyone in with --insecure',
    )
  }
  const known = (await usingStore(name, () => keys.list())).length
  if (isKept) say(`Events, API keys and the availability of products are kept in ${name}`)
  if (await isReadOnly()) say('The store is read-only: nothing can be changed over the API')
  if (access === 'KEYS' && known === 0 && token === null) {
    say(
      `There is no API key yet, so every request is refused. This creates one, and the running server accepts it:\n` +
        `  rationale keys create --store ${shellWord(name)} --name "web shop" --scope read`,
    )
  }
  if (access === 'ANYONE') say(`--insecure: anyone who reaches ${host} may do everything`)
  if (!isKept) say('Changes over the API are lost when this server stops: --store keeps them')
}
