/**
 * Likeness to the most similar product bought in the same category: with g the category and f content features,
 *
 *   v(u, j) = max {cos(f_i, f_j): i ∈ H, g(i) = g(j)}
 *
 * 1 for what was bought itself. Of a long history just the 5 latest products of each category are asked.
 * Beside the likeness to all of the history (content) it tells a variant of one past product from what merely
 * resembles them all.
 */
import type { Model } from '../model/model.ts'
import type { Heard } from './heard.ts'
import { bestOf } from './heard.ts'
import type { HistoryEntry } from './recommendation.ts'

/** Of each category, the latest. */
const ASKED = 5

export interface HeardNearest extends Heard {
  /** The purchase that is most similar to a product, of several the latest; null where the source says nothing. */
  nearest(product: number): HistoryEntry | null
}

/** @param covered  per product, 1 where it has content features */
export function nearestSource(
  { category: { codes, labels }, content: { columns, data } }: Model,
  covered: Uint8Array,
): (latestFirst: readonly HistoryEntry[]) => HeardNearest {
  const members = labels.map(() => [] as number[])
  codes.forEach((category, product) => {
    if (category >= 0 && covered[product]) members[category].push(product)
  })

  // Features are mostly zeros: those of the categories that a product is not in.
  const { indptr, indices, values } = nonZeros(data, columns)

  /** Of unit rows. */
  function cosine(a: number, b: number): number {
    if (a === b) return 1
    let sum = 0
    for (let e = indptr[b]; e < indptr[b + 1]; e++) sum += data[a * columns + indices[e]] * values[e]
    return sum
  }

  return (latestFirst) => {
    const bought = new Map<number, HistoryEntry[]>()
    for (const purchase of latestFirst) {
      const category = codes[purchase.product]
      if (category < 0 || !covered[purchase.product]) continue
      const asked = bought.get(category) ?? []
      if (asked.length < ASKED) bought.set(category, [...asked, purchase])
    }
    const askedOf = (product: number) => (covered[product] ? (bought.get(codes[product]) ?? []) : [])
    const known = new Map<number, number | null>()
    const value = (product: number) => {
      const former = known.get(product)
      if (former !== undefined) return former
      let found: number | null = null
      for (const purchase of askedOf(product))
        found = Math.max(found ?? -1, cosine(purchase.product, product))
      known.set(product, found)
      return found
    }
    const products = () => [...bought.keys()].flatMap((category) => members[category])
    const nearest = (product: number) =>
      askedOf(product).find((purchase) => cosine(purchase.product, product) === value(product)) ?? null
    return {
      value,
      nearest,
      products,
      best: (limit) =>
        bestOf(
          products().map((product) => [product, value(product) ?? -1]),
          limit,
        ),
      rest: 0,
    }
  }
}

function nonZeros(data: Float64Array, columns: number) {
  const places: number[] = []
  const indptr = new Uint32Array(data.length / columns + 1)
  for (let at = 0; at < data.length; at++) {
    if (data[at] !== 0) places.push(at)
    if ((at + 1) % columns === 0) indptr[(at + 1) / columns] = places.length
  }
  return {
    indptr,
    indices: Uint32Array.from(places, (at) => at % columns),
    values: Float64Array.from(places, (at) => data[at]),
  }
}
