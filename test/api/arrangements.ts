import * as fc from 'fast-check'
import { expect } from 'vitest'
import type { ProductFilterShape } from '../../src/graphql/ranking-input.ts'
import { anyFilter, passes, unitsOf } from './filters.ts'
import { GOODS, goods } from './grocery.ts'
import { byContent, isDescribed } from './grocery-likeness.ts'

/** How a list is to be shown, as the API takes it. */
export interface Ranking {
  readonly diversity?: number
  readonly maxPerCategory?: number
  readonly boosts?: readonly { readonly filter: ProductFilterShape; readonly multiplier: number }[]
  readonly pins?: readonly { readonly sku: string; readonly position: number }[]
  readonly minScore?: number
}

/** A place of a list, as the API shows it. */
export interface Place {
  readonly rank: number
  readonly sku: string
  readonly hybrid: number
  readonly boost: number
  readonly final: number
  readonly placement: 'RANKED' | 'PINNED' | 'EXPLORED'
  readonly similarityAbove: number | null
}

const SKUS = GOODS.map(({ sku }) => sku)
const eighths = (least: number, most: number) =>
  fc.integer({ min: 8 * least, max: 8 * most }).map((n) => n / 8)

/** Any ranking of the grocery's but an exploring one. */
export const anyRanking: fc.Arbitrary<Ranking> = fc.record(
  {
    diversity: eighths(0, 1),
    maxPerCategory: fc.integer({ min: 1, max: 6 }),
    boosts: fc.array(
      fc.record({ filter: anyFilter, multiplier: fc.constantFrom(0.1, 0.5, 0.75, 1, 2, 3, 10) }),
      { maxLength: 5 },
    ),
    pins: fc.uniqueArray(
      fc.record({ sku: fc.constantFrom(...SKUS), position: fc.integer({ min: 1, max: 60 }) }),
      {
        maxLength: 8,
        comparator: (a, b) => a.sku === b.sku || a.position === b.position,
      },
    ),
    minScore: eighths(-2, 3),
  },
  { requiredKeys: [] },
)

/** The greatest cosine to what stands above; nothing is known of what is not described. */
const likeness = (sku: string, above: readonly string[]) =>
  Math.max(...above.map((other) => (isDescribed(sku) && isDescribed(other) ? byContent(sku, other) : 0)))

/** How many of its category are among some; what has none is not counted. */
const ofCategory = (sku: string, among: readonly string[]) =>
  goods(sku).category === null ? 0 : among.filter((one) => goods(one).category === goods(sku).category).length

/** More than rounding, and less than what tells products apart. */
const CLOSE = 1e-9

/**
 * Holds a whole list against its definition, place by place: maximal marginal relevance over scores that boosts have
 * changed, within limits, around pins.
 * @param hybrids  of the products that the list holds by itself
 * @param mayHold  whether a product may be pinned to it
 */
export function expectArranged(
  places: readonly Place[],
  hybrids: ReadonlyMap<string, number>,
  ranking: Ranking,
  mayHold: (sku: string) => boolean,
): void {
  const { diversity = 0, maxPerCategory = Infinity, boosts = [], pins = [], minScore = -Infinity } = ranking
  const boostOf = (sku: string) =>
    boosts
      .filter(({ filter }) => passes({ ...goods(sku), units: unitsOf(sku), inStock: true }, filter))
      .reduce((product, { multiplier }) => product * multiplier, 1)
  const finalOf = (sku: string) => {
    const hybrid = hybrids.get(sku) ?? 0
    return hybrid < 0 ? hybrid / boostOf(sku) : hybrid * boostOf(sku)
  }
  /** Of which nothing is known comes last. */
  const isBlank = (sku: string) => hybrids.get(sku) === 0
  const ordered = [...hybrids.keys()].sort(
    (a, b) =>
      Number(isBlank(a)) - Number(isBlank(b)) || finalOf(b) - finalOf(a) || SKUS.indexOf(a) - SKUS.indexOf(b),
  )
  const [high, low] = [finalOf(ordered[0]), Math.min(...ordered.map(finalOf))]
  const relevance = (sku: string) => (high > low ? (finalOf(sku) - low) / (high - low) : 0)
  const pinned = pins.filter(({ sku }) => mayHold(sku)).sort((a, b) => a.position - b.position)
  const pinnedSkus = pinned.map(({ sku }) => sku)
  const above: string[] = []

  function candidates(): string[] {
    const free = ordered.filter(
      (sku) =>
        finalOf(sku) >= minScore &&
        !above.includes(sku) &&
        !pinnedSkus.includes(sku) &&
        ofCategory(sku, above) < maxPerCategory,
    )
    return free.filter((sku) => isBlank(sku) === isBlank(free[0]))
  }
  const worth = (sku: string) =>
    diversity === 0
      ? finalOf(sku)
      : (1 - diversity) * relevance(sku) - diversity * (above.length ? likeness(sku, above) : 0)

  let hasEnded = false
  for (const place of places) {
    const position = above.length + 1
    // Where nothing is left for a place the list ends, and the pins behind it close up.
    const pin = pinned.find(({ sku }) => !above.includes(sku))
    const isPinned: boolean = hasEnded || pin?.position === position
    hasEnded ||= !isPinned && candidates().length === 0
    if (isPinned || hasEnded) expect([place.sku, place.placement]).toEqual([pin?.sku, 'PINNED'])
    else {
      expect(place.placement).toBe('RANKED')
      expect(candidates()).toContain(place.sku)
      expect(worth(place.sku)).toBeGreaterThanOrEqual(Math.max(...candidates().map(worth)) - CLOSE)
    }
    expect(place).toEqual({
      rank: position,
      sku: place.sku,
      hybrid: hybrids.get(place.sku) ?? 0,
      boost: expect.closeTo(boostOf(place.sku), 12),
      final: expect.closeTo(finalOf(place.sku), 9),
      placement: place.placement,
      similarityAbove:
        diversity > 0 && above.length > 0 ? expect.closeTo(likeness(place.sku, above), 9) : null,
    })
    above.push(place.sku)
  }
  expect(hasEnded ? [] : candidates()).toEqual([])
  expect(pinnedSkus.filter((sku) => !above.includes(sku))).toEqual([])
}
