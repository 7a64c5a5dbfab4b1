/**
 * What numbers and times a shop's files may hold. Quantities, their sums and what customers spent are kept in single
 * precision (1.2e-38 … 3.4e38): beyond these bounds they would become 0 or Infinity there, in a model that then cannot
 * be opened, or cannot be trusted. Within them neither sums over a thousand million rows nor price × quantity can.
 */

/** The range of units in one row. */
export const LEAST_QUANTITY = 1e-6
export const MOST_QUANTITY = 1e9

/** The range of the price of one unit, in any currency, if it is not 0. */
export const LEAST_PRICE = 1e-6
export const MOST_PRICE = 1e15

/** The range of a measure that is not 0: squares of these, and sums of squares, stay within double precision. */
export const LEAST_MEASURE = 1e-100
export const MOST_MEASURE = 1e100

/** In ms. */
export const DAY = 86_400_000

/**
 * Times before this are no purchase's: they are what programs write for "unknown", such as 1970-01-01 (0 as a Unix
 * time, in any zone), 1900-01-01, 1899-12-30 (0 in a spreadsheet) and 0001-01-01.
 */
export const EARLIEST_TIME = Date.UTC(1970, 0, 3)

/** How far behind the present a time may lie: clocks and time zones differ. */
export const GRACE = DAY

/** No Date lies further from 1970, in ms. */
export const MOST_TIME = 8.64e15

/** Whether a number is a time, in ms since 1970: one that a Date can have. */
export function isTime(value: number): boolean {
  return Math.abs(value) <= MOST_TIME
}

/** A time as messages write it: 2018-02-28. */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
