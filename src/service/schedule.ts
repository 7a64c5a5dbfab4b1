/** Times of work that is repeated: a duration such as 6h, or a cron expression. */
import { Cron } from 'croner'

const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  y: 365 * 86_400_000,
}

/** What a duration may look like, for messages. */
export const DURATION_FORM = 'a number and s, m, h, d, w or y, as in 6h'

/** A duration in ms: "6h", "30d", "2y" (of 365 days); undefined for other texts. */
export function durationOf(text: string): number | undefined {
  const [, number, unit] = /^(\d{1,6})([smhdwy])$/.exec(text.trim()) ?? []
  const milliseconds = Number(number) * UNITS[unit]
  return milliseconds > 0 ? milliseconds : undefined
}

/** Whether a text is a duration of at least a second, or a cron expression. */
export function isSchedule(text: string): boolean {
  if (durationOf(text) !== undefined) return true
  try {
    return new Cron(text, { paused: true }).nextRun() !== null
  } catch {
    return false
  }
}

/**
 * Does something again and again, the first time after the duration, or at the next time of the cron expression (in the
 * time zone of this machine). It keeps no process alive.
 * @param text  as `isSchedule`
 * @returns a function that ends it
 */
export function repeat(text: string, act: () => void): () => void {
  const duration = durationOf(text)
  const job =
    duration === undefined
      ? new Cron(text, { unref: true }, act)
      : new Cron(
          '* * * * * *',
          { unref: true, interval: duration / 1000, startAt: new Date(Date.now() + duration) },
          act,
        )
  return () => job.stop()
}
