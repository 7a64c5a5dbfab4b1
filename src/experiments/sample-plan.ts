/** Converts numbers of customers to weeks, and weeks to customers. */
import type { Baseline, Test } from './effect-size.ts'
import { customersForEffect, smallestEffect } from './effect-size.ts'
import { customersByArm, totalWithin } from './split.ts'
import type { Traffic } from './traffic.ts'
import { customersWithin, weeksUntil } from './traffic.ts'

/** The customers and weeks that an effect needs. */
export interface SamplePlan {
  readonly customers: number
  readonly byArm: readonly number[]
  /** The weeks in which customers enter; null: this shop would never have enough customers. */
  readonly weeks: number | null
  /** `weeks` plus the time until the last customer's outcome is known. */
  readonly weeksToResult: number | null
}

/** The smallest effect that a number of weeks can show. */
export interface ShownAfter {
  readonly weeks: number
  readonly weeksToResult: number
  readonly customers: number
  /** As a part of the baseline; null: no effect can be shown, however large. */
  readonly smallestEffect: number | null
}

/** The customers that would enter the test, and how long their outcomes take. */
export interface Intake {
  readonly traffic: Traffic
  /** Weeks from a customer's entry until their outcome is known. */
  readonly followUp: number
}

/** @param saving  the part of the variance that an adjustment removes */
export function samplePlan(
  baseline: Baseline,
  effect: number,
  test: Test,
  { traffic, followUp }: Intake,
  saving = 0,
): SamplePlan {
  const needed = customersForEffect(baseline, effect, test) * (1 - saving)
  const byArm = customersByArm(needed, test.split)
  const customers = byArm.reduce((sum, count) => sum + count, 0)
  const weeks = weeksUntil(customers, traffic)
  return { customers, byArm, weeks, weeksToResult: weeks === null ? null : weeks + followUp }
}

export function shownAfter(
  weeks: number,
  baseline: Baseline,
  test: Test,
  { traffic, followUp }: Intake,
): ShownAfter {
  const customers = Math.floor(customersWithin(weeks, traffic))
  const total = totalWithin(customers, test.split)
  return {
    weeks,
    weeksToResult: weeks + followUp,
    customers,
    smallestEffect: total > 0 ? smallestEffect(baseline, total, test) : null,
  }
}
