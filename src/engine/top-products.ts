import type { Work } from '../kernels/work.ts'

/** The products of the greatest values, best first, ties to the lower index. */
export function bestOf(
  valued: readonly (readonly [product: number, value: number])[],
  limit: number,
): number[] {
  const values = new Float64Array(valued.length)
  for (let i = 0; i < values.length; i++) values[i] = valued[i][1]
  const least = valueAt(values, limit - 1) ?? -Infinity
  return valued
    .filter(([, value]) => value >= least)
    .sort(([a, va], [b, vb]) => vb - va || a - b)
    .slice(0, limit)
    .map(([product]) => product)
}

/** Products that are given their places in one piece. */
const PIECE = 4096

/**
 * Products by their values, best first, ties to the lower index: what comparing pairs would give, without as many calls
 * as that takes for a whole catalogue. Every value's place follows from the sorted values.
 * @param products  ascending
 * @param values  parallel to them, none NaN
 */
export function inOrder(products: readonly number[], values: ArrayLike<number>): number[] {
  const ordering = orderOf(products, values)
  ordering.sort()
  ordering.place(0, products.length)
  return ordering.order
}

/** As `inOrder`, in pieces. */
export async function inOrderInPieces(
  products: readonly number[],
  values: ArrayLike<number>,
  work: Work,
): Promise<number[]> {
  const ordering = orderOf(products, values)
  const turn = work.pause()
  if (turn) await turn
  work.time(ordering.sort)
  for (let begin = 0; begin < products.length; begin += PIECE) {
    const pause = work.pause()
    if (pause) await pause
    work.time(() => ordering.place(begin, Math.min(products.length, begin + PIECE)))
  }
  return ordering.order
}

/** The two steps of `inOrder`: to sort the values, and to give the products of `begin` … `end` − 1 their places. */
function orderOf(products: readonly number[], values: ArrayLike<number>) {
  const count = values.length
  const ascending = new Float64Array(count)
  const order: number[] = Array.from(products)
  /** Of equal values, how many have their place already: by where these begin. */
  const taken = new Map<number, number>()

  function place(begin: number, end: number): void {
    for (let i = begin; i < end; i++) {
      const value = values[i] + 0
      let low = 0
      let high = count
      while (low < high) {
        const middle = (low + high) >>> 1
        if (ascending[middle] <= value) low = middle + 1
        else high = middle
      }
      // So many are greater; of those that are equal, the first comes first.
      const at = count - low
      if (low === 1 || ascending[low - 2] !== value) order[at] = products[i]
      else {
        const before = taken.get(at) ?? 0
        order[at + before] = products[i]
        taken.set(at, before + 1)
      }
    }
  }

  return {
    order,
    place,
    sort(): void {
      // 0 for −0, which the sort would tell apart.
      for (let i = 0; i < count; i++) ascending[i] = values[i] + 0
      ascending.sort()
    },
  }
}

/** The value at a place of the descending order, which the values are left in, reversed; undefined beyond its end. */
export function valueAt(values: Float64Array, place: number): number | undefined {
  return values.sort()[values.length - 1 - place]
}
