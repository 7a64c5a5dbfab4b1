/**
 * Fills the places of an arranged list (arrangement.ts) from its products in the order of their scores.
 *
 * Diversity is maximal marginal relevance (Carbonell & Goldstein 1998, doi:10.1145/290941.291025): each place goes to
 * the product j of the greatest
 *
 *   (1 − d)·relevance(j) − d·max {cos(f_j, f_i): i stands above}
 *
 * among the WINDOW best that are left. relevance is the score, brought to 1 for the list's best and 0 for its
 * WINDOW-th; f are content features.
 */
import { uniformFloat32 } from 'pure-rand/distribution/uniformFloat32'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { mersenne } from 'pure-rand/generator/mersenne'
import type { Work } from '../kernels/work.ts'
import { contentCosine } from '../model/content.ts'
import type { ItemSide } from '../model/model.ts'
import type { Arrangement, Placement } from './arrangement.ts'

/** So many of the best that are left are weighed for a place, where diversity is asked for. */
export const WINDOW = 100

/** Where more products than this are passed over for one place, they are taken out: none of them becomes free again. */
const MOST_PASSED = 4 * WINDOW

/** The products of a list in the order of their scores. */
export interface Pool {
  readonly products: readonly number[]
  readonly score: (product: number) => number
  /** Whether no source says anything of a product: such come last. */
  readonly isBlank: (product: number) => boolean
  /** Whether these are all there are. */
  readonly isWhole: boolean
}

export interface Placed {
  readonly product: number
  readonly placement: Placement
  /** The greatest cosine to a product above, where diversity was asked for and something stands above. */
  readonly similarityAbove: number | null
}

/** What may be drawn by chance, or pinned. */
export interface Eligible {
  readonly products: readonly number[]
  has(product: number): boolean
}

/**
 * The first places of a list.
 * @param eligible  asked only where products are pinned or drawn
 * @param count  how many places
 * @param work  pauses between places
 * @returns fewer than `count` where the list ends; undefined where that is unknown without a longer pool
 */
export async function fillPlaces(
  model: ItemSide,
  pool: Pool,
  arrangement: Arrangement,
  eligible: () => Eligible,
  count: number,
  work: Work,
): Promise<Placed[] | undefined> {
  const { diversity = 0, maxPerCategory = Infinity, minScore = -Infinity } = arrangement
  const placed: Placed[] = []
  const pins = pinsOf(arrangement, eligible)
  const pinned = new Set(pins.values())
  const used = new Set<number>()
  const perCategory = new Map<number, number>()
  const draw = drawing(arrangement, eligible)
  const likeness = likenessTo(model, placed)
  const relevance = relevanceOf(pool)
  let ranked =
    minScore === -Infinity
      ? pool.products
      : pool.products.filter((product) => pool.score(product) >= minScore)
  // What has no evidence comes last with a score of 0: above 0 the list is at its end where scores fall below the least.
  const isWhole = pool.isWhole || (minScore > 0 && ranked.length < pool.products.length)
  let begin = 0

  const isFree = (product: number) =>
    !used.has(product) &&
    !pinned.has(product) &&
    (perCategory.get(model.category.codes[product]) ?? 0) < maxPerCategory

  function place(product: number, placement: Placement): void {
    const similarityAbove = diversity > 0 && placed.length > 0 ? likeness(product) : null
    placed.push({ product, placement, similarityAbove })
    used.add(product)
    const category = model.category.codes[product]
    if (category >= 0) perCategory.set(category, (perCategory.get(category) ?? 0) + 1)
  }

  /** The best for the next place; null where there is none, undefined where the pool is too short to tell. */
  function best(): number | null | undefined {
    const wanted = diversity > 0 ? WINDOW : 1
    const window: number[] = []
    // What is used or over its category's limit stays so: it need not be passed again.
    while (begin < ranked.length && !isFree(ranked[begin])) begin++
    let isTold = isWhole
    let i = begin
    for (; i < ranked.length && window.length < wanted; i++) {
      if (!isFree(ranked[i])) continue
      // What has no evidence comes after what has, however much it would differ.
      if (window.length > 0 && pool.isBlank(ranked[i]) && !pool.isBlank(window[0])) {
        isTold = true
        break
      }
      window.push(ranked[i])
    }
    const passed = i - begin - window.length
    if (passed > MOST_PASSED) {
      ranked = window.concat(ranked.slice(i))
      begin = 0
    }
    if (window.length < wanted && !isTold) return undefined
    if (diversity === 0) return window[0] ?? null
    return greatest(window, (product) => (1 - diversity) * relevance(product) - diversity * likeness(product))
  }

  /** @returns whether the list goes on; undefined where the pool is too short to tell */
  function placeNext(): boolean | undefined {
    const pin = pins.get(placed.length + 1)
    const drawn = draw()
    if (pin !== undefined) place(pin, 'PINNED')
    else if (drawn !== null && isFree(drawn) && pool.score(drawn) >= minScore) place(drawn, 'EXPLORED')
    else {
      const next = best()
      if (next === undefined) return undefined
      if (next === null) return false
      place(next, 'RANKED')
    }
    return true
  }

  while (placed.length < count) {
    const turn = work.pause()
    if (turn) await turn
    const goesOn = work.time(placeNext)
    if (goesOn === undefined) return undefined
    if (!goesOn) break
  }
  // Pins beyond the end of the list close up to it.
  for (const [position, product] of [...pins].sort(([a], [b]) => a - b))
    if (position > placed.length && !used.has(product) && placed.length < count) place(product, 'PINNED')
  return placed
}

/** By place; those of products that may not be shown are left out. */
function pinsOf({ pins = [] }: Arrangement, eligible: () => Eligible): Map<number, number> {
  if (pins.length === 0) return new Map()
  const allowed = eligible()
  return new Map(
    pins
      .filter(({ product }) => allowed.has(product))
      .map(({ position, product }) => [position, product] as const),
  )
}

/** Asked once a place, from the first on: a product drawn blindly for it, or null. */
function drawing(
  { explorationRate = 0, seed = 0 }: Arrangement,
  eligible: () => Eligible,
): () => number | null {
  const { products } = explorationRate > 0 ? eligible() : { products: [] }
  if (products.length === 0) return () => null
  const random = mersenne(seed)
  return () => {
    const isDrawn = uniformFloat32(random) < explorationRate
    const product = products[uniformInt(random, 0, products.length - 1)]
    return isDrawn ? product : null
  }
}

function relevanceOf({ products, score }: Pool): (product: number) => number {
  if (products.length === 0) return () => 0
  const high = score(products[0])
  const low = products.slice(0, WINDOW).reduce((least, product) => Math.min(least, score(product)), high)
  return (product) => (high > low ? (score(product) - low) / (high - low) : 0)
}

/** The greatest cosine of a product to those placed; remembered, so that each pair is compared once. */
function likenessTo({ content }: ItemSide, placed: readonly Placed[]): (product: number) => number {
  const known = new Map<number, { compared: number; greatest: number }>()
  return (product) => {
    const before = known.get(product) ?? { compared: 0, greatest: -1 }
    for (; before.compared < placed.length; before.compared++)
      before.greatest = Math.max(
        before.greatest,
        contentCosine(content, product, placed[before.compared].product),
      )
    known.set(product, before)
    return placed.length === 0 ? 0 : before.greatest
  }
}

/** The item of the greatest value, of several the first; null of none. */
function greatest(items: readonly number[], value: (item: number) => number): number | null {
  let best: number | null = null
  let most = -Infinity
  for (const item of items) {
    const its = value(item)
    if (its > most) [best, most] = [item, its]
  }
  return best
}
