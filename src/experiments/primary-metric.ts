import type { Cohort } from './cohort.ts'
import { dayOf } from './data-facts.ts'
import { DesignError, checkEffect } from './request.ts'
import type { Measured } from './estimates.ts'
import { measureMean, measureProportion, measureRatio, sum } from './estimates.ts'
import type { MetricBaseline } from './experiment-design.ts'
import { METRIC_DEFINITIONS, type PrimaryMetric } from './metric-definitions.ts'
import type { DesignRequest } from './request.ts'
import { WEEK } from './weeks.ts'

/**
 * Measures the baseline of a metric on the past.
 * @returns undefined if the data is not enough: no price is known, the cohort is empty, or visits are needed
 */
export function measurePrimary(metric: PrimaryMetric, cohort: Cohort): Measured | undefined {
  if (cohort.customer.length < 2) return undefined
  switch (metric) {
    case 'repeat-purchase-rate':
      return measureProportion(cohort.orderedAgain)
    case 'revenue-per-customer':
      return sum(cohort.revenue) > 0 ? measureMean(cohort.revenue) : undefined
    case 'basket-size':
      return measureRatio(cohort.items, cohort.orders)
    case 'conversion':
      return undefined
  }
}

/**
 * The baseline of the primary metric: the given one, else the measured one.
 * @throws {DesignError} if there is no baseline that an effect can be relative to
 */
export function metricBaseline(
  request: DesignRequest,
  measured: Measured | undefined,
  cohort: Cohort,
): MetricBaseline {
  const { primary, window, baselineRate, minimumEffect } = request
  const { kind, definition, unit, needs } = METRIC_DEFINITIONS[primary]
  const words = { kind, definition: definition(window), unit }
  if (baselineRate !== undefined) {
    return { ...words, value: baselineRate, variance: baselineRate * (1 - baselineRate), measured: null }
  }
  if (measured === undefined) {
    throw new DesignError(
      needs === 'prices'
        ? `--primary ${primary} needs prices, and the data has none: add a column price, or choose another --primary`
        : `--primary ${primary} cannot be measured on ${cohort.customer.length} customers: use a longer history`,
    )
  }
  const { value, low, high, variance, customers } = measured
  if (!(value > 0) || !(variance > 0)) {
    throw new DesignError(
      `--primary ${primary} is ${value} for each of the ${customers} customers it was measured on, so no rise can be ` +
        `planned: lengthen --window (now ${window} weeks), ` +
        `${kind === 'proportion' ? 'name a --baseline-rate, ' : ''}or choose another --primary`,
    )
  }
  if (kind === 'proportion') checkEffect(value, minimumEffect)
  const intakeEnd = cohort.intakeStart + cohort.intakeWeeks * WEEK
  const days = { from: dayOf(cohort.intakeStart), to: dayOf(intakeEnd - 1) }
  const again = sum(cohort.orderedAgain)
  const againWithinDay = again > 0 ? sum(cohort.orderedWithinDay) / again : null
  return { ...words, value, variance, measured: { low, high, customers, ...days, againWithinDay } }
}
