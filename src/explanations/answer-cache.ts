import { z } from 'zod'

/** An answer of a language model that could be used, and when it was given. */
interface KeptAnswer {
  readonly answer: string
  readonly generatedAt: Date
}

/** Nothing usable came: until when nobody is asked again, since that is paid for each time. */
export interface Postponed {
  /** How often in a row. */
  readonly times: number
  readonly until: Date
}

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const keptShape = z.union([
  z.object({ answer: z.string(), generatedAt: z.coerce.date() }),
  z.object({ times: z.int().min(1), until: z.coerce.date() }),
])

/** As the store keeps it. */
export function encodeKept(kept: KeptAnswer | Postponed): string {
  return JSON.stringify(kept)
}

/** Null where it is not what encodeKept() made. */
export function decodeKept(text: string): KeptAnswer | Postponed | null {
  try {
    return keptShape.parse(JSON.parse(text))
  } catch {
    return null
  }
}

/**
 * Puts off the next question: by a minute after the first answer that did not come, twice as long after each more, a
 * day at most; by a day after a wrong answer, since the next one is likely wrong, too.
 * @param before  what was kept until now
 * @param now  ms since 1970 UTC
 */
export function postpone(before: Postponed | null, isWrong: boolean, now: number): Postponed {
  const times = (before?.times ?? 0) + 1
  const pause = isWrong ? DAY : Math.min(MINUTE * 2 ** Math.min(times - 1, 11), DAY)
  return { times, until: new Date(now + pause) }
}

/** Whether it is too early to ask again. Where a clock was set back, no wait is longer than a day. */
export function isPutOff({ until }: Postponed, now: number): boolean {
  return now < until.getTime() && until.getTime() <= now + DAY
}
