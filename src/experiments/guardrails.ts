import type { Dataset } from '../data/dataset.ts'
import type { Cohort } from './cohort.ts'
import type { Test } from './effect-size.ts'
import { customersToClear, powerToClear } from './effect-size.ts'
import type { Measured } from './estimates.ts'
import { measureMean, measureRatio, sum } from './estimates.ts'
import { customersByArm } from './split.ts'

/** What the treatment must not make worse. */
export interface Guardrail {
  readonly name: string
  readonly definition: string
  readonly worse: 'higher' | 'lower'
  readonly unit: 'share' | 'points' | 'currency' | 'other'
  /** The most that it may get worse, in words. */
  readonly allowed: string
  /** null: it is not in the data and must be measured before the start. */
  readonly baseline: GuardrailBaseline | null
}

export interface GuardrailBaseline {
  readonly value: number
  readonly low: number
  readonly high: number
  /** The margin of non-inferiority, in the metric's unit. */
  readonly margin: number
  /** The probability of showing that an equal treatment is not worse by the margin; null: the data has no case. */
  readonly power: number | null
  /** The customers of all arms that give the power asked for; null: the data has no case. */
  readonly customersNeeded: number | null
}

interface Rule extends Omit<Guardrail, 'baseline'> {
  /** Absent: an order history does not hold it. */
  readonly measure?: (cohort: Cohort, dataset: Dataset) => Measured | undefined
  /** @param value  of the baseline */
  readonly margin: (value: number) => number
}

/** A ratio of sums over customers; undefined if the denominators sum to 0. */
function ratio(numerators: Float64Array, denominators: Float64Array): Measured | undefined {
  return sum(denominators) > 0 ? measureRatio(numerators, denominators) : undefined
}

/** The margins are proposals; the shop decides. */
const RULES: readonly Rule[] = [
  {
    name: 'cancellation rate',
    definition:
      'cancelled orders over all orders that customers placed; completely returned orders count as cancelled, if the shop ' +
      'records returns',
    worse: 'higher',
    unit: 'share',
    allowed: '0.5 percentage points',
    measure: ({ placed }) => placed && ratio(placed.cancelled, placed.orders),
    margin: () => 0.005,
  },
  {
    name: 'review score',
    definition: 'mean over reviewed orders, 1 to 5',
    worse: 'lower',
    unit: 'points',
    allowed: '0.05 of a point',
    measure: (cohort) => ratio(cohort.reviewScores, cohort.reviewed),
    margin: () => 0.05,
  },
  {
    name: 'late deliveries',
    definition: 'orders delivered after the promised day over delivered orders; used in place of complaints',
    worse: 'higher',
    unit: 'share',
    allowed: '1 percentage point',
    measure: (cohort) => ratio(cohort.late, cohort.delivered),
    margin: () => 0.01,
  },
  {
    name: 'revenue per customer',
    definition: 'spending within the window from the first order in the test, including that order',
    worse: 'lower',
    unit: 'currency',
    allowed: '2 % of it',
    measure: (cohort) => (sum(cohort.revenue) > 0 ? measureMean(cohort.revenue) : undefined),
    margin: (value) => 0.02 * value,
  },
  {
    name: 'p95 latency',
    definition: 'of the pages that show recommendations, 95th percentile',
    worse: 'higher',
    unit: 'other',
    allowed: '50 ms',
    margin: () => 50,
  },
  {
    name: 'empty lists',
    definition: 'lists with nothing in them over lists asked for',
    worse: 'higher',
    unit: 'other',
    allowed: '1 percentage point',
    margin: () => 0.01,
  },
  {
    name: 'catalogue coverage',
    definition: 'products shown at least once a week over products for sale',
    worse: 'lower',
    unit: 'other',
    allowed: "a tenth of the control's",
    margin: (value) => 0.1 * value,
  },
]

/**
 * The guardrails with their baselines, and whether a test could detect a breach.
 * @param customers  of all arms, at the end of the test
 */
export function guardrailsOf(cohort: Cohort, dataset: Dataset, customers: number, test: Test): Guardrail[] {
  return RULES.map(({ measure, margin, name, definition, worse, unit, allowed }) => {
    const measured = measure?.(cohort, dataset)
    const baseline = measured ? baselineOf(measured, margin(measured.value), customers, test) : null
    return { name, definition, worse, unit, allowed, baseline }
  })
}

function baselineOf(
  { value, low, high, variance }: Measured,
  margin: number,
  customers: number,
  test: Test,
): GuardrailBaseline {
  const varies = variance > 0
  const needed = varies && customersByArm(customersToClear(margin, variance, test), test.split)
  return {
    value,
    low,
    high,
    margin,
    power: varies ? powerToClear(margin, variance, customers, test) : null,
    customersNeeded: needed ? needed.reduce((total, count) => total + count, 0) : null,
  }
}
