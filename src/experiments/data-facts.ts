import type { Dataset } from '../data/dataset.ts'
import { DesignError } from './request.ts'
import type { Arm, DataFacts } from './experiment-design.ts'
import type { OrderHistory, WholeWeeks } from './weeks.ts'
import type { DesignRequest } from './request.ts'
import { wholeWeeks } from './weeks.ts'

/** The fewest weeks of intake that a baseline is measured on. */
const LEAST_INTAKE = 4

/**
 * The whole weeks of the data that a design is based on.
 * @throws {DesignError} if the data has too few customers, times or weeks
 */
export function expectWeeks({ orders }: Dataset, history: OrderHistory, window: number): WholeWeeks {
  const buyers = new Set(orders.customer).size
  if (buyers < 2) {
    throw new DesignError(
      `the data holds ${buyers === 1 ? 'one customer' : 'no customer'} with orders: an A/B test compares groups of customers. ` +
        'Use an order history with more',
    )
  }
  if (history.order.length === 0) {
    throw new DesignError(
      `none of the ${orders.count} orders has a time, so customers cannot be counted by week: ` +
        'add a column timestamp (or name it: --columns timestamp=…)',
    )
  }
  const whole = wholeWeeks(history)
  const found = whole?.weeks.length ?? 0
  const needed = window + LEAST_INTAKE
  if (whole === undefined || found < needed) {
    throw new DesignError(
      `the data holds ${found} whole weeks of orders in a row; --window ${window} needs at least ${needed} ` +
        `(${LEAST_INTAKE} in which customers enter, ${window} in which each is observed): ` +
        'use a longer history, or a shorter --window',
    )
  }
  return whole
}

export function factsOf(
  { adapter, fingerprint, orders }: Dataset,
  { untimed }: OrderHistory,
  { start, end, weeks, ordersBefore, ordersAfter }: WholeWeeks,
): DataFacts {
  const ordersOf = new Map<number, number>()
  for (const customer of orders.customer) ordersOf.set(customer, (ordersOf.get(customer) ?? 0) + 1)
  return {
    adapter,
    fingerprint,
    customers: ordersOf.size,
    orders: orders.count,
    orderedOnce: [...ordersOf.values()].filter((count) => count === 1).length,
    weeks: weeks.length,
    from: dayOf(start),
    to: dayOf(end - 1),
    leftOut: { before: ordersBefore, after: ordersAfter, withoutTime: untimed },
  }
}

/** 2018-02-28, UTC. */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}

const CONTROLS: Readonly<Record<string, string>> = {
  'popular-products': 'the products that sold best recently, the same for everyone',
  serving: 'what the shop serves now, unchanged',
}

export const CONTROL_NAMES: readonly string[] = Object.keys(CONTROLS)

/** The control first. */
export function armsOf({ split, control, treatments }: DesignRequest): Arm[] {
  return split.map((share, arm) => {
    if (arm === 0) return { name: 'control', share, sees: CONTROLS[control] ?? control }
    const name = split.length === 2 ? 'treatment' : `treatment ${arm}`
    return { name, share, sees: `Rationale's recommendations (preset ${treatments[arm - 1]})` }
  })
}
