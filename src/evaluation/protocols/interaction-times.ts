import { gather } from '../../data/column.ts'
import type { Dataset } from '../../data/dataset.ts'

/** When each interaction happened: the time of its order, in ms since 1970 UTC; NaN unknown. */
export function interactionTimes({ interactions, orders }: Dataset): Float64Array {
  return gather(orders.timestamp, interactions.order)
}

/** The latest of the times that are known; NaN where none is. */
export function latest(times: Iterable<number>): number {
  let found = Number.NaN
  for (const time of times) if (!(time <= found) && !Number.isNaN(time)) found = time
  return found
}

/** The earliest of the times that are known; NaN where none is. */
export function earliest(times: Iterable<number>): number {
  let found = Number.NaN
  for (const time of times) if (!(time >= found) && !Number.isNaN(time)) found = time
  return found
}

/** A time in ms since 1970 as people write it, in UTC: the date alone where it is midnight. */
export function writeTime(time: number): string {
  return new Date(time).toISOString().replace('T00:00:00.000Z', '').replace('.000Z', 'Z')
}
