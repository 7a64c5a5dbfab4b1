/** Training a model on what the store holds by now, and deciding whether it serves. */
import type { Dataset } from '../data/dataset.ts'
import { trainModel, type TrainOptions } from '../engine/train.ts'
import { engine } from '../evaluation/baselines/engine.ts'
import { evaluate } from '../evaluation/evaluate.ts'
import { measureName } from '../evaluation/list-measures.ts'
import { temporalTrials } from '../evaluation/protocols/temporal.ts'
import { withFewerCases } from '../evaluation/protocols/validation.ts'
import { type Task, type Trial, TrialError } from '../evaluation/trial.ts'
import type { Kernels } from '../kernels/kernels.ts'
import type { Configuration } from '../model/configuration.ts'
import type { Model, ModelSummary } from '../model/model.ts'
import type { ModelComparison, ModelDecision } from '../store/model-registry.ts'
import type { ModelVersions } from './model-versions.ts'

/** What a retraining is doing. */
export type RetrainingStage = 'COMPARING' | 'TRAINING' | 'WRITING'

/** How a model is trained anew, and what it takes to be promoted. */
export interface RetrainOptions extends Pick<TrainOptions, 'effort' | 'fixed' | 'signal'> {
  readonly dataset: Dataset
  /** Which events the data set is made of. */
  readonly trainedOn: NonNullable<ModelSummary['trainedOn']>
  readonly configuration: Configuration
  /** What serves now; null: nothing. */
  readonly serving: Model | null
  readonly versions: ModelVersions
  readonly kernels: Kernels
  /** Promotes without comparing. Default: false. */
  readonly force?: boolean
  /** By how much nDCG @10 may be shown to be worse. Default: 0. */
  readonly margin?: number
  /** Told how it goes: of each stage how much is done, 0 to 1. */
  readonly onProgress?: (stage: RetrainingStage, share: number) => void
}

/** What became of a retraining. */
export interface Retrained extends ModelDecision {
  /** The version of the new model. */
  readonly candidate: string
  readonly promoted: boolean
}

/** The share of the purchases that lies before the moment at which the models are compared. */
const CUT = '0.85'

/** The most customers that two models are compared on. */
const MOST_COMPARED = 2000

const LENGTH = 10

/**
 * Trains a candidate on everything and keeps it. It is promoted unless lists by its configuration are shown to be worse
 * than lists by the serving one, both trained on what was bought before a moment and asked for what was bought after
 * it. Whatever fails, the model that serves stays.
 * @throws {FitError} if there are no purchases
 * @throws {ModelFileError} if the candidate cannot be written
 * @throws the reason of `signal` when it aborts
 */
export async function retrain(options: RetrainOptions): Promise<Retrained> {
  const { dataset, trainedOn, configuration, serving, versions, kernels, effort, fixed, signal } = options
  const decision = await decide(options)
  const candidate = await trainModel(dataset, configuration, kernels, {
    trainedOn,
    ...(serving && { formerSegments: serving.segmentProfiles }),
    withoutHistories: serving?.summary.withoutHistories ?? false,
    ...(effort && { effort }),
    ...(fixed && { fixed }),
    ...(signal && { signal }),
    onIteration: (done, of) => options.onProgress?.('TRAINING', done / of),
  })
  options.onProgress?.('WRITING', 0)
  const { version } = candidate
  if (version === serving?.version) {
    return { candidate: version, promoted: false, reason: 'It is the model that serves.', ndcg10: null }
  }
  const { promoted, ...stated } = decision
  await versions.add(candidate, stated, signal)
  if (promoted) await versions.promote(version, stated)
  return { candidate: version, promoted, ...stated }
}

/** @returns whether to promote, and why */
async function decide(options: RetrainOptions): Promise<ModelDecision & { readonly promoted: boolean }> {
  const { serving, force = false, margin = 0 } = options
  if (force) return { promoted: true, reason: 'It was promoted by force.', ndcg10: null }
  if (serving === null) return { promoted: true, reason: 'It is the first model.', ndcg10: null }
  const found = await compare(options, serving)
  if (typeof found === 'string')
    return { promoted: true, reason: `The models cannot be compared: ${found}.`, ndcg10: null }
  const { difference, candidate, serving: former, customers } = found
  const promoted = difference.high >= -margin
  const figures = `nDCG @10 ${candidate.toFixed(4)}, of the model that serves ${former.toFixed(4)}`
  const interval = `difference ${difference.low.toFixed(4)} to ${difference.high.toFixed(4)}, ${customers} customers`
  const verdict = promoted
    ? difference.low > 0
      ? 'It is shown to be better'
      : 'It is not shown to be worse'
    : 'It is shown to be worse'
  return { promoted, reason: `${verdict}: ${figures} (${interval}).`, ndcg10: found }
}

/** @returns the figures, or why there are none */
async function compare(
  { dataset, configuration, kernels, signal, onProgress }: RetrainOptions,
  serving: Model,
): Promise<ModelComparison | string> {
  const found = trialOf(dataset)
  if (typeof found === 'string') return found
  const { trial, task } = found
  const system = (name: string, overrides: Configuration) =>
    engine({ name, preset: overrides.preset, overrides, isRandom: false }, kernels)
  const { report } = await evaluate({
    protocol: 'temporal',
    task,
    trials: [trial],
    systems: [system('serving', serving.summary.configuration), system('candidate', configuration)],
    defaultName: 'serving',
    seeds: [configuration.seed],
    first: [LENGTH],
    onProgress: ({ done, of }) => onProgress?.('COMPARING', done / of),
    ...(signal && { signal }),
  })
  const measure = measureName('ndcg', LENGTH)
  const [former, candidate] = report.systems
  const { difference, low, high } = candidate.versusDefault![measure]
  return {
    candidate: candidate.ndcg[LENGTH].value,
    serving: former.ndcg[LENGTH].value,
    difference: { value: difference, low, high },
    customers: report.users,
    from: trial.cases[0].at,
    task,
  }
}

/** Lists of new products, or where nobody bought any, of all products. */
function trialOf(dataset: Dataset): { readonly trial: Trial; readonly task: Task } | string {
  let problem = ''
  for (const task of ['discovery', 'next-order'] as const) {
    try {
      const [trial] = temporalTrials(dataset, { task, cuts: [CUT] })
      return { trial: withFewerCases(trial, 1, MOST_COMPARED), task }
    } catch (error) {
      if (!(error instanceof TrialError)) throw error
      problem = error.message
    }
  }
  return problem
}
