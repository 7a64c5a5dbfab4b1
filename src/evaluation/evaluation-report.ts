/** What an evaluation found, as `--json` prints it: plain data, the same bytes for the same input. */
import type { Parameters } from './baselines/systems.ts'
import type { Comparison } from './comparison.ts'
import type { Estimate } from './intervals.ts'
import type { Metric } from './metrics.ts'
import type { Task } from './trial.ts'

/** One entry for each K, keyed by it. */
export type ByFirst<Value> = Readonly<Record<string, Value>>

export interface EvaluationReport {
  /** Who wins and by how much, in a sentence (`headlineOf`). */
  readonly headline: string
  readonly protocol: string
  readonly task: Task
  readonly trials: readonly TrialReport[]
  /** The number of different customers in all trials; one unknown to training counts once a case. */
  readonly users: number
  /** Over all trials; means are over these. */
  readonly cases: number
  /** Products ranked: of the trial with the most. */
  readonly catalogue: number
  /** What was left out of the test, and how many, over all trials. */
  readonly leftOut: Readonly<Record<string, number>>
  /** What systems with chance in them were run with; the others with the first alone. */
  readonly seeds: readonly number[]
  /** The Ks, ascending. */
  readonly first: readonly number[]
  /** The system that the others are compared with. */
  readonly defaultName: string
  readonly bootstrap: { readonly resamples: number; readonly seed: number; readonly level: number }
  /** What a reader of the figures has to know, such as that orders were reconstructed. */
  readonly notes: readonly string[]
  /** Systems that could not learn from this data, by name, and why; they are not among the `systems`. */
  readonly notRun: Readonly<Record<string, string>>
  /** The parameters that systems were run with, by their names; those that have none are left out. */
  readonly settings: Readonly<Record<string, Parameters>>
  readonly systems: readonly SystemReport[]
}

interface TrialReport {
  readonly name: string
  readonly cases: number
  readonly users: number
  readonly catalogue: number
  readonly leftOut: Readonly<Record<string, number>>
}

/** Means over all cases, each with its 95 % interval; null where a measure is defined for no case. */
export interface SystemReport extends Readonly<Record<Metric, ByFirst<Estimate>>> {
  readonly name: string
  readonly isRandom: boolean
  /**
   * The share of the catalogue in any of the lists; the mean over trials. No interval: a resample has fewer different
   * users than there are, so that its coverage is lower whatever the system.
   */
  readonly coverage: ByFirst<number>
  /** Likewise; null where nothing was recommended. */
  readonly gini: ByFirst<number | null>
  /** Bits, over the lists that are not empty. */
  readonly novelty: ByFirst<Estimate | null>
  /** Over the lists of two and more; null also where there are no features to compare by. */
  readonly intraListDistance: ByFirst<Estimate | null>
  readonly emptyLists: Estimate
  readonly slices: SlicesReport
  /** The comparison by `metric@K`; absent for the default itself. */
  readonly versusDefault?: Readonly<Record<string, Comparison>>
}

/** Slices that hold no case are absent. */
export interface SlicesReport {
  /** Cases by the number of different products bought before. */
  readonly pastPurchases: Readonly<Record<string, SliceReport>>
  readonly segment: Readonly<Record<string, SliceReport>>
  /** `head`: finding the products that make up half of all purchases; `tail`: finding the others. */
  readonly relevantItems: Readonly<Record<string, SliceReport>>
}

export interface SliceReport {
  readonly cases: number
  readonly users: number
  readonly hitRate: ByFirst<Estimate>
  readonly recall: ByFirst<Estimate>
  readonly ndcg: ByFirst<Estimate>
}

/** The notes of a report, and what was not run: a sentence each. */
export function remarksOf({ notes, notRun }: EvaluationReport): string[] {
  return [...notes, ...Object.entries(notRun).map(([name, reason]) => `Not run: ${name}. ${reason}.`)]
}
