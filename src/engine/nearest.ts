/**
 * Likeness to the most similar product bought in the same category: with g the category and f content features,
 *
 *   v(u, j) = max {cos(f_i, f_j): i ∈ H, g(i) = g(j)}
 *
 * 1 for what was bought itself. Of a long history just the 5 latest products of each category are asked.
 * Beside the likeness to all of the history (content) it tells a variant of one past product from what merely
 * resembles them all.
 */
import { labelProduct, type RowLabels } from '../kernels/row-labels.ts'
import { contentCosine } from '../model/content.ts'
import type { Model } from '../model/model.ts'
import type { Addend } from './heard.ts'
import { bestOf } from './heard.ts'
import type { HistoryEntry } from './recommendation.ts'

/** Of each category, the latest. */
const ASKED = 5

export interface HeardNearest extends Addend {
  /** The purchase that is most similar to a product, of several the latest; null where the source says nothing. */
  nearest(product: number): HistoryEntry | null
}

/** The products of a category that have content features, and these column by column, but for those all 0. */
interface Block {
  readonly products: readonly number[]
  readonly columns: readonly { readonly feature: number; readonly values: Float64Array }[]
}

/**
 * @param covered  per product, 1 where it has content features
 * @returns the source; a category's features are copied when it is first asked about, and kept: 8 bytes a product and
 *   column, 55 a product of Olist's
 */
export function nearestSource(
  { category: { codes, labels }, content }: Model,
  covered: Uint8Array,
): (latestFirst: readonly HistoryEntry[]) => HeardNearest {
  const { columns, data, labels: further } = content
  const members = labels.map(() => [] as number[])
  codes.forEach((category, product) => {
    if (category >= 0 && covered[product]) members[category].push(product)
  })
  const rowOf = (product: number) => data.subarray(product * columns, (product + 1) * columns)
  const kept = new Map<number, Block>()

  function blockOf(category: number): Block {
    const former = kept.get(category)
    if (former) return former
    const block = { products: members[category], columns: columnsOf(members[category].map(rowOf), columns) }
    kept.set(category, block)
    return block
  }

  const cosine = (a: number, b: number) => (a === b ? 1 : contentCosine(content, a, b))

  /** v of a category's products: to the last bit what `cosine` gives, of which it leaves out just what is 0. */
  function likenesses({ products, columns: features }: Block, asked: readonly HistoryEntry[]): Float64Array {
    const greatest = new Float64Array(products.length).fill(-1)
    const cosines = new Float64Array(products.length)
    for (const { product } of asked) {
      cosines.fill(0)
      for (const { feature, values } of features) {
        const own = data[product * columns + feature]
        if (own !== 0) addScaled(own, values, cosines)
      }
      if (further) addLabels(further, product, products, cosines)
      cosines[products.indexOf(product)] = 1
      for (let m = 0; m < cosines.length; m++)
        if (cosines[m] > greatest[m]) greatest[m] = Math.min(1, cosines[m])
    }
    return greatest
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
    const value = (product: number) => {
      let greatest: number | null = null
      for (const past of askedOf(product)) greatest = Math.max(greatest ?? -1, cosine(past.product, product))
      return greatest
    }
    const nearest = (product: number) => {
      const greatest = value(product)
      return askedOf(product).find((past) => cosine(past.product, product) === greatest) ?? null
    }
    return {
      value,
      nearest,
      best(limit) {
        const valued = [...bought].flatMap(([category, asked]) => {
          const values = likenesses(blockOf(category), asked)
          return members[category].map((product, m) => [product, values[m]] as const)
        })
        return bestOf(valued, limit)
      },
      addTo(sums, weight, calibrate) {
        for (const [category, asked] of bought) {
          const block = blockOf(category)
          const values = likenesses(block, asked)
          for (let m = 0; m < values.length; m++)
            if (values[m] > 0) sums[block.products[m]] += weight * calibrate(values[m])
        }
      },
    }
  }
}

function addScaled(factor: number, values: Float64Array, sums: Float64Array): void {
  for (let m = 0; m < sums.length; m++) sums[m] += factor * values[m]
}

/** What the labels of a product add to its cosines with others. */
function addLabels(labels: RowLabels, product: number, others: readonly number[], sums: Float64Array): void {
  others.forEach((other, m) => (sums[m] += labelProduct(labels, product, other)))
}

/** The columns of rows that are not all 0. */
function columnsOf(rows: readonly Float64Array[], columns: number): Block['columns'] {
  const isUsed = new Uint8Array(columns)
  for (const row of rows) row.forEach((value, feature) => (isUsed[feature] |= Number(value !== 0)))
  return Array.from(isUsed.keys())
    .filter((feature) => isUsed[feature] === 1)
    .map((feature) => ({ feature, values: Float64Array.from(rows, (row) => row[feature]) }))
}
