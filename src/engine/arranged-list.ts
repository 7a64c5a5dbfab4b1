/** Ranks arranged lists (arrangement.ts): a pool of the best, from which places are filled (places.ts). */
import { productSetOf } from './history.ts'
import { canonicalKey } from '../data/canonical-key.ts'
import type { Work } from '../kernels/work.ts'
import type { ItemSide } from '../model/model.ts'
import type { Arrangement } from './arrangement.ts'
import { ARRANGED_DEPTH } from './arrangement.ts'
import type { BlendQuery, Ranking } from './ranking.ts'
import type { Eligibility } from './eligibility.ts'
import type { BoostClass, BoostedPool } from './boosted-pool.ts'
import { boostClasses, boostedPool } from './boosted-pool.ts'
import type { Eligible, Placed } from './places.ts'
import { fillPlaces, WINDOW } from './places.ts'
import type { ProductSet } from './product-set.ts'
import { countOf, isIn } from './product-set.ts'
import type { Arranged, ListKind, Strategy } from './recommendation.ts'

/** A list to be made. */
export interface Query extends BlendQuery {
  readonly list: ListKind
  /** null: all products. */
  readonly eligible: ProductSet | null
  readonly arrangement: Arrangement | undefined
}

/** A ranking, and what an arrangement made of it. */
export interface ArrangedRanking extends Ranking {
  /** Of a product of the list. Absent: the list is by score alone. */
  arranged?(product: number): Arranged
}

/** The products of a list, best first. */
export interface RankedList {
  readonly strategy: Strategy
  readonly ranking: ArrangedRanking
}

export type Rank = (queries: readonly Query[], work: Work) => Promise<Ranking[]>

/** A list under way: its pool is made ever longer until its places can be filled. */
interface Task {
  readonly query: Query
  readonly arrangement: Arrangement
  readonly classes: readonly BoostClass[]
  depth: number
}

/**
 * @param rank  by score alone
 * @returns ranks a batch of lists of which each has an arrangement; they end at ARRANGED_DEPTH
 * @throws {InvalidFilterError} for a boost's filter
 */
export function arranging(model: ItemSide, eligibility: Eligibility, rank: Rank) {
  const size = model.products.size

  /** Makes classes, and remembers them: the lists of a batch that ask for the same share them, and so their searches. */
  function classMaker(): (query: Query) => readonly BoostClass[] {
    const made = new Map<ProductSet | null, Map<string, readonly BoostClass[]>>()
    return ({ eligible, arrangement }) => {
      const boosts = arrangement?.boosts ?? []
      if (boosts.length === 0) return [{ factor: 1, products: eligible }]
      const ofSet = made.get(eligible) ?? new Map<string, readonly BoostClass[]>()
      made.set(eligible, ofSet)
      const key = canonicalKey(boosts)
      const former = ofSet.get(key)
      if (former) return former
      const factors = boosts.map(({ filter, multiplier }) => ({ set: eligibility(filter), multiplier }))
      const classes = boostClasses(size, eligible, factors)
      ofSet.set(key, classes)
      return classes
    }
  }

  /** One pool a task, of all their classes ranked at once. */
  async function poolsOf(tasks: readonly Task[], work: Work): Promise<BoostedPool[]> {
    const asked = tasks.flatMap(({ query, classes, depth }) =>
      classes.map(({ products }) => ({
        ...query,
        eligible: products,
        limit: Math.min(depth, countOf(products, size)),
      })),
    )
    const rankings = await rank(asked, work)
    let next = 0
    const pools: BoostedPool[] = []
    for (const { classes, depth } of tasks) {
      const ranked = classes.map(({ factor, products }) => ({ factor, products, ranking: rankings[next++] }))
      pools.push(await boostedPool(ranked, depth, work))
    }
    return pools
  }

  return async (queries: readonly Query[], work: Work): Promise<ArrangedRanking[]> => {
    const classesOf = classMaker()
    const tasks: Task[] = []
    for (const query of queries) {
      const turn = work.pause()
      if (turn) await turn
      tasks.push(work.time(() => taskOf(query, classesOf(query))))
    }
    const done = new Map<Task, ArrangedRanking>()
    for (let open = tasks; open.length > 0; open = open.filter((task) => !done.has(task))) {
      const pools = await poolsOf(open, work)
      for (const [i, task] of open.entries()) {
        const { query, arrangement } = task
        const count = Math.min(query.limit, ARRANGED_DEPTH)
        const places = await fillPlaces(
          model,
          pools[i],
          arrangement,
          () => eligibleFor(query, size),
          count,
          work,
        )
        // A page of a deep list is read in one piece of some 10 ms: that begins a slice of its own.
        if (places && places.length > DEEP_PLACES) await work.turn()
        if (places) done.set(task, arrangedRanking(places, pools[i]))
        task.depth = deeper(task, size)
      }
    }
    return tasks.map((task) => done.get(task)!)
  }
}

function taskOf(query: Query, classes: readonly BoostClass[]): Task {
  const { pins = [], diversity = 0 } = query.arrangement ?? {}
  return {
    query,
    arrangement: query.arrangement ?? {},
    classes,
    depth: Math.min(query.limit, ARRANGED_DEPTH) + pins.length + (diversity > 0 ? WINDOW : 0) + 1,
  }
}

/** More places than this make a deep list. */
const DEEP_PLACES = 500

/** From this part of the catalogue on it is quicker to rank all of it than to look for the best. */
const DEEP = 1 / 8

/** How long a pool is made next. */
function deeper({ depth, arrangement }: Task, size: number): number {
  // Once a category is full, the next of another may stand a long way below.
  const next = depth * (arrangement.maxPerCategory === undefined ? 4 : 16)
  return next > DEEP * size ? size + 1 : next
}

function eligibleFor({ eligible, excluded }: Query, size: number): Eligible {
  const left = productSetOf(excluded)
  const has = (product: number) => isIn(eligible, product) && !left.has(product)
  return {
    has,
    get products() {
      const products: number[] = []
      for (let product = 0; product < size; product++) if (has(product)) products.push(product)
      return products
    },
  }
}

function arrangedRanking(places: readonly Placed[], pool: BoostedPool): ArrangedRanking {
  const placed = new Map(places.map((place) => [place.product, place]))
  return {
    products: places.map(({ product }) => product),
    sources: pool.sources,
    causes: pool.causes,
    arranged: (product) => {
      const { placement, similarityAbove } = placed.get(product)!
      return { placement, similarityAbove, boost: pool.boost(product), final: pool.score(product) }
    },
  }
}
