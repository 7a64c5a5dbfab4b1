import type { Dataset } from '../../data/dataset.ts'
import { interactionsWhere, keepInteractions } from '../../data/subset.ts'
import type { Task, Trial } from '../trial.ts'
import { cutTimes } from './cuts.ts'
import { trialOf } from './held-out.ts'
import { withoutHindsight } from './hindsight.ts'
import { interactionTimes, writeTime } from './interaction-times.ts'
import { LEFT_OUT, LeftOut } from './left-out.ts'
import { TrialError } from './trial-error.ts'

export interface TemporalOptions {
  readonly task: Task
  /** One trial each (rolling origin: Tashman 2000, doi:10.1016/S0169-2070(00)00065-0); see `cutTimes`. */
  readonly cuts: readonly string[]
  /**
   * How long what is bought counts: until the `next-cut`, the last one's until the end, so that no purchase is to be
   * found in two trials (default); or each until the `end` of the data.
   */
  readonly horizon?: 'next-cut' | 'end'
}

/**
 * Trains on all that was bought before a cut, and asks about all who bought before it and again after it: what a shop
 * would have seen that had started on that day. Training holds nothing of later: no id, price, category, review,
 * delivery or segment, nor any interaction of unknown time. To be found is what was bought from the cut to the
 * horizon; under `discovery`, that had not been bought before.
 * @throws {TrialError} as `cutTimes`, and when a cut leaves nobody to test
 */
export function temporalTrials(
  dataset: Dataset,
  { task, cuts, horizon = 'next-cut' }: TemporalOptions,
): Trial[] {
  const times = interactionTimes(dataset)
  const found = cutTimes(times, cuts)
  const known = withoutHindsight(dataset)
  return found.map((cut, i) => {
    const end = horizon === 'end' ? Infinity : (found[i + 1] ?? Infinity)
    const train = keepInteractions(known, (item) => times[item] < cut)
    const { customer } = dataset.interactions
    const later = interactionsWhere(dataset, (item) => times[item] >= cut && times[item] < end)
    const heldOut = [...Map.groupBy(later, (item) => customer[item])].map(([who, items]) => ({
      customer: who,
      at: cut,
      items,
    }))
    const leftOut = new LeftOut()
    leftOut.add(LEFT_OUT.unknownTime, times.filter(Number.isNaN).length)
    const trial = trialOf({ name: writeTime(cut), train, task }, dataset, heldOut, leftOut)
    if (trial.cases.length === 0) throw nobodyLeft(cut, end, trial)
    return trial
  })
}

function nobodyLeft(cut: number, end: number, { leftOut }: Trial): TrialError {
  const horizon = end === Infinity ? '' : ` and before ${writeTime(end)}`
  const reasons = Object.entries(leftOut).map(([reason, count]) => `; ${count} ${reason}`)
  return new TrialError(
    `nobody who bought before ${writeTime(cut)} bought anything that could be found from then on${horizon}${reasons.join('')}: choose another cut`,
  )
}
