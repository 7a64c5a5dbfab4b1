import type { ContentFeatures } from '../model/model.ts'
import type { SegmentOf } from './slices.ts'
import type { System } from './system.ts'
import { EvaluationError } from './system-run.ts'
import type { Task, Trial } from './trial.ts'

/** What is evaluated, on what, and how. */
export interface EvaluationOptions {
  /** As the report names it: `temporal`. */
  readonly protocol: string
  readonly task: Task
  /** Their cases are pooled: a trial counts by the cases it has. */
  readonly trials: readonly Trial[]
  /** In the order of the report, each name once. */
  readonly systems: readonly System[]
  /** The system that the others are compared with, by name. */
  readonly defaultName: string
  /** At least three where a system is random: its values are the means over them, case by case. */
  readonly seeds: readonly number[]
  /** The Ks. */
  readonly first: readonly number[]
  readonly segmentOf?: SegmentOf
  /**
   * The features of a trial's products, from what its training knows: rows of unit length, or all 0 (`contentFeatures`).
   * Absent: intra-list distance is not measured.
   */
  readonly featuresOf?: (trial: Trial) => ContentFeatures
  /** What a reader of the figures has to know. */
  readonly notes?: readonly string[]
  /** How often users are drawn anew, 1,000 unless told, at least 100; and by which seed, 1. */
  readonly resamples?: number
  readonly resamplingSeed?: number
  readonly onProgress?: (progress: EvaluationProgress) => void
  readonly signal?: AbortSignal
}

export interface EvaluationProgress {
  readonly system: string
  readonly trial: string
  /** Lists made so far, and in the whole evaluation. */
  readonly done: number
  readonly of: number
}

/** With fewer, chance in the seed would pass for a difference between systems. */
const LEAST_SEEDS = 3

/** With fewer, the ends of an interval would rest on two or three resamples. */
const LEAST_RESAMPLES = 100

/** @throws {EvaluationError} when there is nothing to evaluate, or the options contradict each other */
export function checkOptions(options: EvaluationOptions): void {
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
    random === undefined || different >= LEAST_SEEDS,
    `system ${random?.name} is random and needs at least ${LEAST_SEEDS} seeds, not ${different}`,
  )
  expect(
    Number.isSafeInteger(resamples) && resamples >= LEAST_RESAMPLES,
    `${resamples} resamples are no basis for an interval: give at least ${LEAST_RESAMPLES}`,
  )
}

function expect(isSo: boolean, problem: string): void {
  if (!isSo) throw new EvaluationError(`Cannot evaluate: ${problem}.`)
}
