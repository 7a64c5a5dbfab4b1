import { ANYBODY, DEFAULT_LEAST_CUSTOMERS } from '../engine/buyers.ts'
import type { Contender } from '../evaluation/baselines/systems.ts'
import { contenders, DEFAULT_SYSTEM } from '../evaluation/baselines/systems.ts'
import { evaluate } from '../evaluation/evaluate.ts'
import type { EvaluationReport } from '../evaluation/evaluation-report.ts'
import type { ProtocolName } from '../evaluation/protocols/description.ts'
import { readSplitFile, splitTrial } from '../evaluation/protocols/split.ts'
import { DISCOVERY_ONLY, type SplittingProtocol, trialsOf } from '../evaluation/protocols/trials.ts'
import { validationTrial } from '../evaluation/protocols/validation.ts'
import { trialFeatures, trialSegments } from '../evaluation/trial-knowledge.ts'
import type { Trial } from '../evaluation/trial.ts'
import type { System } from '../evaluation/system.ts'
import { tune } from '../evaluation/tuning.ts'
import type { Kernels } from '../kernels/kernels.ts'
import type { EvaluateOptions } from './evaluate.ts'
import { leastCustomersOf } from './options.ts'
import { say, showProgress } from './narration.ts'
import type { Recording } from './recording.ts'
import { count } from './result.ts'
import { read } from './training.ts'

/** What decides between the settings of a system: nDCG at this K. */
const TUNED_FOR = 10

/** Seeds a random system is run with. */
const SEEDS = 3

/** How the data is split: as it was given, or by `temporal` unless told. */
export function protocolOf({ data, protocol = 'temporal' }: EvaluateOptions): ProtocolName {
  return data === undefined ? 'split' : protocol
}

/** Splits, tunes and evaluates, saying so. @param recording  where the report is to be recorded, if anywhere */
export async function runEvaluation(
  options: EvaluateOptions,
  kernels: Kernels,
  signal: AbortSignal,
  recording?: Recording,
): Promise<EvaluationReport> {
  const protocol = protocolOf(options)
  const { task, seed, first } = options
  if (task !== 'discovery' && DISCOVERY_ONLY.includes(protocol as SplittingProtocol)) {
    throw new Error(`--protocol ${protocol} knows no task but discovery: leave --task out`)
  }
  const trials = await readTrials(options, protocol, signal, recording)
  for (const { name, cases, train } of trials) {
    say(
      `Trial ${name}: ${count(cases.length)} cases, training on ${count(train.interactions.count)} interactions ` +
        `and ${count(train.products.size)} products`,
    )
  }
  // Whoever is asked about under the other protocols stands for a known customer.
  const { leastCustomers = DEFAULT_LEAST_CUSTOMERS } =
    protocol === 'basket' ? leastCustomersOf(options) : { leastCustomers: ANYBODY }
  const all = contenders(kernels, task, recording?.configuration, leastCustomers)
  const systems = await chooseSystems(options, protocol, trials[0], all, signal)
  const progress = showProgress('Evaluating', 1)
  const { report, seconds } = await evaluate({
    protocol,
    task,
    trials,
    systems,
    defaultName: DEFAULT_SYSTEM,
    seeds: Array.from({ length: SEEDS }, (_, i) => seed + i),
    first,
    segmentOf: trialSegments(seed),
    featuresOf: trialFeatures,
    notes: [...(options.note ?? []), ...(recording?.notes ?? [])],
    onProgress: ({ done, of }) => progress.update(done / of),
    signal,
  }).finally(() => progress.stop())
  for (const { name, fit, recommend } of seconds) {
    say(`  ${name}: fitted in ${fit.toFixed(1)} s, lists in ${recommend.toFixed(1)} s`)
  }
  return report
}

async function readTrials(
  options: EvaluateOptions,
  protocol: ProtocolName,
  signal: AbortSignal,
  recording?: Recording,
): Promise<Trial[]> {
  const { data, train, test, format = 'pairs', task, cut, seed } = options
  if (protocol === 'split') {
    const { columns = {}, now, countCancelled = false } = options
    const reading = { columns, countCancelled, signal, ...(now !== undefined && { now }) }
    const [learnt, held] = await Promise.all(
      [train!, test!].map((file) => readSplitFile(file, format, reading)),
    )
    return [splitTrial(learnt, held, task)]
  }
  // As the notebook that the protocol follows counted, and as the model that is evaluated was trained.
  const isNotebook = protocol === 'notebook' || recording?.configuration.preset === 'notebook'
  const { result } = await read(data!, { ...options, ...(isNotebook && { preset: 'notebook' }) }, signal)
  recording?.expectData(result)
  return trialsOf(result, { protocol, task, cuts: cut ?? ['0.8'], seed })
}

/** The systems asked for, each with its best setting on a validation split. */
async function chooseSystems(
  options: EvaluateOptions,
  protocol: ProtocolName,
  trial: Trial,
  all: Contender[],
  signal: AbortSignal,
): Promise<System[]> {
  const chosen = chosenContenders(all, options.systems)
  if (!options.tune) return chosen.map(({ system }) => system)
  const { task, seed } = options
  const validation = validationTrial(trial.train, protocol, task, seed)
  say(`Tuning on ${count(validation.cases.length)} cases of the training data`)
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
  return tuned.map(({ setting }) => setting.system)
}

function chosenContenders(all: Contender[], names: readonly string[] | undefined): Contender[] {
  if (names === undefined) return all
  const known = all.map(({ system }) => system.name)
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    throw new Error(`there is no system ${unknown.join(', ')}; there are: ${known.join('; ')}`)
  }
  return all.filter(({ system }) => system.name === DEFAULT_SYSTEM || names.includes(system.name))
}
