import type { IdTable } from '../../data/ids.ts'

/** No index: greater than any. */
export const UNKNOWN = 2 ** 32 - 1

/** Where each id of one table stands in another; `UNKNOWN` where it does not. */
export function translation(from: IdTable, to: IdTable): Uint32Array {
  return Uint32Array.from({ length: from.size }, (_, index) => {
    const place = to.indexOf(from.at(index))
    return place < 0 ? UNKNOWN : place
  })
}
