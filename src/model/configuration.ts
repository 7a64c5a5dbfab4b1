import { inspect } from 'node:util'
import { z } from 'zod'
import type { ConfidenceConvention, Observation } from '../data/confidence.ts'
import { normalEquation, OBSERVATIONS } from '../data/confidence.ts'
import type { NormalEquation, RegularizationScale } from '../kernels/kernels.ts'
import { REGULARIZATION_SCALES } from '../kernels/kernels.ts'

/** A configuration known by name. */
export type PresetName = 'default' | 'notebook'

/** Everything that decides what a fit computes; stored whole in the model file. */
export interface Configuration {
  readonly preset: PresetName
  /** f, the rank of the factorisation; 1 … 1024. */
  readonly factors: number
  /** λ ≥ 0. */
  readonly regularization: number
  /** α > 0 (α₀ under `ials`). */
  readonly alpha: number
  readonly confidence: ConfidenceConvention
  /** What r is: what of a customer's purchases of a product the confidence grows with. */
  readonly observation: Observation
  /** ν of `ials`, 0 … 1; the other conventions ignore it. */
  readonly frequencyExponent: number
  /** Whether λ of a row is multiplied by the number of its entries, as Spark's MLlib does. */
  readonly regularizationScale: RegularizationScale
  /** Full ALS iterations, 1 … 10,000. */
  readonly iterations: number
  /**
   * How rows with many entries are solved: 0 exactly, s > 0 by s steps of conjugate gradients from their former
   * factors (kernels.ts, AlsProblem); 0 … 100.
   */
  readonly conjugateGradientSteps: number
  /** λ > 0 of the linear item-item model EASE; the blend `notebook` ignores it. */
  readonly easeRegularization: number
  /** The most products that EASE gives weights, 0 … 30,000; 0 leaves it out. A fit takes 4·n² bytes. */
  readonly easeProducts: number
  /** The seed of the starting factors and the segments; 0 … 2³² − 1. */
  readonly seed: number
  /** How content is compared: `one-hot` (default) or the notebook's `label-encoded` category. */
  readonly content: 'one-hot' | 'label-encoded'
  /**
   * `learned` (default): all sources, weighted so as to best predict the last orders of repeat customers in the
   * training data (blend-weights.ts). `notebook`: the collaborative source's and content's own top lists are united,
   * raw scores blended, 0 if a source did not list the product.
   */
  readonly blend: 'learned' | 'notebook'
  /**
   * The weights of the two sources of the blend `notebook`; each 0 … 1, their sum 1. A source of weight 0 is not used.
   * The blend `learned` has weights of its own and ignores these.
   */
  readonly weights: { readonly collaborative: number; readonly content: number }
}

/** A configuration that breaks a rule; the message names each field at fault, its rule and the value given. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}

const PRESETS: Readonly<Record<PresetName, Configuration>> = {
  default: {
    preset: 'default',
    factors: 64,
    regularization: 0.1,
    alpha: 40,
    confidence: 'hu-koren-volinsky',
    observation: 'log-quantity',
    frequencyExponent: 0,
    regularizationScale: 'constant',
    iterations: 20,
    conjugateGradientSteps: 3,
    easeRegularization: 100,
    easeProducts: 8192,
    seed: 42,
    content: 'one-hot',
    blend: 'learned',
    weights: { collaborative: 0.6, content: 0.4 },
  },
  notebook: {
    preset: 'notebook',
    factors: 50,
    regularization: 0.1,
    alpha: 1,
    confidence: 'implicit',
    observation: 'quantity',
    frequencyExponent: 0,
    regularizationScale: 'constant',
    iterations: 20,
    conjugateGradientSteps: 3,
    easeRegularization: 100,
    easeProducts: 8192,
    seed: 42,
    content: 'label-encoded',
    blend: 'notebook',
    weights: { collaborative: 0.6, content: 0.4 },
  },
}

// A rule is worded so that "<field> must be <rule>" is the error.
const whole = (low: number, high: number) => {
  const rule = `a whole number from ${low} to ${high}`
  return z.int(rule).min(low, rule).max(high, rule)
}
const real = (low: number, high: number) => {
  const rule = high === Infinity ? `a number of at least ${low}` : `a number from ${low} to ${high}`
  return z.number(rule).min(low, rule).max(high, rule)
}
const oneOf = <const Names extends readonly string[]>(...names: Names) =>
  z.enum(names, `one of ${names.join(', ')}`)
const positive = 'a number above 0'

/** The rules of every field, also for a configuration read back from a model file. */
export const configurationSchema = z.strictObject({
  preset: oneOf('default', 'notebook'),
  factors: whole(1, 1024),
  regularization: real(0, Infinity),
  alpha: z.number(positive).positive(positive),
  confidence: oneOf('hu-koren-volinsky', 'implicit', 'ials'),
  observation: oneOf(...OBSERVATIONS),
  frequencyExponent: real(0, 1),
  regularizationScale: oneOf(...REGULARIZATION_SCALES),
  iterations: whole(1, 10_000),
  conjugateGradientSteps: whole(0, 100),
  easeRegularization: z.number(positive).positive(positive),
  easeProducts: whole(0, 30_000),
  seed: whole(0, 2 ** 32 - 1),
  content: oneOf('one-hot', 'label-encoded'),
  blend: oneOf('learned', 'notebook'),
  weights: z
    .strictObject({ collaborative: real(0, 1), content: real(0, 1) })
    .refine(
      (weights) => Math.abs(weights.collaborative + weights.content - 1) < 1e-9,
      'two numbers that sum to 1',
    ),
}) satisfies z.ZodType<Configuration>

/**
 * A preset with some of its fields replaced.
 * @throws {ConfigurationError} naming every field that is not allowed, what is, and the value given
 */
export function configure(preset: PresetName, overrides: Partial<Configuration> = {}): Configuration {
  const parsed = configurationSchema.safeParse(
    { ...PRESETS[preset], ...overrides, preset },
    { reportInput: true },
  )
  if (parsed.success) return parsed.data
  throw new ConfigurationError(parsed.error.issues.map(sentence).join('; '))
}

/** The fields that decide the normal equation, with r what `observation` says. */
export type EquationFields = Pick<
  Configuration,
  'confidence' | 'alpha' | 'regularization' | 'frequencyExponent' | 'regularizationScale'
>

/** The normal equation that factors are fitted and folded in by. */
export function equationOf({
  confidence,
  alpha,
  regularization,
  frequencyExponent,
  regularizationScale,
}: EquationFields): NormalEquation {
  return normalEquation(confidence, alpha, regularization, frequencyExponent, regularizationScale)
}

/** The fields in which a configuration differs from its preset. */
export function changedFields(configuration: Configuration): (keyof Configuration)[] {
  const preset = PRESETS[configuration.preset]
  const fields = Object.keys(preset) as (keyof Configuration)[]
  return fields.filter((field) => field !== 'weights' && configuration[field] !== preset[field])
}

function sentence(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `there is no field named ${issue.keys.join(' or ')}`
  const field = issue.path.join('.') || 'a configuration'
  return `${field} must be ${issue.message}, not ${inspect(issue.input)}`
}
