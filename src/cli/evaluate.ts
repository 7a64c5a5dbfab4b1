import type { Command } from 'commander'
import { Option } from 'commander'
import { pageOf } from '../documents/page.ts'
import { ANYBODY } from '../engine/buyers.ts'
import type { Contender, Parameters, Setting } from '../evaluation/baselines/systems.ts'
import { contenders, DEFAULT_SYSTEM, withoutViews } from '../evaluation/baselines/systems.ts'
import { conclusionOf } from '../evaluation/conclusion.ts'
import { type Evaluation, evaluate, seedsFor } from '../evaluation/evaluate.ts'
import type { EvaluationReport } from '../evaluation/evaluation-report.ts'
import { PROTOCOL_DESCRIPTIONS, type ProtocolName } from '../evaluation/protocols/description.ts'
import { splitTrial } from '../evaluation/protocols/split.ts'
import { checkTask, SPLITTING_PROTOCOLS, trialsOf } from '../evaluation/protocols/trials.ts'
import { wholeValidationTrial, withFewerCases } from '../evaluation/protocols/validation.ts'
import { headlineMarkdown, reportDocument } from '../evaluation/report-document.ts'
import { trialFeatures, trialSegments } from '../evaluation/trial-knowledge.ts'
import { type Task, TASKS, type Trial } from '../evaluation/trial.ts'
import { tune } from '../evaluation/tuning.ts'
import { replaceFile } from '../files/output-file.ts'
import type { Kernels } from '../kernels/kernels.ts'
import { openKernels } from '../kernels/open.ts'
import { SERVE_SETTINGS } from '../server/settings.ts'
import { configure } from '../model/configuration.ts'
import { abortOnInterruption, hearInterruption } from './interruption.ts'
import { say, showProgress } from './progress.ts'
import type { SourceOptions } from './options.ts'
import {
  dataOptions,
  jsonOption,
  listOf,
  filled,
  expectSource,
  sourceOptions,
  threadsOption,
  wholeNumber,
  leastCustomersOf,
  settingOption,
} from './options.ts'
import { expectOutputs, quarantineOf } from './outputs.ts'
import type { Recording } from './record-evaluation.ts'
import { openRecording } from './record-evaluation.ts'
import { formatOption, readSplit } from './split-files.ts'
import { readTuned, tunedOption } from './tuned-configuration.ts'
import { printResult, count } from './result.ts'
import { readGiven } from './read-data.ts'

export interface EvaluateOptions extends SourceOptions {
  train?: string
  test?: string
  format?: 'pairs' | 'user-lines'
  protocol?: ProtocolName
  task: Task
  cut?: string[]
  first: number[]
  seed: number
  cases?: number
  systems?: string[]
  tune: boolean
  note?: string[]
  report?: string
  record?: string
  tuned?: string
  threads?: number
  json?: boolean
  leastCustomers?: number
}

const EXAMPLE = `
Examples:
  rationale evaluate --data shop --protocol temporal --cut 0.7 --cut 0.8 --report evaluation.html
  rationale evaluate --data shop --protocol last-order --task next-order --json
  rationale evaluate --data grocery --protocol temporal --task next-basket
  rationale evaluate --data shop --protocol session --systems 'default without views'
  rationale evaluate --data shop --record shop.model
  rationale evaluate --store shop.sqlite --record shop.model
  rationale evaluate --train train.txt --test test.txt --format user-lines --first 20`

