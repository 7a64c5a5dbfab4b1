/**
 * Likeness to the most similar product bought in the same category: with g the category and f content features,
 *
 *   v(u, j) = max {cos(f_i, f_j): i ∈ H, g(i) = g(j)}
 *
 * 1 for what was bought itself. Of a long history just the 5 latest products of each category are asked.
 * Beside the likeness to all of the history (content) it tells a variant of one past product from what merely
 * resembles them all.
 */
import { contentCosine } from '../../model/content.ts'
import type { ContentFeatures } from '../../model/model.ts'
import type { ModelIndexes } from '../model-indexes.ts'
import { resemblance } from '../resemblance.ts'
import { placeOf } from '../product-sums.ts'
import { bestAmong } from '../top-products.ts'
import type { Customer, CustomerScores, Source } from './source.ts'
import type { HistoryEntry } from '../history-entry.ts'

/** Of each category, the latest. */
const ASKED = 5

/** The products of a category that have content features, and these column by column, but for those all 0. */
interface Block {
  /** Ascending. */
  readonly products: Uint32Array
  readonly columns: readonly { readonly feature: number; readonly values: Float64Array }[]
  /** The value of each product's labels, and their codes (row-labels.ts): products × columns of labels. */
  readonly sizes: Float64Array
  readonly codes: Int32Array
}

/** c: 0.7 at v = ½, 2.2 at 0.9, 4.6 at 1. */
const calibrate = (v: number) => (v > 0 ? Math.log(1.01 / (1.01 - Math.min(v, 1))) : 0)

/**
 * A category's features are copied when it is first asked about, and kept: 8 bytes a product and column, 55 a product of
 * Olist's.
 */
export function nearestSource({ model, coverage }: ModelIndexes): Source {
  const {
    category: { codes, labels },
    content,
  } = model
  const covered = coverage.content
  const { columns, data, labels: further } = content
  const members = labels.map(() => [] as number[])
  codes.forEach((category, product) => {
    if (category >= 0 && covered[product]) members[category].push(product)
  })
  const codesOf = (product: number) => (further?.columns ?? []).map((column) => column[product])
  const kept = new Map<number, Block>()

  function blockOf(category: number): Block {
    const former = kept.get(category)
    if (former) return former
    const own = members[category]
    const block = {
      products: Uint32Array.from(own),
      columns: columnsOf(own, content),
      sizes: Float64Array.from(own, (product) => further?.sizes[product] ?? 0),
      codes: Int32Array.from(own.flatMap(codesOf)),
    }
    kept.set(category, block)
    return block
  }

  const cosine = (a: number, b: number) => (a === b ? 1 : contentCosine(content, a, b))

  /**
   * v of a category's products: to the last bit what `cosine` gives, of which it leaves out just what is 0.
   * @param count  of how many of them, the first
   */
  function likenesses(
    { products, columns: features, sizes, codes: others }: Block,
    asked: readonly HistoryEntry[],
    count = products.length,
  ): Float64Array {
    const greatest = new Float64Array(count).fill(-1)
    const cosines = new Float64Array(count)
    for (const { product } of asked) {
      const own = features.filter(({ feature }) => data[product * columns + feature] !== 0)
      cosines.fill(0)
      addScaled(
        own.map(({ feature }) => data[product * columns + feature]),
        own.map(({ values }) => values),
        cosines,
      )
      if (further) addLabels(further.sizes[product], codesOf(product), sizes, others, cosines)
      for (let m = 0; m < cosines.length; m++)
        if (cosines[m] > greatest[m]) greatest[m] = cosines[m] < 1 ? cosines[m] : 1
      const place = placeOf(products, product)
      if (place < count) greatest[place] = 1
    }
    return greatest
  }

  function scores({ history }: Customer): CustomerScores {
    const bought = new Map<number, HistoryEntry[]>()
    for (const purchase of history) {
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
    return {
      value,
      calibrated: (product) => calibrate(value(product) ?? 0),
      best(limit) {
        // What was bought has the greatest v there is, 1: of so much of it, nothing of a higher index can be among the best.
        const own = Array.from(bought.values(), (asked) => asked.map(({ product }) => product)).flat()
        const last = limit > 0 ? (own.sort((a, b) => a - b)[limit - 1] ?? Infinity) : -1
        const blocks = Array.from(bought, ([category, asked]) => {
          const block = blockOf(category)
          return { block, asked, count: countUpTo(block.products, last) }
        })
        const size = blocks.reduce((sum, { count }) => sum + count, 0)
        const [products, values] = [new Uint32Array(size), new Float64Array(size)]
        let at = 0
        for (const { block, asked, count } of blocks) {
          products.set(block.products.subarray(0, count), at)
          values.set(likenesses(block, asked, count), at)
          at += count
        }
        return bestAmong(products, values, limit)
      },
      addTo(sums, weight) {
        for (const [category, asked] of bought) {
          const block = blockOf(category)
          const values = likenesses(block, asked)
          for (let m = 0; m < values.length; m++)
            if (values[m] > 0) sums[block.products[m]] += weight * calibrate(values[m])
        }
      },
      // v is a maximum: the purchase that is nearest, of several the latest, takes all of it.
      causes(product, { contribution }) {
        const greatest = value(product)
        const nearest = askedOf(product).find((past) => cosine(past.product, product) === greatest)!
        return [resemblance(model, product, nearest, contribution)]
      },
    }
  }

  return { name: 'nearest', roundings: 1, needsBuyers: false, scores }
}

/** How many of ascending numbers are at most `most`. */
function countUpTo(ascending: Uint32Array, most: number): number {
  let [low, high] = [0, ascending.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ascending[middle] <= most) low = middle + 1
    else high = middle
  }
  return low
}

/** Adds columns, each times its factor and one after the other: four in a pass, since a pass for each takes three times as long. */
function addScaled(factors: readonly number[], columns: readonly Float64Array[], sums: Float64Array): void {
  for (let at = 0; at < columns.length; at += 4) {
    // What is missing adds 0.
    const [a, b = 0, c = 0, d = 0] = factors.slice(at, at + 4)
    const [first, second = first, third = first, fourth = first] = columns.slice(at, at + 4)
    for (let m = 0; m < sums.length; m++)
      sums[m] = sums[m] + a * first[m] + b * second[m] + c * third[m] + d * fourth[m]
  }
}

/** What the labels of a product add to its cosines with others: to the last bit what `labelProduct` gives. */
function addLabels(
  size: number,
  own: readonly number[],
  sizes: Float64Array,
  codes: Int32Array,
  sums: Float64Array,
): void {
  for (let m = 0, at = 0; m < sums.length; m++) {
    let sum = 0
    for (let c = 0; c < own.length; c++, at++) if (own[c] >= 0 && own[c] === codes[at]) sum += size * sizes[m]
    sums[m] += sum
  }
}

/** The columns of some products that are not all 0. */
function columnsOf(
  products: readonly number[],
  { columns, data }: Pick<ContentFeatures, 'columns' | 'data'>,
): Block['columns'] {
  const isUsed = new Uint8Array(columns)
  // Loops by number: a category may have a great part of the catalogue.
  for (let i = 0; i < products.length; i++)
    for (let d = 0, at = products[i] * columns; d < columns; d++) if (data[at + d] !== 0) isUsed[d] = 1
  return Array.from(isUsed.keys())
    .filter((feature) => isUsed[feature] === 1)
    .map((feature) => {
      const values = new Float64Array(products.length)
      for (let i = 0; i < values.length; i++) values[i] = data[products[i] * columns + feature]
      return { feature, values }
    })
}
