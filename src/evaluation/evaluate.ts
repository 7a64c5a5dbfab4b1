import { Work } from '../kernels/work.ts'
import type { ContentFeatures } from '../model/model.ts'
import type { Parameters } from './baselines/systems.ts'
import { headlineOf } from './conclusion.ts'
import type { EvaluationReport } from './evaluation-report.ts'
import { LEVEL } from './intervals.ts'
import type { Measured, Yardstick } from './list-measures.ts'
import { measureLists, measureName, measureNames, meanOf, yardstickOf } from './list-measures.ts'
import type { SegmentOf } from './slices.ts'
import { slicesOf } from './slices.ts'
import { summarise } from './summary.ts'
import { EvaluationError, runSystem } from './system-run.ts'
import type { System } from './system.ts'
import type { Task, Trial } from './trial.ts'
import { isUnsuitable } from './system.ts'
import type { Users } from './user-sums.ts'
import { numberUsers } from './user-sums.ts'

/** What is evaluated, on what, and how. */
export interface EvaluationOptions {
  /** The protocol's name in the report: `temporal`. */
  readonly protocol: string
  readonly task: Task
  /** Their cases are pooled: a trial counts by the cases it has. */
  readonly trials: readonly Trial[]
  /** In the order of the report, each name once. */
  readonly systems: readonly System[]
  /** The system that the others are compared with, by name. */
  readonly defaultName: string
  /**
   * At least `seedsFor` where a system is random: its values are the means over them, case by case.
   */
  readonly seeds: readonly number[]
  /** The Ks. */
  readonly first: readonly number[]
  readonly segmentOf?: SegmentOf
  /**
   * The features of a trial's products, from what its training knows: rows of unit length, or all 0
   * (`contentFeatures`).
   * Absent: intra-list distance is not measured.
   */
  readonly featuresOf?: (trial: Trial) => ContentFeatures
  /** What parameters the systems have, by their names, for the report; those without are left out. Default: none. */
  readonly settings?: Readonly<Record<string, Parameters>>
  /** What a reader of the figures must know. */
  readonly notes?: readonly string[]
  /** The number of resamples of the users, at least 100, default 1,000; and their seed, default 1. */
  readonly resamples?: number
  readonly resamplingSeed?: number
  readonly onProgress?: (progress: EvaluationProgress) => void
  readonly signal?: AbortSignal
}

interface EvaluationProgress {
  readonly system: string
  readonly trial: string
  /** Lists made so far, and in the whole evaluation. */
  readonly done: number
  readonly of: number
}

/** With so many cases, what one seed finds by chance in one it misses in others: their mean hardly moves. */
const MANY_CASES = 10_000

/** How many seeds random systems need, lest chance in the seed pass for a difference between systems. */
export function seedsFor(trials: readonly Trial[]): number {
  return trials.reduce((sum, { cases }) => sum + cases.length, 0) >= MANY_CASES ? 1 : 3
}

/** With fewer, the ends of an interval would rest on two or three resamples. */
const LEAST_RESAMPLES = 100