export function addEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .description(
      'measure how well recommendations predict what customers bought next, compared with simpler methods',
    )
    .option('--train <file>', 'training data, if you have split it yourself; with --test', filled)
    .option('--test <file>', 'test data: what to predict', filled)
    .addOption(formatOption())
    .addOption(
      new Option('--protocol <name>', 'how the data is split (default: temporal)').choices(
        SPLITTING_PROTOCOLS,
      ),
    )
    .addOption(
      new Option(
        '--task <name>',
        'discovery: products bought before are not recommended, nor counted; next-order: they are; next-basket (for ' +
          'temporal and last-order): how much of the whole next order is found, repeat purchases included',
      )
        .choices(TASKS)
        .default('discovery'),
    )
    .option(
      '--cut <date|share>',
      'for `temporal` and `session`: train on what is earlier; repeatable (default: 0.8)',
      (cut: string, cuts: string[] = []) => [...cuts, filled(cut)],
    )
    .addOption(
      new Option('--first <list>', 'list lengths to measure')
        .argParser(listOf(wholeNumber(1, 1000)))
        .default([5, 10, 20, 50], '5,10,20,50'),
    )
    .addOption(
      new Option('--seed <n>', 'seed of all random choices')
        .argParser(wholeNumber(0, 2 ** 32 - 3))
        .default(1),
    )
    .addOption(
      new Option(
        '--cases <n>',
        'ask about so many cases of each trial at most, drawn by chance: quicker, with wider intervals',
      ).argParser(wholeNumber(1)),
    )
    .addOption(
      new Option('--systems <list>', 'evaluate only these systems and `default`').argParser(
        listOf((name: string) => name),
      ),
    )
    .option(
      '--no-tune',
      'run the simpler systems with usual settings instead of tuning them on a validation split',
    )
    .option(
      '--note <text>',
      'a note for readers of the figures; repeatable',
      (note: string, notes: string[] = []) => [...notes, filled(note)],
    )
    .option('--report <file>', 'also write a page with plots that opens offline', filled)
    .addOption(
      new Option(
        '--record <model>',
        'evaluate the configuration of this model file, trained on the same --data, and store a summary in it, for ' +
          '`inspect` and for modelInfo in the API; replaces that of the same protocol and task',
      )
        .argParser(filled)
        .conflicts(['train', 'test']),
    )
    .addOption(
      settingOption({
        ...SERVE_SETTINGS.leastCustomers,
        meaning:
          'for `basket` and `session`, where customers may be unknown: two products count as bought together only if this many customers ' +
          'bought both',
      }),
    )
    .addHelpText('after', EXAMPLE)
  const source = sourceOptions('folder or file to split, as `train` reads it')
  for (const option of source) command.addOption(option.conflicts(['train', 'test']))
  for (const option of [tunedOption().conflicts('record'), ...dataOptions(), threadsOption(), jsonOption()])
    command.addOption(option)
  command.action(async (options: EvaluateOptions) => {
    if (!(options.train && options.test)) {
      expectSource(command, options, 'to split, or both --train and --test')
    }
    if (options.leastCustomers !== undefined && !OF_UNKNOWN.includes(protocolOf(options))) {
      command.error(
        `error: --least-customers is for --protocol ${OF_UNKNOWN.join(' or ')}: elsewhere customers are known`,
      )
    }
    const signal = abortOnInterruption()
    const { record } = options
    if (record !== undefined && options.task === 'next-basket') {
      command.error('error: --record keeps discovery and next-order: leave it out, or take another --task')
    }
    const { train, test, report: page } = options
    expectOutputs(
      { '--report': page, '--record': record },
      {
        '--train': train,
        '--test': test,
        '--store': options.store,
        '--tuned': options.tuned,
        ...quarantineOf(options),
      },
      options.data,
      options,
    )
    const recording = record === undefined ? undefined : await openRecording(record, protocolOf(options))
    const report = await evaluateWith(options, signal, recording)
    // First, so that minutes of work are not lost where a file cannot be written after all.
    printResult(report, options, (found) => `${conclusionOf(found)}\n\n${headlineMarkdown(found)}`)
    if (page !== undefined) await writePage(page, report, signal)
    await recording?.write(report, program.version()!, signal)
  })
}

async function evaluateWith(
  options: EvaluateOptions,
  signal: AbortSignal,
  recording?: Recording,
): Promise<EvaluationReport> {
  const kernels = await openKernels(options)
  try {
    const { report } = await runEvaluation(options, kernels, signal, recording)
    return report
  } finally {
    await kernels.close()
  }
}

async function writePage(file: string, report: EvaluationReport, signal: AbortSignal): Promise<void> {
  const description = [PROTOCOL_DESCRIPTIONS[report.protocol as ProtocolName]]
  await replaceFile(file, [pageOf(reportDocument(report, description))], { signal })
  say(`Wrote ${file}`)
}

/** The protocols that test customers unknown to the model. */
const OF_UNKNOWN: readonly ProtocolName[] = ['basket', 'session']

/** What decides between the settings of a system: nDCG at this K. */
const TUNED_FOR = 10

/** How the data is split: as given, by default by `temporal`. */
export function protocolOf({ train, protocol = 'temporal' }: EvaluateOptions): ProtocolName {
  return train === undefined ? protocol : 'split'
}

