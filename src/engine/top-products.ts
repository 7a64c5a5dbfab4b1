import type { Work } from '../kernels/work.ts'

/** As `bestAmong`, of pairs. */
export function bestOf(
  valued: readonly (readonly [product: number, value: number])[],
  limit: number,
): number[] {
  return bestAmong(
    valued.map(([product]) => product),
    valued.map(([, value]) => value),
    limit,
  )
}

/**
 * The products of the greatest values, best first, ties to the lower index.
 * @param products  each once, in any order
 * @param values  parallel to them, none NaN
 */
export function bestAmong(products: ArrayLike<number>, values: ArrayLike<number>, limit: number): number[] {
  const isWorse = (a: number, b: number) =>
    values[a] < values[b] || (values[a] === values[b] && products[a] > products[b])
  /** Places of the best so far: a binary heap, the worst of them first. */
  const heap = Array.from({ length: Math.min(limit, values.length) }, (_, place) => place)
  if (heap.length < values.length && heap.length > 0) {
    for (let at = heap.length >>> 1; at > 0; at--) sink(heap, at - 1, isWorse)
    let least = values[heap[0]]
    for (let place = heap.length; place < values.length; place++) {
      // Nearly all of a long list end here.
      if (values[place] < least || !isWorse(heap[0], place)) continue
      heap[0] = place
      sink(heap, 0, isWorse)
      least = values[heap[0]]
    }
  }
  return heap.sort((a, b) => (isWorse(a, b) ? 1 : -1)).map((place) => products[place])
}

/** Moves an entry of a heap down to where none below it is worse. */
function sink(heap: number[], from: number, isWorse: (a: number, b: number) => boolean): void {
  const entry = heap[from]
  let at = from
  for (let below = 2 * at + 1; below < heap.length; below = 2 * at + 1) {
    if (below + 1 < heap.length && isWorse(heap[below + 1], heap[below])) below++
    if (!isWorse(heap[below], entry)) break
    heap[at] = heap[below]
    at = below
  }
  heap[at] = entry
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
