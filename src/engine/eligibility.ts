/** Which products a list may hold: those that are shown at all, and of these those that pass the list's filter. */
import { LRUCache } from 'lru-cache'
import { canonicalKey } from '../data/canonical-key.ts'
import type { Work } from '../kernels/work.ts'
import type { ItemSide } from '../model/model.ts'
import type { Availability, ProductAvailability } from '../store/availability.ts'
import type { Predicate, ProductFilter } from './product-filter.ts'
import { predicateOf } from './product-filter.ts'
import type { ProductSet } from './product-set.ts'
import { productsWhere, productsWhereInPieces } from './product-set.ts'

/**
 * So many bytes of filters' sets are kept, with the filters themselves: a set takes a bit a product, and finding it out a
 * look at each.
 */
const MOST_BYTES = 4 * 2 ** 20

/** What a kept set takes beside its bits and its filter. */
const OVERHEAD = 400

export interface Eligibility {
  /** The eligible products under a filter, as of now; null: all. @throws {InvalidFilterError} as `predicateOf` */
  (filter?: ProductFilter): ProductSet | null
  /** Whether a filter can be, without looking at the catalogue. @throws {InvalidFilterError} as `predicateOf` */
  check(filter: ProductFilter): void
  /** Finds a filter's set out in pieces, so that it is at hand when it is asked for. @throws {InvalidFilterError} */
  prepare(filter: ProductFilter | undefined, work: Work): Promise<void>
}

/** What the shop says of the products it said something of, and how long that holds. */
interface Shown {
  readonly version: number
  readonly said: ReadonlyMap<number, ProductAvailability>
  /** Whether it hides any product just now. */
  readonly hidesSome: boolean
  /** The next moment at which a product comes or goes, in ms since 1970. */
  readonly until: number
}

/**
 * @param availability  read anew whenever its version changes
 * @param now  the time by which products come and go, in ms since 1970
 */
export function eligibilityOf(model: ItemSide, availability: Availability, now: () => number): Eligibility {
  let shown: Shown | undefined
  const kept = new LRUCache<string, ProductSet>({
    maxSize: MOST_BYTES,
    sizeCalculation: ({ bits }, key) => bits.byteLength + 2 * key.length + OVERHEAD,
  })

  function refreshed(): Shown {
    const moment = now()
    if (shown === undefined || shown.version !== availability.version || moment >= shown.until) {
      shown = shownAt(moment)
      kept.clear()
    }
    return shown
  }

  function shownAt(moment: number): Shown {
    const { version } = availability
    const said = new Map<number, ProductAvailability>()
    let until = Infinity
    let hidesSome = model.removed !== undefined
    for (const [sku, product] of availability.entries()) {
      const index = model.products.indexOf(sku)
      if (index < 0) continue
      said.set(index, product)
      hidesSome ||= !isShown(product, moment)
      for (const change of [product.validFrom, product.validUntil])
        if (change !== null && change > moment) until = Math.min(until, change)
    }
    return { version, said, hidesSome, until }
  }

  function keep(key: string, set: ProductSet): ProductSet {
    kept.set(key, set)
    return set
  }

  /** What a filter's set consists of, as of now; null: it is everything. */
  function asked(filter: ProductFilter | undefined) {
    const { said, hidesSome } = refreshed()
    if (filter === undefined && !hidesSome) return null
    const key = canonicalKey(filter ?? {})
    return { key, said, former: kept.get(key) }
  }

  function isEligibleOf(filter: ProductFilter | undefined, said: Shown['said']): Predicate {
    const moment = now()
    const passes: Predicate = filter
      ? predicateOf(model, filter, (product) => said.get(product)?.inStock ?? true)
      : () => true
    return (product) => {
      if (model.removed?.has(product)) return false
      const known = said.get(product)
      return (known === undefined || isShown(known, moment)) && passes(product)
    }
  }

  const eligible = (filter?: ProductFilter): ProductSet | null => {
    const question = asked(filter)
    if (question === null) return null
    const { key, said, former } = question
    return former ?? keep(key, productsWhere(model.products.size, isEligibleOf(filter, said)))
  }
  return Object.assign(eligible, {
    check: (filter: ProductFilter) => void predicateOf(model, filter, () => true),
    async prepare(filter: ProductFilter | undefined, work: Work) {
      const question = asked(filter)
      if (question === null || question.former !== undefined) return
      const { key, said } = question
      const { version } = refreshed()
      const found = await productsWhereInPieces(model.products.size, isEligibleOf(filter, said), work)
      // What has changed meanwhile is found out anew when it is asked for.
      if (refreshed().version === version && asked(filter)?.said === said) keep(key, found)
    },
  })
}

/** Whether a product may be in lists at a moment. */
export function isShown({ hidden, validFrom, validUntil }: ProductAvailability, moment: number): boolean {
  return (
    !hidden && (validFrom === null || validFrom <= moment) && (validUntil === null || moment < validUntil)
  )
}
