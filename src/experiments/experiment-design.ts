/** The design of an experiment, which `--json` prints: plain data, the same bytes for the same input. */
import type { Balance } from './balance.ts'
import type { CupedSaving } from './cuped.ts'
import type { Baseline } from './effect-size.ts'
import type { Guardrail } from './guardrails.ts'
import type { PrimaryMetric } from './metric-definitions.ts'
import type { Replays } from './replays.ts'
import type { DesignRequest } from './request.ts'
import type { SamplePlan, ShownAfter } from './sample-plan.ts'
import type { Traffic } from './traffic.ts'

export interface ExperimentDesign {
  readonly request: DesignRequest
  readonly data: DataFacts
  readonly verdict: Verdict
  /** null if none was given. */
  readonly evidence: OfflineEvidence | null
  readonly arms: readonly Arm[]
  readonly randomisation: {
    readonly balance: Balance
    readonly replays: Replays & { readonly metric: PrimaryMetric }
  }
  readonly metric: MetricBaseline
  readonly sampleSize: SampleSize
  /** Judged with the customers of the planned weeks. */
  readonly guardrails: readonly Guardrail[]
}

export interface DataFacts {
  readonly adapter: string
  readonly fingerprint: string
  /** Customers who bought. */
  readonly customers: number
  readonly orders: number
  /** The number of these customers with one order. */
  readonly orderedOnce: number
  /** The whole weeks that the design is based on; days as 2018-02-28, both included. */
  readonly weeks: number
  readonly from: string
  readonly to: string
  /** Orders that are not counted. */
  readonly leftOut: { readonly before: number; readonly after: number; readonly withoutTime: number }
}

/**
 * Whether the plan shows the effect asked for: `yes`; `longer`: not in the weeks asked for, but within `LONGEST_WEEKS`;
 * `no`: not within `LONGEST_WEEKS`.
 */
type Outcome = 'yes' | 'longer' | 'no'

export interface Verdict {
  readonly outcome: Outcome
  /** Whether the result would be known within `LONGEST_WEEKS`: `outcome` is not `no`. */
  readonly isFeasible: boolean
  /** The customers and weeks that the requested effect needs. */
  readonly asked: SamplePlan
  /** The basis of the rest of the design: the weeks asked for, else those needed, else what fits `LONGEST_WEEKS`. */
  readonly planned: ShownAfter
  /** What fits `LONGEST_WEEKS`. */
  readonly longest: ShownAfter
  /** The same effect on other metrics, the one with the fewest customers first. */
  readonly otherMetrics: readonly (SamplePlan & {
    readonly metric: PrimaryMetric
    readonly baseline: number
  })[]
  /** The same effect on an assumed conversion rate; null if conversion is the primary metric. */
  readonly visitors: (SamplePlan & { readonly assumedConversion: number }) | null
}

/** The results of an offline evaluation; plain numbers, so that any evaluation fits. */
export interface OfflineEvidence {
  /** How it was made, in words. */
  readonly procedure: string
  /** Such as nDCG @10. */
  readonly measure: string
  /** The system under test first. */
  readonly systems: readonly {
    readonly name: string
    readonly value: number
    readonly low: number
    readonly high: number
    /** The evaluation's verdict compared with the first system. */
    readonly verdict: string
  }[]
  readonly notes: readonly string[]
}

export interface Arm {
  readonly name: string
  /** From 0 to 1. */
  readonly share: number
  readonly sees: string
}

export interface MetricBaseline extends Baseline {
  readonly definition: string
  readonly unit: string
  /** null if the baseline was given, not measured. */
  readonly measured: {
    readonly low: number
    readonly high: number
    readonly customers: number
    /** When these customers first ordered: days, both included. */
    readonly from: string
    readonly to: string
    /** The share of customers with a second order who placed it within a day; null if there are none. */
    readonly againWithinDay: number | null
  } | null
}

export interface SampleSize {
  /** Traffic of customers; of visitors if conversion is the primary metric. */
  readonly traffic: Traffic
  readonly alphaPerComparison: number
  /** After 2, 4, 8 and 12 weeks, as many as fit `LONGEST_WEEKS`, and those asked for. */
  readonly shown: readonly ShownAfter[]
  /** The smallest effects after each week from 2 on, for the plot. */
  readonly curve: readonly Pick<ShownAfter, 'weeks' | 'weeksToResult' | 'smallestEffect'>[]
  /** null if the metric is not measured in the data. */
  readonly cuped: (CupedSaving & { readonly asked: SamplePlan }) | null
}
