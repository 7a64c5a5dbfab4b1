import type { Dataset } from '../../data/dataset.ts'
import { parseNumber, parseTimestamp } from '../../data/fields.ts'
import { interactionsWhere, keepInteractions } from '../../data/subset.ts'
import type { Task, Trial } from '../trial.ts'
import { trialOf } from './held-out.ts'
import { withoutHindsight } from './hindsight.ts'
import { writeTime, interactionTimes } from './interaction-times.ts'
import { LEFT_OUT, LeftOut, TrialError } from '../trial.ts'

/**
 * When to cut, ascending, in ms since 1970 UTC.
 * @param times  of the interactions, in any order; NaN unknown
 * @param cuts  each an ISO date or date and time (UTC where it names no zone), or the share of the interactions that
 *   lies before it, above 0 and below 1: then the cut is the time of the first interaction that does not, and all of
 *   that time come after it
 * @throws {TrialError} when no time is known, a cut cannot be read or leaves nothing before or after it, or two are
 *   the same
 */
export function cutTimes(times: Float64Array, cuts: readonly string[]): number[] {
  const known = times.filter((time) => !Number.isNaN(time)).sort()
  if (known.length === 0) {
    throw new TrialError(
      'the data states no times, so it cannot be cut at one: give its interactions a timestamp, or choose a protocol that needs none',
    )
  }
  if (cuts.length === 0) throw new TrialError('there is no cut: name a date, or a share such as 0.8')
  const found = cuts.map((cut) => ({ cut, time: cutTime(known, cut) })).sort((a, b) => a.time - b.time)
  const twin = found.findIndex(({ time }, i) => i > 0 && time === found[i - 1].time)
  if (twin > 0) {
    const [former, latter] = [found[twin - 1].cut, found[twin].cut]
    throw new TrialError(`the cuts ${former} and ${latter} fall on the same time: leave one out`)
  }
  return found.map(({ time }) => time)
}

/** @param known  ascending, at least one */
function cutTime(known: Float64Array, cut: string): number {
  const [first, last] = [known[0], known[known.length - 1]]
  const share = parseNumber(cut)
  const isShare = share !== undefined && share > 0 && share < 1
  const time = isShare ? known[Math.floor(share * known.length)] : parseTimestamp(cut)
  if (time === undefined || Number.isNaN(time)) {
    throw new TrialError(
      `${JSON.stringify(cut)} is not a cut: write a date like 2018-06-01 or 2018-06-01T12:00:00Z, or a share above 0 and below 1`,
    )
  }
  if (time > first && time <= last) return time
  const where = isShare ? `${cut} falls on ${writeTime(time)}` : cut
  throw new TrialError(
    `the cut ${where}, and nothing lies ${time > last ? 'after' : 'before'} it: the data runs from ${writeTime(first)} to ${writeTime(last)}`,
  )
}

interface TemporalOptions {
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
 * horizon; under `discovery`, that had not been bought before; under `next-basket`, in the first order from then on.
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
      items: task === 'next-basket' ? firstOrderOf(dataset, items, times) : items,
    }))
    const leftOut = new LeftOut()
    leftOut.add(LEFT_OUT.unknownTime, times.filter(Number.isNaN).length)
    const trial = trialOf({ name: writeTime(cut), train, task }, dataset, heldOut, leftOut)
    if (trial.cases.length === 0) throw nobodyLeft(cut, end, trial)
    return trial
  })
}

/**
 * Of one customer's interactions those of the order that comes first; of two at the same time the one that the files
 * name first.
 * @param times  of all interactions
 */
function firstOrderOf({ interactions }: Dataset, items: readonly number[], times: Float64Array): number[] {
  const first = items.reduce((a, b) => {
    const earlier = times[b] - times[a] || interactions.order[b] - interactions.order[a]
    return earlier < 0 ? b : a
  })
  return items.filter((item) => interactions.order[item] === interactions.order[first])
}

function nobodyLeft(cut: number, end: number, { leftOut }: Trial): TrialError {
  const horizon = end === Infinity ? '' : ` and before ${writeTime(end)}`
  const reasons = Object.entries(leftOut).map(([reason, count]) => `; ${count} ${reason}`)
  return new TrialError(
    `nobody who bought before ${writeTime(cut)} bought anything that could be found from then on${horizon}${reasons.join('')}: choose another cut`,
  )
}