/** Splits, tunes and evaluates, saying so. @param recording  the model file that the report is recorded in, if any */
export async function runEvaluation(
  options: EvaluateOptions,
  kernels: Kernels,
  signal: AbortSignal,
  recording?: Recording,
): Promise<Evaluation> {
  const protocol = protocolOf(options)
  const { task, seed, first } = options
  checkTask(protocol, task)
  const tuned = await readTuned(options.tuned)
  const whole = await readTrials(options, protocol, signal, recording)
  const trials = whole.map((trial) => withFewerCases(trial, seed, options.cases ?? Infinity))
  await hearInterruption(signal)
  for (const { name, cases, train } of trials) {
    say(
      `Trial ${name}: ${count(cases.length)} cases, training on ${count(train.interactions.count)} interactions ` +
        `and ${count(train.products.size)} products`,
    )
  }
  // Under the other protocols every customer that is asked about is a known one.
  const { leastCustomers } = OF_UNKNOWN.includes(protocol)
    ? leastCustomersOf(options)
    : { leastCustomers: ANYBODY }
  const configuration = recording?.configuration ?? configure('default', tuned)
  const all = [
    ...contenders(kernels, task, configuration, leastCustomers),
    ...(protocol === 'session' ? [withoutViews(kernels, configuration, leastCustomers)] : []),
  ]
  const chosen = chosenContenders(all, options.systems)
  const { settings, notes } = await tunedSettings(options, protocol, trials[0], chosen, signal)
  const progress = showProgress('Evaluating', 1)
  const evaluation = await evaluate({
    protocol,
    task,
    trials,
    systems: settings.map(({ system }) => system),
    settings: parametersOf(settings),
    defaultName: DEFAULT_SYSTEM,
    seeds: Array.from({ length: seedsFor(trials) }, (_, i) => seed + i),
    first,
    segmentOf: trialSegments(seed),
    featuresOf: trialFeatures,
    notes: [...(options.note ?? []), ...(recording?.notes ?? []), ...sampleNotes(whole, trials), ...notes],
    onProgress: ({ done, of }) => progress.update(done / of),
    signal,
  }).finally(() => progress.stop())
  for (const { name, fit, recommend } of evaluation.seconds) {
    say(`  ${name}: fitted in ${fit.toFixed(1)} s, lists in ${recommend.toFixed(1)} s`)
  }
  return evaluation
}

async function readTrials(
  options: EvaluateOptions,
  protocol: ProtocolName,
  signal: AbortSignal,
  recording?: Recording,
): Promise<Trial[]> {
  const { train, test, format = 'pairs', task, cut, seed } = options
  if (protocol === 'split') {
    const [learnt, held] = await readSplit([train!, test!], format, options, signal)
    await hearInterruption(signal)
    return [splitTrial(learnt, held, task)]
  }
  // As the notebook that the protocol follows counted, and as the model that is evaluated was trained.
  const isNotebook = protocol === 'notebook' || recording?.configuration.preset === 'notebook'
  const { result } = await readGiven({ ...options, ...(isNotebook && { preset: 'notebook' }) }, signal)
  recording?.expectData(result)
  await hearInterruption(signal)
  return trialsOf(result, { protocol, task, cuts: cut ?? ['0.8'], seed })
}

/** Each system with its best setting on a validation split, and what readers of the report have to know of that. */
async function tunedSettings(
  options: EvaluateOptions,
  protocol: ProtocolName,
  trial: Trial,
  chosen: Contender[],
  signal: AbortSignal,
): Promise<{ settings: Setting[]; notes: string[] }> {
  if (!options.tune) return { settings: chosen, notes: [] }
  const { task, seed } = options
  const whole = wholeValidationTrial(trial.train, protocol, task, seed)
  const validation = withFewerCases(whole, seed)
  await hearInterruption(signal)
  const cases = count(validation.cases.length)
  say(`Tuning on ${cases} cases of the training data`)
  const progress = showProgress('Tuning', 1)
  const tuned = await tune(chosen, {
    validation,
    task,
    first: TUNED_FOR,
    seed,
    onSetting: (done, of) => progress.update(done / of),
    signal,
  }).finally(() => progress.stop())
  for (const { setting, tried } of tuned) {
    if (tried.length > 0) say(`  ${setting.system.name}: ${JSON.stringify(setting.parameters)}`)
  }
  const isSample = validation !== whole
  return {
    settings: tuned.map(({ setting }) => setting),
    notes: isSample
      ? [
          `Systems were tuned on ${cases} cases, the same for all, drawn by chance from the ${count(whole.cases.length)} of ` +
            'the validation split.',
        ]
      : [],
  }
}

/** What readers have to know of trials of which only some cases are asked about. */
function sampleNotes(whole: readonly Trial[], asked: readonly Trial[]): string[] {
  const [of, cases] = [whole, asked].map((trials) => trials.reduce((sum, one) => sum + one.cases.length, 0))
  if (cases === of) return []
  return [`${count(cases)} of ${count(of)} cases were drawn by chance, the same for all systems.`]
}

function parametersOf(settings: readonly Setting[]): Record<string, Parameters> {
  return Object.fromEntries(
    settings
      .filter(({ parameters }) => Object.keys(parameters).length > 0)
      .map(({ system, parameters }) => [system.name, parameters]),
  )
}

function chosenContenders(all: Contender[], names: readonly string[] | undefined): Contender[] {
  if (names === undefined) return all
  const known = all.map(({ system }) => system.name)
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    throw new Error(`there is no system ${unknown.join(', ')}; there are: ${known.join(', ')}`)
  }
  return all.filter(({ system }) => system.name === DEFAULT_SYSTEM || names.includes(system.name))
}
