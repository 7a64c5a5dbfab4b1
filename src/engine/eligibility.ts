/** Which products a list may hold: those that are shown at all, and of these those that pass the list's filter. */
import { LRUCache } from 'lru-cache'
import { canonicalKey } from '../data/canonical-key.ts'
import type { Model } from '../model/model.ts'
import type { Availability, ProductAvailability } from '../store/availability.ts'
import type { Predicate, ProductFilter } from './product-filter.ts'
import { predicateOf } from './product-filter.ts'
import type { ProductSet } from './product-set.ts'
import { productsWhere } from './product-set.ts'

/**
 * So many bytes of filters' sets are kept, with the filters themselves: a set takes a bit a product, and finding it out a
 * look at each.
 */
const MOST_BYTES = 4 * 2 ** 20

/** What a kept set takes beside its bits and its filter. */
const OVERHEAD = 400

/** The eligible products under a filter, as of now; null: all. @throws {InvalidFilterError} as `predicateOf` */
export type Eligibility = (filter?: ProductFilter) => ProductSet | null

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
export function eligibilityOf(model: Model, availability: Availability, now: () => number): Eligibility {
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
    let hidesSome = false
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

  return (filter) => {
    const { said, hidesSome } = refreshed()
    if (filter === undefined && !hidesSome) return null
    const key = canonicalKey(filter ?? {})
    const found = kept.get(key)
    if (found) return found
    const moment = now()
    const passes: Predicate = filter
      ? predicateOf(model, filter, (product) => said.get(product)?.inStock ?? true)
      : () => true
    const isEligible = (product: number) => {
      const known = said.get(product)
      return (known === undefined || isShown(known, moment)) && passes(product)
    }
    const set = productsWhere(model.products.size, isEligible)
    kept.set(key, set)
    return set
  }
}

/** Whether a product may be in lists at a moment. */
export function isShown({ hidden, validFrom, validUntil }: ProductAvailability, moment: number): boolean {
  return (
    !hidden && (validFrom === null || validFrom <= moment) && (validUntil === null || moment < validUntil)
  )
}
