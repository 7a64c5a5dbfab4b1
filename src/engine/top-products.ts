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

/**
 * Products by their values, best first, ties to the lower index: what comparing pairs would give, without as many calls
 * as that takes for a whole catalogue. Every value's place follows from the sorted values.
 * @param products  ascending
 * @param values  parallel to them, none NaN
 */
export function inOrder(products: readonly number[], values: readonly number[]): number[] {
  const ascending = Float64Array.from(values, (value) => value + 0).sort()
  const count = values.length
  const order: number[] = Array.from(products)
  /** Of equal values, how many have their place already: by where these begin. */
  const taken = new Map<number, number>()
  for (let i = 0; i < count; i++) {
    const value = values[i] + 0
    let low = 0
    let high = count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (ascending[middle] <= value) low = middle + 1
      else high = middle
    }
    // So many are greater; of those that are equal, the first comes first.
    const place = count - low
    if (low === 1 || ascending[low - 2] !== value) order[place] = products[i]
    else {
      const before = taken.get(place) ?? 0
      order[place + before] = products[i]
      taken.set(place, before + 1)
    }
  }
  return order
}

/** The value at a place of the descending order, which the values are left in, reversed; undefined beyond its end. */
export function valueAt(values: Float64Array, place: number): number | undefined {
  return values.sort()[values.length - 1 - place]
}
