/**
 * Boosts make classes of products that share a factor. Within a class the order is that of the scores alone, so each
 * class is ranked by itself, and the best of all are among the best of each.
 */
import type { Ranking } from './blend.ts'
import { hybridOf } from './blend.ts'
import type { Pool } from './places.ts'
import type { ProductSet } from './product-set.ts'
import { isIn, productsWhere } from './product-set.ts'

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
  const factors = Float64Array.from({ length: size }, (_, product) =>
    boosts.reduce((factor, { set, multiplier }) => (isIn(set, product) ? factor * multiplier : factor), 1),
  )
  const classes = [...new Set(factors)].map((factor) => ({
    factor,
    products: productsWhere(size, (product) => factors[product] === factor && isIn(eligible, product)),
  }))
  const peopled = classes.filter(({ products }) => products.count > 0)
  return peopled.length > 0 ? peopled : classes.slice(0, 1)
}

export interface BoostedPool extends Pool, Pick<Ranking, 'sources' | 'causes'> {
  boost(product: number): number
}

/** The classes' rankings as one, by boosted scores. @param depth  how long each is, unless it is whole */
export function boostedPool(
  classes: readonly (BoostClass & { readonly ranking: Ranking })[],
  depth: number,
): BoostedPool {
  const classOf = (product: number) => classes.find(({ products }) => isIn(products, product)) ?? classes[0]
  const known = new Map<number, number>()
  const score = (product: number) => {
    const former = known.get(product)
    if (former !== undefined) return former
    const { factor, ranking } = classOf(product)
    const value = boosted(hybridOf(ranking.sources(product)), factor)
    known.set(product, value)
    return value
  }
  const isWhole = classes.every(({ ranking }) => ranking.products.length < depth)
  const products = merged(
    classes.map(({ ranking }) => ranking.products),
    score,
  )
  return {
    products: isWhole ? products : products.slice(0, depth),
    isWhole,
    score,
    boost: (product) => classOf(product).factor,
    sources: (product) => classOf(product).ranking.sources(product),
    causes: (product) => classOf(product).ranking.causes(product),
  }
}

/** Below 0 a score is divided, so that a boost always raises it. */
function boosted(score: number, factor: number): number {
  return score < 0 ? score / factor : score * factor
}

/** Lists in the order of their scores as one such list: each keeps its own order, ties go to the lower index. */
function merged(lists: readonly (readonly number[])[], score: (product: number) => number): number[] {
  if (lists.length === 1) return [...lists[0]]
  const next = lists.map(() => 0)
  const all: number[] = []
  for (;;) {
    let best = -1
    lists.forEach((list, l) => {
      if (next[l] === list.length) return
      if (best < 0 || comesBefore(list[next[l]], lists[best][next[best]], score)) best = l
    })
    if (best < 0) return all
    all.push(lists[best][next[best]++])
  }
}

function comesBefore(a: number, b: number, score: (product: number) => number): boolean {
  return score(a) > score(b) || (score(a) === score(b) && a < b)
}
