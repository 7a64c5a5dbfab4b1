/** Runs systems over trials, and reports how they fared. */
import type { EvaluationOptions } from './evaluation-options.ts'
import { checkOptions } from './evaluation-options.ts'
import type { EvaluationReport } from './evaluation-report.ts'
import { LEVEL } from './intervals.ts'
import type { Measured, Yardstick } from './list-measures.ts'
import { measureLists, measureName, measureNames, meanOf, yardstickOf } from './list-measures.ts'
import { poolTrials, sumLeftOut, usersOfTrials } from './pooled-cases.ts'
import { slicesOf } from './slices.ts'
import { summarise } from './summary.ts'
import type { System } from './system.ts'
import { EvaluationError, runSystem } from './system-run.ts'
import type { Trial } from './trial.ts'
import { UnsuitableDataError } from './unsuitable-data.ts'

export interface Evaluation {
  readonly report: EvaluationReport
  /** In the order of the systems. */
  readonly seconds: readonly SystemSeconds[]
}

/** How long a system took in all trials and with all seeds: kept out of the report, which is the same every time. */
export interface SystemSeconds {
  readonly name: string
  readonly fit: number
  readonly recommend: number
}

/** One system's part of one trial. */
interface Part extends Measured {
  readonly fitSeconds: number
  readonly recommendSeconds: number
}

const RESAMPLES = 1000

/**
 * Every system learns from every trial's training alone and answers for its cases. The report is the same, to the byte,
 * for the same input; the seconds are not.
 * @throws {EvaluationError} when there is nothing to evaluate, the options contradict each other, or a system fails
 * @throws the signal's reason when it aborts
 */
export async function evaluate(given: EvaluationOptions): Promise<Evaluation> {
  checkOptions(given)
  const options = { ...given, first: [...new Set(given.first)].sort((a, b) => a - b) }
  const { parts, notRun } = await runAll(options)
  const systems = options.systems.filter((_, s) => parts[s].length === options.trials.length)
  const ran = parts.filter(({ length }) => length === options.trials.length)
  return {
    report: reportOf({ ...options, systems }, ran, notRun),
    seconds: systems.map(({ name }, s) => ({
      name,
      fit: ran[s].reduce((sum, { fitSeconds }) => sum + fitSeconds, 0),
      recommend: ran[s].reduce((sum, { recommendSeconds }) => sum + recommendSeconds, 0),
    })),
  }
}

/** @returns for each system its part of each trial; of too few trials where it could not learn from one */
async function runAll(options: EvaluationOptions) {
  const { trials, systems, first, featuresOf, seeds, onProgress } = options
  const runs = systems.reduce((sum, system) => sum + seedsOf(system, seeds).length, 0)
  const of = runs * trials.reduce((sum, { cases }) => sum + cases.length, 0)
  let done = 0
  const parts: Part[][] = systems.map(() => [])
  const notRun: Record<string, string> = {}
  for (const trial of trials) {
    const yardstick = yardstickOf(trial, first, featuresOf?.(trial))
    for (const [s, system] of systems.entries()) {
      if (system.name in notRun) continue
      const onCases = (answered: number) => {
        done += answered
        onProgress?.({ system: system.name, trial: trial.name, done, of })
      }
      try {
        parts[s].push(await runPart(options, trial, system, yardstick, onCases))
      } catch (error) {
        if (system.name === options.defaultName || !isUnsuitable(error)) throw error
        notRun[system.name] = (error.cause as Error).message
      }
    }
  }
  return { parts, notRun }
}

/** Whether a system failed because it cannot learn from such data. */
function isUnsuitable(error: unknown): error is EvaluationError {
  return error instanceof EvaluationError && error.cause instanceof UnsuitableDataError
}

/** Once for every seed, averaged. */
async function runPart(
  { task, seeds, signal }: EvaluationOptions,
  trial: Trial,
  system: System,
  yardstick: Yardstick,
  onCases: (answered: number) => void,
): Promise<Part> {
  const measured: Measured[] = []
  let fitSeconds = 0
  let recommendSeconds = 0
  for (const seed of seedsOf(system, seeds)) {
    const first = Math.max(...yardstick.first)
    const answers = await runSystem({ system, trial, task, seed, first, onCases, ...(signal && { signal }) })
    measured.push(measureLists(answers.lists, trial.cases, yardstick))
    fitSeconds += answers.fitSeconds
    recommendSeconds += answers.recommendSeconds
  }
  return { ...meanOf(measured), fitSeconds, recommendSeconds }
}

function seedsOf({ isRandom }: System, seeds: readonly number[]): readonly number[] {
  return isRandom ? seeds : seeds.slice(0, 1)
}

function reportOf(
  options: EvaluationOptions,
  parts: readonly (readonly Part[])[],
  notRun: Readonly<Record<string, string>>,
): EvaluationReport {
  const { protocol, task, trials, systems, defaultName, seeds, first, notes = [] } = options
  const bootstrap = { resamples: options.resamples ?? RESAMPLES, seed: options.resamplingSeed ?? 1 }
  const users = usersOfTrials(trials)
  const measurements = systems.map(({ name, isRandom }, s) => {
    const { values, coverage, gini } = poolTrials(parts[s])
    return { name, isRandom, table: { measures: measureNames(first), values }, coverage, gini }
  })
  const slices = slicesOf(trials, measurements[0].table, measureName('ndcg', first[0]), options.segmentOf)
  return {
    protocol,
    task,
    trials: trials.map((trial) => ({
      name: trial.name,
      cases: trial.cases.length,
      users: usersOfTrials([trial]).count,
      catalogue: trial.train.products.size,
      leftOut: trial.leftOut,
    })),
    users: users.count,
    cases: users.of.length,
    catalogue: Math.max(...trials.map(({ train }) => train.products.size)),
    leftOut: sumLeftOut(trials),
    seeds,
    first,
    defaultName,
    bootstrap: { ...bootstrap, level: LEVEL },
    notes,
    notRun,
    systems: summarise(measurements, defaultName, users, slices, first, bootstrap),
  }
}
