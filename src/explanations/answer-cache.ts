import { z } from 'zod'

/** A usable answer of a language model. */
interface CachedAnswer {
  readonly answer: string
  readonly generatedAt: Date
}

/** After calls without a usable answer: no call is made until then, because every call costs money. */
export interface Backoff {
  /** The number of such calls in a row. */
  readonly times: number
  readonly until: Date
}

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const entryShape = z.union([
  z.object({ answer: z.string(), generatedAt: z.coerce.date() }),
  z.object({ times: z.int().min(1), until: z.coerce.date() }),
])

/** The text that the store keeps. */
export function encodeEntry(kept: CachedAnswer | Backoff): string {
  return JSON.stringify(kept)
}

/** Reads what `encodeEntry` made; null if the text is anything else. */
export function decodeEntry(text: string): CachedAnswer | Backoff | null {
  try {
    return entryShape.parse(JSON.parse(text))
  } catch {
    return null
  }
}

/**
 * When the next call may be made. After a missing answer: in a minute, doubled with each further one, at most a day.
 * After a wrong answer: in a day, because the next one is likely to be wrong, too.
 * @param before  the former backoff; null: none
 * @param now  ms since 1970 UTC
 */
export function backOff(before: Backoff | null, isWrong: boolean, now: number): Backoff {
  const times = (before?.times ?? 0) + 1
  const pause = isWrong ? DAY : Math.min(MINUTE * 2 ** Math.min(times - 1, 11), DAY)
  return { times, until: new Date(now + pause) }
}

/** Whether it is too early to call again. If the clock was set back, no wait is longer than a day. */
export function isBackingOff({ until }: Backoff, now: number): boolean {
  return now < until.getTime() && until.getTime() <= now + DAY
}
