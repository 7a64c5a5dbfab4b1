/** Sample sizes and smallest effects of a metric, over all arms of a test; effects are parts of the baseline. */
import type { Level } from './normal-power.ts'
import {
  customersNeeded,
  differenceShown,
  meanDeviations,
  nonInferiorityPower,
  proportionDeviations,
} from './normal-power.ts'
import type { Split } from './split.ts'
import { alphaPerComparison, treatmentArms } from './split.ts'

/** What sample sizes depend on. */
export interface Baseline {
  /** Of a proportion the variance follows from its value, in each arm its own. */
  readonly kind: 'proportion' | 'mean' | 'ratio'
  readonly value: number
  /** Of one customer's contribution. */
  readonly variance: number
}

/** How a test is made. */
export interface Test extends Level {
  /** Here of all comparisons together. */
  readonly alpha: number
  readonly split: Split
}

/** Customers of all arms together that show an effect in whichever arm has it; not rounded. */
export function customersForEffect(baseline: Baseline, effect: number, test: Test): number {
  const level = levelOf(test)
  const difference = baseline.value * effect
  const totals = treatmentArms(test.split).map(({ share, ratio }) => {
    const deviations = deviationsOf(baseline, difference, ratio)
    return customersNeeded(difference, deviations, level) / share
  })
  return Math.max(...totals)
}

/**
 * The smallest rise that so many customers of all arms together show, in whichever arm has it.
 * @returns null where not even a proportion of 1 would be told from the baseline
 */
export function smallestEffect(baseline: Baseline, customers: number, test: Test): number | null {
  const level = levelOf(test)
  if (baseline.kind !== 'proportion') {
    const differences = treatmentArms(test.split).map(({ share, ratio }) =>
      differenceShown(customers * share, meanDeviations(baseline.variance, ratio), level),
    )
    return Math.max(...differences) / baseline.value
  }
  return bisect(
    (effect) => customersForEffect(baseline, effect, test) <= customers,
    (1 - baseline.value) / baseline.value,
  )
}

/**
 * The chance that every treatment arm, in truth equal to the control, is shown not to be worse by `margin` or more, of
 * the arm where it is least. A guardrail is not corrected for several: all of them have to hold.
 * @param variance  of one customer, above 0
 */
export function powerToClear(
  margin: number,
  variance: number,
  customers: number,
  { alpha, split }: Test,
): number {
  const powers = treatmentArms(split).map(({ share, ratio }) =>
    nonInferiorityPower(margin, customers * share, meanDeviations(variance, ratio).none, alpha),
  )
  return Math.min(...powers)
}

/** Customers of all arms together with which `powerToClear` is the test's power; not rounded. */
export function customersToClear(margin: number, variance: number, { alpha, power, split }: Test): number {
  const totals = treatmentArms(split).map(
    ({ share, ratio }) => customersNeeded(margin, meanDeviations(variance, ratio), { alpha, power }) / share,
  )
  return Math.max(...totals)
}

function levelOf({ alpha, power, split }: Test): Level {
  return { alpha: alphaPerComparison(alpha, split), power }
}

function deviationsOf({ kind, value, variance }: Baseline, difference: number, ratio: number) {
  return kind === 'proportion'
    ? proportionDeviations(value, value + difference, ratio)
    : meanDeviations(variance, ratio)
}

/** The least x of 0 … most of which `holds` is true, where it is true from some x on; null where it never is. */
function bisect(holds: (x: number) => boolean, most: number): number | null {
  if (!holds(most)) return null
  let [low, high] = [0, most]
  // 100 halvings leave nothing between them that a double could tell apart.
  for (let i = 0; i < 100 && low < high; i++) {
    const middle = (low + high) / 2
    if (holds(middle)) high = middle
    else low = middle
  }
  return high
}
