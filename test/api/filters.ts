import * as fc from 'fast-check'
import type { ProductFilterShape } from '../../src/graphql/ranking-input.ts'
import type { AvailabilityChange } from '../../src/store/availability.ts'
import { GOODS, type Goods, LINES } from './grocery.ts'

/** What can be known of a product of the grocery. */
export interface Facts extends Goods {
  readonly units: number
  readonly inStock: boolean
}

/** A filter's meaning, as the schema's descriptions state it, by plain facts. What is null is not stated. */
export function passes(facts: Facts, filter: ProductFilterShape): boolean {
  const { categories, sellers, price, inStock, minPopularity, include, exclude } = filter
  const { attributes, and, or, not } = filter
  return [
    among(facts.category, categories),
    among(facts.seller, sellers),
    within(facts.price, price),
    inStock == null || facts.inStock === inStock,
    minPopularity == null || facts.units >= minPopularity,
    include == null || include.includes(facts.sku),
    exclude == null || !exclude.includes(facts.sku),
    ...(attributes ?? []).map((attribute) => {
      const value = { brand: facts.brand, category: facts.category, grams: facts.grams, price: facts.price }[
        attribute.name
      ]
      return typeof value === 'number' || attribute.min != null || attribute.max != null
        ? within(value as number | null, attribute)
        : among(value as string | null, attribute)
    }),
    ...(and ?? []).map((other) => passes(facts, other)),
    or == null || or.some((other) => passes(facts, other)),
    not == null || !passes(facts, not),
  ].every(Boolean)
}

type Labels = ProductFilterShape['categories']
type Range = ProductFilterShape['price']

function among(label: string | null, wanted: Labels): boolean {
  if (wanted?.anyOf != null && (label === null || !wanted.anyOf.includes(label))) return false
  return wanted?.noneOf == null || label === null || !wanted.noneOf.includes(label)
}

function within(value: number | null, bounds: Range): boolean {
  if (bounds?.min == null && bounds?.max == null) return true
  return value !== null && value >= (bounds.min ?? -Infinity) && value <= (bounds.max ?? Infinity)
}

export const unitsOf = (sku: string) =>
  LINES.filter((line) => line.sku === sku).reduce((sum, { quantity }) => sum + quantity, 0)

const known = (value: (one: Goods) => string | null) =>
  fc.constantFrom(...new Set(GOODS.map(value).filter((label) => label !== null)), 'none of the shop’s')
const labelsFrom = (label: fc.Arbitrary<string>) => {
  const labels = fc.option(fc.array(label, { maxLength: 4 }))
  return fc.record({ anyOf: labels, noneOf: labels }, { requiredKeys: [] })
}
/** Bounds in their order; an upper one below the lower is an error of its own. */
const range = (most: number) =>
  fc
    .tuple(fc.option(fc.nat(most)), fc.option(fc.nat(most)))
    .map(([a, b]) =>
      a === null || b === null ? { min: a, max: b } : { min: Math.min(a, b), max: Math.max(a, b) },
    )

const category = known((one) => one.category)
const seller = known((one) => one.seller)
const sku = known((one) => one.sku)
const attribute = fc.oneof(
  labelsFrom(known((one) => one.brand)).map((labels) => Object.assign({ name: 'brand' }, labels)),
  labelsFrom(category).map((labels) => Object.assign({ name: 'category' }, labels)),
  range(600).map((bounds) => Object.assign({ name: 'grams' }, bounds)),
  range(8).map((bounds) => Object.assign({ name: 'price' }, bounds)),
)

/** Any filter of the grocery's: every field, filters within filters, and what is stated as null. */
export const anyFilter: fc.Arbitrary<ProductFilterShape> = fc.letrec<{ filter: ProductFilterShape }>(
  (tie) => {
    const others = fc.array(tie('filter'), { maxLength: 3 })
    const filter = fc.record(
      {
        categories: fc.option(labelsFrom(category)),
        sellers: fc.option(labelsFrom(seller)),
        price: fc.option(range(8)),
        inStock: fc.option(fc.boolean()),
        minPopularity: fc.option(fc.nat(6)),
        include: fc.option(fc.array(sku, { minLength: 1, maxLength: 40 }), { freq: 1 }),
        exclude: fc.option(fc.array(sku, { maxLength: 8 })),
        attributes: fc.option(fc.array(attribute, { maxLength: 2 })),
        and: others,
        or: others,
        not: tie('filter'),
      },
      { requiredKeys: [] },
    )
    return { filter: fc.oneof({ maxDepth: 3 }, fc.constant({}), few(filter)) }
  },
).filter

/** Of all that could be stated at once next to nothing would be left: two fields or three are kept. */
function few(filter: fc.Arbitrary<object>): fc.Arbitrary<object> {
  return fc.tuple(filter, fc.infiniteStream(fc.nat())).map(([whole, draws]) => {
    const fields = Object.entries(whole).map((field) => ({ field, draw: draws.next().value as number }))
    fields.sort((a, b) => a.draw - b.draw)
    return Object.fromEntries(fields.slice(0, 3).map(({ field }) => field))
  })
}

const MINUTE = 60_000
const moment = fc.option(fc.constantFrom(-3, -2, -1, 1, 2, 3).map((minutes) => minutes * MINUTE))

/** What can be said of a product, its times from now on, in ms; the later one is where it ends. */
const state = fc
  .record({ hidden: fc.boolean(), inStock: fc.boolean(), from: moment, until: moment })
  .filter(({ from, until }) => from === null || until === null || from <= until)

export type State = typeof state extends fc.Arbitrary<infer Value> ? Value : never

/** What is said of some of the grocery's products. */
export const anyStates: fc.Arbitrary<Readonly<Record<string, State>>> = fc.dictionary(
  fc.constantFrom(...GOODS.map((one) => one.sku)),
  state,
  { maxKeys: 20, noNullPrototype: true },
)

/** Whether lists may hold a product of which this is said, or nothing. */
export function isShown(said: State | undefined): boolean {
  return said === undefined || (!said.hidden && !((said.from ?? -1) > 0) && !((said.until ?? 1) <= 0))
}

/** As the register takes it; of what nothing is said everything holds. */
export function changesOf(states: Readonly<Record<string, State>>, now: number): AvailabilityChange[] {
  const time = (offset: number | null | undefined) => (offset == null ? null : now + offset)
  return GOODS.map((one) => {
    const { hidden = false, inStock = true, from, until } = states[one.sku] ?? {}
    return { sku: one.sku, hidden, inStock, validFrom: time(from), validUntil: time(until) }
  })
}
