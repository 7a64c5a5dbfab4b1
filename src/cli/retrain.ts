import type { Command } from 'commander'
import { Option } from 'commander'
import { setPriority } from 'node:os'
import { EFFORTS, type Effort } from '../engine/choose-als.ts'
import { expectWritable } from '../files/output-file.ts'
import type { Kernels } from '../kernels/kernels.ts'
import { openKernels } from '../kernels/open.ts'
import { configure } from '../model/configuration.ts'
import { readSettings, STORE_SETTINGS } from '../server/settings.ts'
import { ModelVersions } from '../service/model-versions.ts'
import { retrain, type Retrained, type RetrainingStage } from '../service/retrain.ts'
import type { RetrainingMessage } from '../service/retraining.ts'
import { openModelRegistry } from '../store/model-registry.ts'
import { storeName } from '../store/open-database.ts'
import { takeRetrainingLock } from '../store/retraining-lock.ts'
import { commandLineActor } from './command-line-actor.ts'
import { abortOnInterruption, endWithParent } from './interruption.ts'
import { filled, jsonOption, settingOption, threadsOption } from './options.ts'
import { say, showProgress } from './progress.ts'
import { readStored } from './read-data.ts'
import { printResult } from './result.ts'
import { existingStore, modelsFolder, modelsOption, storeOption } from './store.ts'
import { readTuned, tunedOption } from './tuned-configuration.ts'

interface RetrainOptions {
  store?: string
  model?: string
  models?: string
  force?: boolean
  effort: Effort
  tuned?: string
  margin?: number
  keepModels?: number
  threads?: number
  background?: boolean
  json?: boolean
}

/** The lowest priority: what serves comes first. */
const LOWEST = 19

const STAGES: Readonly<Record<RetrainingStage, string>> = {
  COMPARING: 'Comparing',
  TRAINING: 'Training',
  WRITING: 'Writing',
}

const EXAMPLE = `
A new model is trained on what the store holds. It is promoted unless lists by its configuration are shown to be worse
than those by the configuration that serves, both trained on what was bought before a moment and asked for what was
bought after it. Running servers of the store then answer with it within seconds; \`rationale rollback\` goes back.
The configuration is that of the model that serves, whose settings of ALS and weights are found anew.

Example:
  rationale retrain --store shop.sqlite --model shop.model`

export function addRetrain(program: Command): void {
  const command = program
    .command('retrain')
    .description('train a model on what the store holds by now, and serve it unless it is worse')
    .addOption(storeOption())
    .addOption(modelsOption())
    .option(
      '--model <file>',
      'the model file of `rationale serve`: it is compared with, and replaced if the new model is promoted',
      filled,
    )
    .option('--force', 'promote without comparing')
    .addOption(
      new Option('--effort <name>', 'how much is tried to find settings of ALS that suit the data')
        .choices(EFFORTS)
        .default('normal' satisfies Effort),
    )
    .addOption(tunedOption())
    .addOption(settingOption(STORE_SETTINGS.margin))
    .addOption(settingOption(STORE_SETTINGS.keepModels))
    .addOption(threadsOption())
    .addOption(
      new Option('--background', 'at the lowest priority, beside a server that started it').hideHelp(),
    )
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLE)
  command.action(async (options: RetrainOptions) => {
    if (options.background) {
      // Before any thread is started: threads have the priority of the one that starts them.
      setPriority(LOWEST)
      endWithParent()
    }
    const { ndcg10, ...retrained } = await retrainStore(options, abortOnInterruption())
    printResult({ ...retrained, ndcg: ndcg10 }, options, renderRetrained)
  })
}

async function retrainStore(options: RetrainOptions, signal: AbortSignal): Promise<Retrained> {
  const store = existingStore(options, 'rationale import')
  const folder = modelsFolder(store, options.models)
  const { margin, keepModels } = STORE_SETTINGS
  const settings = readSettings({ margin, keepModels }, { ...options }, process.env)
  if (options.model !== undefined) expectWritable(options.model)
  const tuned = await readTuned(options.tuned)
  const unlock = await takeRetrainingLock(store)
  if (unlock === null)
    throw new Error(`another process retrains the models of ${storeName(store)}: wait for its end`)
  const registry = openModelRegistry(store)
  const versions = new ModelVersions({
    registry,
    folder,
    published: options.model ?? null,
    keep: settings.keepModels,
    onUnpublished: ({ message }) => say(`warning: ${message}`),
    by: options.background ? 'server' : commandLineActor(),
  })
  let kernels: Kernels | undefined
  try {
    kernels = await openKernels(options)
    await versions.adoptPublished()
    const serving = await versions.serving()
    const { result: dataset, trainedOn } = await readStored(store, signal)
    const asked = serving?.summary.asked ?? serving?.summary.configuration ?? configure('default')
    const retrained = await retrain({
      dataset,
      trainedOn,
      configuration: configure(asked.preset, { ...asked, ...tuned }),
      fixed: Object.keys(tuned) as (keyof typeof tuned)[],
      effort: options.effort,
      serving,
      versions,
      kernels,
      force: options.force ?? false,
      margin: settings.margin,
      signal,
      onProgress: reporter(options.background ?? false),
    })
    send({ retrained })
    return retrained
  } finally {
    await kernels?.close()
    await registry.close()
    await unlock()
  }
}

/** Tells the server that started this process, or whoever reads stderr, how it goes. */
function reporter(isBackground: boolean): (stage: RetrainingStage, share: number) => void {
  if (isBackground) return (stage, share) => send({ stage, share })
  let shown: { stage: RetrainingStage; progress: ReturnType<typeof showProgress> } | undefined
  return (stage, share) => {
    if (shown?.stage !== stage) {
      shown?.progress.stop()
      say(STAGES[stage])
      shown = { stage, progress: showProgress(STAGES[stage], 1) }
    }
    shown.progress.update(share)
    if (stage === 'WRITING') shown.progress.stop()
  }
}

function send(message: RetrainingMessage): void {
  process.send?.(message)
}

function renderRetrained({ candidate, promoted, reason }: Omit<Retrained, 'ndcg10'>): string {
  return `${candidate} ${promoted ? 'serves' : 'does not serve'}. ${reason}`
}
