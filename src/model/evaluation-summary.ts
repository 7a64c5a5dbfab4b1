/**
 * The results of an evaluation of a model's configuration, as the model file keeps them (`rationale evaluate
 * --record`).
 *
 * Legend: K, the number of products counted, from the top of a list.
 */
import { z } from 'zod'

/** The protocols whose figures say something of a model: `notebook` finds nothing whatever the model is. */
export const RECORDED_PROTOCOLS = ['temporal', 'last-order', 'basket', 'hold-out-users'] as const

/** A protocol whose figures a model file may keep. */
export type RecordedProtocol = (typeof RECORDED_PROTOCOLS)[number]

/** The measures that have an interval, as the report names them. */
export const RECORDED_MEASURES = [
  'hitRate',
  'recall',
  'recallTruncated',
  'precision',
  'ndcg',
  'mrr',
  'map',
] as const

/** A measure that has an interval. */
export type RecordedMeasure = (typeof RECORDED_MEASURES)[number]

/** A mean over all cases and the ends of its interval; each 0 … 1. */
export interface MeasuredMean {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** The measures of a system's lists at one K. */
export interface MeasuresAtK extends Readonly<Record<RecordedMeasure, MeasuredMean>> {
  readonly k: number
  /** The share of the catalogue in any of the lists, 0 … 1. */
  readonly coverage: number
}

/** Figures of a system that the model was compared with. */
export interface MeasuredSystem {
  readonly name: string
  /** One for each K, ascending. */
  readonly measures: readonly MeasuresAtK[]
}

/** One split of the data: models of the same configuration were trained on one part and tested on the other. */
export interface EvaluatedTrial {
  /** Under `temporal` the moment of the cut, in UTC. */
  readonly name: string
  readonly cases: number
  readonly customers: number
}

/**
 * An evaluation of a configuration on the data of the model that carries it. Measured on models trained on a part of
 * the data, never on the one in the file, which was trained on all of it.
 */
export interface EvaluationSummary {
  readonly protocol: RecordedProtocol
  readonly task: 'discovery' | 'next-order'
  readonly trials: readonly EvaluatedTrial[]
  /** The number of lists in all trials: one a customer, or a basket, in each. */
  readonly cases: number
  /** The number of different customers in all trials; one unknown to training counts once a case. */
  readonly customers: number
  /** Products ranked: of the trial with the most. */
  readonly products: number
  /** The confidence level of the intervals: 0.95. */
  readonly level: number
  /** The measures of the model's own configuration, one entry a K, ascending. */
  readonly measures: readonly MeasuresAtK[]
  /** Every system evaluated, by name, the model's own among them. */
  readonly systems: readonly string[]
  /** The other system with the highest nDCG at K = 10, or at the nearest lower K; null if there was no other. */
  readonly bestOther: MeasuredSystem | null
  /** What a reader of the figures must know. */
  readonly notes: readonly string[]
  /** The version of Rationale that ran the evaluation. */
  readonly evaluatedWith: string
}

const share = z.number().min(0).max(1)
const count = z.int().positive()
const text = z.string().nonempty()
const mean = z.strictObject({ value: share, low: share, high: share })
const measures = z
  .array(z.strictObject({ k: count, coverage: share, ...each(RECORDED_MEASURES, mean) }))
  .nonempty()

/** The rules of summaries read back from a model file. */
export const evaluationsSchema = z
  .array(
    z.strictObject({
      protocol: z.enum(RECORDED_PROTOCOLS),
      task: z.enum(['discovery', 'next-order']),
      trials: z.array(z.strictObject({ name: text, cases: count, customers: count })).nonempty(),
      cases: count,
      customers: count,
      products: count,
      level: share,
      measures,
      systems: z.array(text).nonempty(),
      bestOther: z.strictObject({ name: text, measures }).nullable(),
      notes: z.array(z.string()),
      evaluatedWith: text,
    }),
  )
  .nonempty() satisfies z.ZodType<readonly EvaluationSummary[]>

function each<Name extends string, Value>(names: readonly Name[], value: Value): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, value])) as Record<Name, Value>
}
