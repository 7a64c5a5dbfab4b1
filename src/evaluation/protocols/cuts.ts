import { parseNumber, parseTimestamp } from '../../data/fields.ts'
import { writeTime } from './interaction-times.ts'
import { TrialError } from './trial-error.ts'

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
