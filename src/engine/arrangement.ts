/**
 * The order in which a list is shown, where its reader wants another than that of the scores alone: boosts, a floor
 * for the score, diversity, a limit a category, products pinned to places, and now and then one drawn by chance.
 *
 * Places are filled from the first on, and what stands at a place depends on nothing behind it: so pages agree.
 */
import type { ProductFilter } from './product-filter.ts'
import { InvalidRequestError } from './errors.ts'

/** Multiplies the scores of the products that pass a filter. */
export interface Boost {
  readonly filter: ProductFilter
  /** From 1/10 to 10; below 1 it holds products back. */
  readonly multiplier: number
}

/** Puts a product at a place. */
export interface Pin {
  /** An index of the model. */
  readonly product: number
  /** 1 for the first of the list. */
  readonly position: number
}

/** The order that the reader of a list wants. */
export interface Arrangement {
  /** 0: by score alone; 1: at each place what least resembles the products above it. Default 0. */
  readonly diversity?: number
  /** The most products of one category in the whole list; those without a category are not limited. */
  readonly maxPerCategory?: number
  readonly boosts?: readonly Boost[]
  readonly pins?: readonly Pin[]
  /** The chance of each place to be given to an eligible product drawn blindly, 0 to 1. Default 0. */
  readonly explorationRate?: number
  /** Of those draws: the same seed, the same list. */
  readonly seed?: number
  /** The list ends where scores fall below this; pins stay. */
  readonly minScore?: number
}

/** How a product came to its place. */
export type Placement = 'RANKED' | 'PINNED' | 'EXPLORED'

/** So many filters are evaluated for one list, and so many classes of products ranked: at most 2 to this power. */
export const MAX_BOOSTS = 5
export const MAX_PINS = 100
export const MAX_MULTIPLIER = 10

/** Arranged lists end here: as deep as pages go, and one more to tell whether anything follows. */
export const ARRANGED_DEPTH = 1001

/** @throws {InvalidRequestError} naming the first wish that is out of bounds */
export function checkArrangement(arrangement: Arrangement): void {
  const { diversity = 0, maxPerCategory = 1, explorationRate = 0, seed, minScore = 0 } = arrangement
  const { boosts = [], pins = [] } = arrangement
  expect(diversity >= 0 && diversity <= 1, ['diversity'], `is ${diversity}: from 0 to 1 is possible`)
  expect(
    isWhole(maxPerCategory, 1),
    ['maxPerCategory'],
    `is ${maxPerCategory}: whole numbers from 1 are possible`,
  )
  expect(
    explorationRate >= 0 && explorationRate <= 1,
    ['explorationRate'],
    `is ${explorationRate}: from 0 to 1 is possible`,
  )
  expect(
    explorationRate === 0 || seed !== undefined,
    ['seed'],
    'is missing: by it the pages of an exploring list agree; pass another with each visit',
  )
  expect(seed === undefined || Number.isSafeInteger(seed), ['seed'], `is ${seed}: it must be a whole number`)
  expect(Number.isFinite(minScore), ['minScore'], `is ${minScore}: it must be a number`)
  expect(boosts.length <= MAX_BOOSTS, ['boosts'], `are ${boosts.length}: at most ${MAX_BOOSTS} are possible`)
  boosts.forEach(({ multiplier }, i) =>
    expect(
      multiplier >= 1 / MAX_MULTIPLIER && multiplier <= MAX_MULTIPLIER,
      ['boosts', String(i), 'multiplier'],
      `is ${multiplier}: from ${1 / MAX_MULTIPLIER} to ${MAX_MULTIPLIER} is possible`,
    ),
  )
  expect(pins.length <= MAX_PINS, ['pins'], `are ${pins.length}: at most ${MAX_PINS} are possible`)
  pins.forEach((pin, i) => checkPin(pin, i, pins))
}

function checkPin({ product, position }: Pin, i: number, pins: readonly Pin[]): void {
  expect(
    isWhole(position, 1) && position < ARRANGED_DEPTH,
    ['pins', String(i), 'position'],
    `is ${position}: whole numbers from 1 to ${ARRANGED_DEPTH - 1} are possible`,
  )
  const before = pins.slice(0, i)
  expect(
    !before.some((pin) => pin.position === position),
    ['pins', String(i), 'position'],
    `is ${position}, as another pin's: each place holds one product`,
  )
  expect(
    !before.some((pin) => pin.product === product),
    ['pins', String(i)],
    'names a product that another pin names: each product has one place',
  )
}

function expect(holds: boolean, path: readonly string[], problem: string): void {
  if (!holds) throw new InvalidRequestError(path, `"${path.join('.')}" ${problem}.`)
}

function isWhole(value: number, least: number): boolean {
  return Number.isSafeInteger(value) && value >= least
}