/** @throws {EvaluationError} when there is nothing to evaluate, or the options contradict each other */
function checkOptions(options: EvaluationOptions): void {
  const { trials, systems, defaultName, seeds, first, resamples = LEAST_RESAMPLES } = options
  const names = systems.map(({ name }) => name)
  expect(trials.length > 0, 'there is no trial: give at least one')
  for (const { name, cases } of trials) {
    expect(cases.length > 0, `trial ${name} has no case: split the data elsewhere, or leave the trial out`)
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  expect(twice === undefined, `two systems are named ${twice}: a name may stand only once`)
  expect(
    names.includes(defaultName),
    `${defaultName}, which systems are compared with, is not among them: ${names.join(', ') || 'there are none'}`,
  )
  const badFirst = first.find((k) => !(Number.isSafeInteger(k) && k >= 1))
  expect(badFirst === undefined, `a list cannot have ${badFirst} products: give a whole number of at least 1`)
  expect(first.length > 0, 'there is no K: say how long lists are')
  const random = systems.find(({ isRandom }) => isRandom)
  const different = new Set(seeds).size
  expect(different === seeds.length, `the seeds ${seeds.join(', ')} are not all different`)
  expect(different > 0, 'there is no seed: give at least one')
  expect(
    random === undefined || different >= seedsFor(trials),
    `system ${random?.name} is random and needs at least ${seedsFor(trials)} seeds, not ${different}`,
  )
  expect(
    Number.isSafeInteger(resamples) && resamples >= LEAST_RESAMPLES,
    `${resamples} resamples are no basis for an interval: give at least ${LEAST_RESAMPLES}`,
  )
}

function expect(isSo: boolean, problem: string): void {
  if (!isSo) throw new EvaluationError(`Cannot evaluate: ${problem}.`)
}

/** Several trials as one: their cases one after another. */

/** What one system measured in all trials. What is no mean over cases becomes the mean over trials. */
function poolTrials(trials: readonly Measured[]): Measured {
  const values = new Float64Array(trials.reduce((sum, trial) => sum + trial.values.length, 0))
  let at = 0
  for (const trial of trials) {
    values.set(trial.values, at)
    at += trial.values.length
  }
  const [{ coverage: ks }] = trials
  return {
    values,
    coverage: ks.map((_, k) => mean(trials.map(({ coverage }) => coverage[k]))),
    gini: ks.map((_, k) => mean(trials.map(({ gini }) => gini[k]))),
  }
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length
}

/** A customer is the same user in every trial, by id; each case that training does not know is a user of its own. */
function usersOfTrials(trials: readonly Trial[]): Users {
  return numberUsers(
    trials.flatMap(({ train, cases }) =>
      cases.map(({ customer }) => (customer < 0 ? Symbol('unknown') : train.customers.at(customer))),
    ),
  )
}

/** What the trials left out, summed by reason. */
function sumLeftOut(trials: readonly Trial[]): Record<string, number> {
  const sums = new Map<string, number>()
  for (const { leftOut } of trials) {
    for (const [why, count] of Object.entries(leftOut)) sums.set(why, count + (sums.get(why) ?? 0))
  }
  return Object.fromEntries(sums)
}

/** Runs systems over trials, and reports how they fared. */

export interface Evaluation {
  readonly report: EvaluationReport
  /** In the order of the systems. */
  readonly seconds: readonly SystemSeconds[]
}

/** How long a system took in all trials and with all seeds: kept out of the report, which is the same every time. */
interface SystemSeconds {
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
    report: await reportOf({ ...options, systems }, ran, notRun),
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
        const cause = error instanceof EvaluationError ? error.cause : undefined
        if (system.name === options.defaultName || !isUnsuitable(cause)) throw error
        notRun[system.name] = cause.message
      }
    }
  }
  return { parts, notRun }
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
    measured.push(await measureLists(answers.lists, trial.cases, yardstick, new Work({ signal })))
    fitSeconds += answers.fitSeconds
    recommendSeconds += answers.recommendSeconds
  }
  return { ...meanOf(measured), fitSeconds, recommendSeconds }
}

function seedsOf({ isRandom }: System, seeds: readonly number[]): readonly number[] {
  return isRandom ? seeds : seeds.slice(0, 1)
}

async function reportOf(
  options: EvaluationOptions,
  parts: readonly (readonly Part[])[],
  notRun: Readonly<Record<string, string>>,
): Promise<EvaluationReport> {
  const { protocol, task, trials, systems, defaultName, seeds, first, notes = [] } = options
  const bootstrap = { resamples: options.resamples ?? RESAMPLES, seed: options.resamplingSeed ?? 1 }
  const work = new Work({ signal: options.signal })
  const users = usersOfTrials(trials)
  const measurements = systems.map(({ name, isRandom }, s) => {
    const { values, coverage, gini } = poolTrials(parts[s])
    return { name, isRandom, table: { measures: measureNames(first), values }, coverage, gini }
  })
  const slices = slicesOf(trials, measurements[0].table, measureName('ndcg', first[0]), options.segmentOf)
  const reports = await summarise(measurements, defaultName, users, slices, first, bootstrap, work)
  const ran = systems.filter(({ name }) => options.settings && name in options.settings)
  return {
    headline: headlineOf({ systems: reports, defaultName, first }),
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
    settings: Object.fromEntries(ran.map(({ name }) => [name, options.settings![name]])),
    systems: reports,
  }
}
