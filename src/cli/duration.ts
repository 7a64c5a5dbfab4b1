import { InvalidArgumentError } from 'commander'

const MILLISECONDS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** A century: what is longer was mistyped, and could be no date. */
const MOST = 36_525 * 86_400_000

/** 24h → 86,400,000 ms. @throws {InvalidArgumentError} unless `text` is a number of minutes, hours, days or weeks */
export function duration(text: string): number {
  const [, count, unit] = /^(\d+)\s*([mhdw])$/.exec(text.trim()) ?? []
  const length = Number(count) * MILLISECONDS[unit]
  if (length <= MOST) return length
  throw new InvalidArgumentError(
    'It has to be minutes, hours, days or weeks, up to a century: 30m, 24h, 90d, 2w.',
  )
}
