/** What the text of one CSV field means. `undefined` is "nothing that can be read"; blank fields are NaN. */

const NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i

export function isBlank(text: string): boolean {
  return text === '' || text.trim() === ''
}

/** A decimal number, as programs write it; NaN where the field is blank. */
export function parseNumber(text: string): number | undefined {
  const value = decimalOf(text)
  if (Number.isNaN(value) && !isBlank(text)) return undefined
  return Number.isFinite(value) || Number.isNaN(value) ? value : undefined
}

/**
 * A decimal number, NaN where the field is blank or anything else. Where it is beyond double precision: Infinity, or
 * the least number that is not 0, so that it is not taken for 0.
 */
export function decimalOf(text: string): number {
  if (!NUMBER.test(text)) return Number.NaN
  const value = Number(text)
  return value === 0 && /[1-9]/.test(text.split(/e/i)[0]) ? Number.MIN_VALUE : value
}

/**
 * Date, optional time (T or a space between them), optional fraction, optional zone. Date.parse would take
 * 2018-02-30 for the 2nd of March, and a time without zone for the machine's own.
 */
const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)? ?(Z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)?)?$/i

/** An ISO 8601 date or date and time in ms since 1970; UTC where it names no zone; NaN where blank. */
export function parseTimestamp(text: string): number | undefined {
  if (isBlank(text)) return Number.NaN
  const parts = ISO.exec(text.trim())
  if (parts === null) return undefined
  const year = Number(parts[1])
  const month = Number(parts[2])
  const day = Number(parts[3])
  const hour = Number(parts[4] ?? 0)
  const minute = Number(parts[5] ?? 0)
  const second = Number(parts[6] ?? 0)
  // Date.UTC takes the years 0 to 99 for 1900 to 1999.
  if (year < 100 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const milliseconds = Number((parts[7] ?? '').slice(0, 3).padEnd(3, '0'))
  return Date.UTC(year, month - 1, day, hour, minute, second, milliseconds) - zoneOffset(parts[8])
}

/**
 * As `parseTimestamp`, or seconds or milliseconds since 1970. Seconds have 9 or 10 digits (1973 to 2286),
 * milliseconds 12 or 13 (the same years from 1973 on); other numbers are more likely to be something else, such
 * as 20180230.
 */
export function parseInstant(text: string): number | undefined {
  if (!NUMBER.test(text)) return parseTimestamp(text)
  const value = Number(text)
  if (value >= 1e8 && value < 1e10) return Math.round(value * 1000)
  if (value >= 1e11 && value < 1e13) return Math.round(value)
  return undefined
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** Milliseconds that a zone is ahead of UTC. */
function zoneOffset(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z' || zone === 'z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = zone.length > 3 ? Number(zone.slice(-2)) : 0
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000
}
