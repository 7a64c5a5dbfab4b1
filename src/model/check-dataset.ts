import type { Dataset } from '../data/dataset.ts'
import {
  isTime,
  LEAST_MEASURE,
  LEAST_PRICE,
  MOST_MEASURE,
  MOST_PRICE,
  MOST_QUANTITY,
} from '../data/ranges.ts'

/** A data set that no model can be trained on. */
export class FitError extends Error {
  override readonly name = 'FitError'
}

/**
 * Holds a data set to what the readers of src/data take from files: programs may make one of their own.
 * @throws {FitError} that names the first number out of range and its place
 */
export function checkDataset({ interactions, orders, numeric }: Dataset): void {
  const { quantity, price } = interactions
  check('quantity', quantity, 'interaction', QUANTITY)
  check('price', price, 'interaction', PRICE)
  check('time', orders.timestamp, 'order', TIME)
  check('review score', orders.reviewScore, 'order', FINITE)
  check('delivery delay', orders.deliveryDelayDays, 'order', FINITE)
  for (const { name, values } of numeric) check(name, values, 'product', MEASURE)
}

interface Range {
  /** Asked of every number but NaN. */
  holds(value: number): boolean
  readonly words: string
  readonly mayBeUnknown: boolean
}

const QUANTITY: Range = {
  holds: (value) => value > 0 && value <= MOST_QUANTITY,
  words: `above 0 and at most ${MOST_QUANTITY}`,
  mayBeUnknown: false,
}
const PRICE: Range = {
  holds: (value) => value === 0 || (value >= LEAST_PRICE && value <= MOST_PRICE),
  words: `0, from ${LEAST_PRICE} to ${MOST_PRICE}, or NaN for unknown`,
  mayBeUnknown: true,
}
const TIME: Range = { holds: isTime, words: 'in ms since 1970, or NaN for unknown', mayBeUnknown: true }
const FINITE: Range = { holds: Number.isFinite, words: 'finite, or NaN for unknown', mayBeUnknown: true }
const MEASURE: Range = {
  holds: (value) => value === 0 || (Math.abs(value) >= LEAST_MEASURE && Math.abs(value) <= MOST_MEASURE),
  words: `0, from ${LEAST_MEASURE} to ${MOST_MEASURE} or as far below 0, or NaN for unknown`,
  mayBeUnknown: true,
}

function check(
  what: string,
  values: Float32Array | Float64Array | undefined,
  of: string,
  { holds, words, mayBeUnknown }: Range,
): void {
  // A loop by number: this runs over everything that was sold.
  for (let i = 0; i < (values?.length ?? 0); i++) {
    const value = values![i]
    if (Number.isNaN(value) ? mayBeUnknown : holds(value)) continue
    throw new FitError(`The ${what} of ${of} ${i} (counted from 0) is ${value}: it must be ${words}.`)
  }
}
