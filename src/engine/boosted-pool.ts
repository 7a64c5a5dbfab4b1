/**
 * Boosts make classes of products that share a factor. Within a class the order is that of the scores alone, so each
 * class is ranked by itself, and the best of all are among the best of each.
 */
import type { Work } from '../kernels/work.ts'
import type { Ranking } from './ranking.ts'
import { hybridOf } from './ranking.ts'
import type { Pool } from './places.ts'
import type { ProductSet } from './product-set.ts'
import { isIn } from './product-set.ts'

/** Products that share a factor. */
export interface BoostClass {
  readonly factor: number
  readonly products: ProductSet | null
}

/** The eligible products by the factor that all the boosts on them make. */
export function boostClasses(
  size: number,
  eligible: ProductSet | null,
  boosts: readonly { readonly set: ProductSet | null; readonly multiplier: number }[],
): BoostClass[] {
  const factors = new Float64Array(size).fill(1)
  for (const { set, multiplier } of boosts)
    for (let product = 0; product < size; product++) if (isIn(set, product)) factors[product] *= multiplier
  const sets = new Map<number, { bits: Uint32Array; count: number }>()
  let set: { bits: Uint32Array; count: number } = { bits: new Uint32Array(), count: 0 }
  for (let product = 0; product < size; product++) {
    // Neighbours in the catalogue mostly share a factor.
    if (product === 0 || factors[product] !== factors[product - 1]) {
      set = sets.get(factors[product]) ?? { bits: new Uint32Array(Math.ceil(size / 32)), count: 0 }
      sets.set(factors[product], set)
    }
    if (!isIn(eligible, product)) continue
    set.bits[product >> 5] |= 1 << (product & 31)
    set.count++
  }
  const classes = Array.from(sets, ([factor, products]) => ({ factor, products }))
  const peopled = classes.filter(({ products }) => products.count > 0)
  return peopled.length > 0 ? peopled : classes.slice(0, 1)
}

export interface BoostedPool extends Pool, Pick<Ranking, 'sources' | 'causes'> {
  boost(product: number): number
}

/** The classes' rankings as one, by boosted scores. @param depth  how long each is, unless it is whole */
export async function boostedPool(
  classes: readonly (BoostClass & { readonly ranking: Ranking })[],
  depth: number,
  work: Work,
): Promise<BoostedPool> {
  const classOf = (product: number) => classes.find(({ products }) => isIn(products, product)) ?? classes[0]
  const known = new Map<number, number>()
  const score = (product: number) => {
    const former = known.get(product)
    if (former !== undefined) return former
    const { factor, ranking } = classOf(product)
    const value = boosted(ranking.score?.(product) ?? hybridOf(ranking.sources(product)), factor)
    known.set(product, value)
    return value
  }
  const blank = new Map<number, boolean>()
  const isBlank = (product: number) => {
    const former = blank.get(product)
    if (former !== undefined) return former
    const found = classOf(product).ranking.isBlank?.(product) ?? false
    blank.set(product, found)
    return found
  }
  const comesBefore = (a: number, b: number) => {
    if (score(a) === score(b) && score(a) !== 0) return a < b
    const [isLast, isOtherLast] = [isBlank(a), isBlank(b)]
    if (isLast !== isOtherLast) return isOtherLast
    return score(a) > score(b) || (score(a) === score(b) && a < b)
  }
  const isWhole = classes.every(({ ranking }) => ranking.products.length < depth)
  const products = await merged(
    classes.map(({ ranking }) => ranking.products),
    comesBefore,
    work,
  )
  return {
    products: isWhole ? products : products.slice(0, depth),
    isWhole,
    score,
    isBlank,
    boost: (product) => classOf(product).factor,
    sources: (product) => classOf(product).ranking.sources(product),
    causes: (product) => classOf(product).ranking.causes(product),
  }
}

/** Below 0 a score is divided, so that a boost always raises it. */
function boosted(score: number, factor: number): number {
  return score < 0 ? score / factor : score * factor
}

/** Products that are merged in one piece. */
const PIECE = 256

/** Lists in one order as one such list, merged two and two: each keeps its own order. */
async function merged(
  lists: readonly (readonly number[])[],
  comesBefore: (a: number, b: number) => boolean,
  work: Work,
): Promise<number[]> {
  let open = lists
  while (open.length > 1) {
    const pairs: number[][] = []
    for (let l = 0; l < open.length; l += 2)
      pairs.push(
        l + 1 < open.length ? await mergedPair(open[l], open[l + 1], comesBefore, work) : [...open[l]],
      )
    open = pairs
  }
  return [...(open[0] ?? [])]
}

async function mergedPair(
  a: readonly number[],
  b: readonly number[],
  comesBefore: (a: number, b: number) => boolean,
  work: Work,
): Promise<number[]> {
  const all: number[] = []
  let [nextA, nextB] = [0, 0]
  while (all.length < a.length + b.length) {
    const turn = work.pause()
    if (turn) await turn
    work.time(() => {
      for (const end = Math.min(a.length + b.length, all.length + PIECE); all.length < end; ) {
        const isB = nextA === a.length || (nextB < b.length && comesBefore(b[nextB], a[nextA]))
        all.push(isB ? b[nextB++] : a[nextA++])
      }
    })
  }
  return all
}
