import type { Cohort } from './cohort.ts'
import { correlation, sum } from './estimates.ts'

/** How many fewer customers a test needs if the metric is adjusted for earlier behaviour. */
export interface CupedSaving {
  /** The behaviour that the metric is adjusted for, in the weeks before a customer's first order in the test. */
  readonly covariate: 'spending' | 'orders'
  /** The share of customers with an order in those weeks. */
  readonly withHistory: number
  /** ρ, the correlation of the covariate with the metric. */
  readonly correlation: number
  /** ρ², the part of the variance, and therefore of the customers, that is saved. */
  readonly saving: number
}

/**
 * Adjusting a metric by θX leaves 1 − ρ² of its variance (CUPED; Deng, Xu, Kohavi & Walker 2013,
 * doi:10.1145/2433396.2433413, section 3.2); here ρ is measured.
 * @param contributions  to the metric, by customer of the cohort
 */
export function cupedSaving(cohort: Cohort, contributions: Float64Array): CupedSaving {
  const covariate = sum(cohort.earlierRevenue) > 0 ? 'spending' : 'orders'
  const values = covariate === 'spending' ? cohort.earlierRevenue : cohort.earlierOrders
  const rho = correlation(values, contributions)
  return {
    covariate,
    withHistory: cohort.earlierOrders.filter((count) => count > 0).length / cohort.customer.length,
    correlation: rho,
    saving: rho ** 2,
  }
}
