/**
 * A/A replays: customers of the past are assigned by one salt after another, all arms are treated the same, and the test
 * is made each time. If the assignment is fair and the variance correct, a share alpha of the replays finds a difference
 * (Kohavi, Tang & Xu 2020, Trustworthy Online Controlled Experiments, chapter 19).
 */
import { setImmediate } from 'node:timers/promises'
import { assignArms, DRAWS_PER_DIGEST, drawsOf, strataOf } from './assignment.ts'
import { normalCdf } from './distributions.ts'
import { wilson } from './estimates.ts'
import type { Split } from './split.ts'
import { alphaPerComparison } from './split.ts'

const REPLAYS = 1000

/** More customers would take longer without giving more information. */
const MOST_CUSTOMERS = 10_000

export interface Replays {
  readonly replays: number
  readonly customers: number
  /** Replays in which a treatment arm differed from the control significantly, alpha over all arms together. */
  readonly significant: number
  readonly share: number
  /** The ends of its 95 % interval. */
  readonly low: number
  readonly high: number
}

interface ReplayInput {
  readonly ids: readonly string[]
  /** The contribution of each customer to the metric. */
  readonly contributions: Float64Array
  /** The segment of each customer when the replayed test begins; −1: a new customer. */
  readonly segments: Int32Array
  readonly salt: string
  readonly split: Split
  readonly alpha: number
  readonly signal?: AbortSignal
}

/** @throws the reason of `signal`, if it aborts */
export async function replay(input: ReplayInput): Promise<Replays> {
  const { ids, contributions, segments, salt, split, alpha, signal } = sampled(input)
  const strata = strataOf(segments, Math.max(-1, ...new Set(segments)) + 1)
  const critical = alphaPerComparison(alpha, split)
  let significant = 0
  for (let from = 0; from < REPLAYS; from += DRAWS_PER_DIGEST) {
    // Lets Ctrl-C be handled.
    await setImmediate()
    signal?.throwIfAborted()
    for (const draws of drawsOf(`${salt} replay ${from / DRAWS_PER_DIGEST}`, ids)) {
      const arms = assignArms(draws, strata, split)
      if (smallestP(contributions, arms, split.length) < critical) significant++
    }
  }
  const share = significant / REPLAYS
  return { replays: REPLAYS, customers: ids.length, significant, share, ...wilson(significant, REPLAYS) }
}

/**
 * The smallest two-sided p of the treatment arms: the difference of the means over its standard error, taken as normal
 * (Welch's test with many customers).
 */
export function smallestP(contributions: Float64Array, arms: Uint8Array, count: number): number {
  const customers = new Float64Array(count)
  const sums = new Float64Array(count)
  const squares = new Float64Array(count)
  for (let i = 0; i < arms.length; i++) {
    customers[arms[i]]++
    sums[arms[i]] += contributions[i]
    squares[arms[i]] += contributions[i] ** 2
  }
  const means = sums.map((sum, arm) => sum / customers[arm])
  const errors = squares.map(
    (sum, arm) => Math.max(0, sum / customers[arm] - means[arm] ** 2) / (customers[arm] - 1),
  )
  let least = 1
  for (let arm = 1; arm < count; arm++) {
    const z = Math.abs(means[arm] - means[0]) / Math.sqrt(errors[arm] + errors[0])
    // NaN if nothing varies: no difference.
    if (!Number.isNaN(z)) least = Math.min(least, 2 * normalCdf(-z))
  }
  return least
}

/** Every k-th customer, if there are too many. */
function sampled(input: ReplayInput): ReplayInput {
  const step = Math.ceil(input.ids.length / MOST_CUSTOMERS)
  if (step <= 1) return input
  const keeps = (_: unknown, i: number) => i % step === 0
  return {
    ...input,
    ids: input.ids.filter(keeps),
    contributions: input.contributions.filter(keeps),
    segments: input.segments.filter(keeps),
  }
}
