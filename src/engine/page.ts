/** A stretch of a ranked list: `first` results after the best `offset` (default 0). */
export interface Page {
  readonly first: number
  readonly offset?: number
}

/**
 * How many results fill a page and tell whether more follow.
 * @param available  the most there can be
 * @throws {RangeError} unless `first` and `offset` are whole numbers of at least 0
 */
export function limitOf({ first, offset = 0 }: Page, available: number): number {
  for (const [name, value] of Object.entries({ first, offset })) {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new RangeError(`${name} must be a whole number of at least 0, not ${value}`)
  }
  return Math.min(offset + first + 1, available)
}

/** The page of a ranking of `limitOf` results, or of all there are. */
export function pageOf<Item>(
  ranking: readonly Item[],
  { first, offset = 0 }: Page,
): { page: Item[]; hasMore: boolean } {
  return { page: ranking.slice(offset, offset + first), hasMore: ranking.length > offset + first }
}

/** @throws {RangeError} unless `index` is one of `count` things counted from 0 */
export function checkIndex(what: string, index: number, count: number): void {
  if (Number.isInteger(index) && index >= 0 && index < count) return
  throw new RangeError(`there is no ${what} ${index}: the model has ${count}, counted from 0`)
}
