/** The metrics that an experiment can be judged by, and their definitions. */
import type { Baseline } from './effect-size.ts'
import { weeksText } from './wording.ts'

export const PRIMARY_METRICS = [
  'repeat-purchase-rate',
  'revenue-per-customer',
  'basket-size',
  'conversion',
] as const

export type PrimaryMetric = (typeof PRIMARY_METRICS)[number]

/** The names of metrics in sentences. */
export const METRIC_NAMES: Readonly<Record<PrimaryMetric, string>> = {
  'repeat-purchase-rate': 'repeat-purchase rate',
  'revenue-per-customer': 'revenue per customer',
  'basket-size': 'basket size',
  conversion: 'conversion',
}

interface Definition {
  readonly kind: Baseline['kind']
  /** What the data must hold in addition to orders with their times. */
  readonly needs: 'nothing more' | 'prices' | 'visits'
  /** @param window  weeks */
  readonly definition: (window: number) => string
  readonly unit: string
}

/** The definition of each metric. For all of them the unit of randomisation and of variance is the customer. */
export const METRIC_DEFINITIONS: Readonly<Record<PrimaryMetric, Definition>> = {
  'repeat-purchase-rate': {
    kind: 'proportion',
    needs: 'nothing more',
    definition: (window) =>
      `of the customers who order during the test, the share who order again within ${weeksText(window)} of their first ` +
      'order in it',
    unit: 'share of customers',
  },
  'revenue-per-customer': {
    kind: 'mean',
    needs: 'prices',
    definition: (window) =>
      `what a customer who orders during the test spends within ${weeksText(window)} from their first order in it, ` +
      'including that order; prices of items, without freight',
    unit: "the shop's currency",
  },
  'basket-size': {
    kind: 'ratio',
    needs: 'nothing more',
    definition: (window) =>
      `items over orders, for all orders within ${weeksText(window)} from a customer's first order in the test, ` +
      'including that one; a ratio of two sums over customers, so its variance is computed by the delta method',
    unit: 'items per order',
  },
  conversion: {
    kind: 'proportion',
    needs: 'visits',
    definition: () =>
      'of the customers who visit during the test, the share who order within a week of their first visit',
    unit: 'share of visitors',
  },
}
