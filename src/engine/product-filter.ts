/**
 * Which products a list may hold, as its reader states it. Everything stated of a filter must hold; nothing stated
 * holds for every product. What is not known of a product (no category, no price) is within no bounds and among no
 * labels, and so it is among none of those to be left out.
 */
import type { CategoricalColumn } from '../data/dataset.ts'
import { measureOf } from '../model/content-columns.ts'
import type { MeasureColumn, ItemSide } from '../model/model.ts'
import { InvalidFilterError } from './errors.ts'

/** Labels a product's must be among; the empty list holds for none. */
export interface LabelFilter {
  readonly anyOf?: readonly string[]
  readonly noneOf?: readonly string[]
}

/** Bounds, both of them included. */
export interface RangeFilter {
  readonly min?: number
  readonly max?: number
}

/** Of an attribute of the shop's own: labels of a column of labels, bounds of a column of numbers. */
export interface AttributeFilter extends LabelFilter, RangeFilter {
  readonly name: string
}

/** Which products a list may hold. */
export interface ProductFilter {
  readonly categories?: LabelFilter
  readonly sellers?: LabelFilter
  /** Of the mean price paid, in the shop's currency. */
  readonly price?: RangeFilter
  /** true: in stock alone; false: out of stock alone. */
  readonly inStock?: boolean
  /** Units sold, at least. */
  readonly minPopularity?: number
  /** The shop's own ids: these alone. */
  readonly include?: readonly string[]
  /** The shop's own ids: all but these. */
  readonly exclude?: readonly string[]
  readonly attributes?: readonly AttributeFilter[]
  /** All of these hold as well. */
  readonly and?: readonly ProductFilter[]
  /** At least one of these holds as well: of none, none does. */
  readonly or?: readonly ProductFilter[]
  /** This does not hold. */
  readonly not?: ProductFilter
}

const NESTING: ReadonlySet<string> = new Set(['and', 'or', 'not'])

export type Predicate = (product: number) => boolean

/** So many conditions may one filter have, nested ones included: each is asked of the whole catalogue. */
export const MAX_CONDITIONS = 100

/** So deep may filters stand in filters. */
export const MAX_NESTING = 5

/**
 * A filter as a question about one product.
 * @param inStock  answers that one condition, which no model knows
 * @throws {InvalidFilterError} on bounds that hold nothing, an attribute that the model has not, or too many conditions
 */
export function predicateOf(model: ItemSide, filter: ProductFilter, inStock: Predicate): Predicate {
  let conditions = 0
  const soldOf = (product: number) => model.popularity[product]

  function all(at: readonly string[], part: ProductFilter): Predicate {
    if (at.filter((step) => NESTING.has(step)).length > MAX_NESTING) {
      throw new InvalidFilterError(
        at,
        `Filters may stand in filters ${MAX_NESTING} deep; this one stands deeper.`,
      )
    }
    const held: Predicate[] = []
    const add = (...more: Predicate[]) => {
      held.push(...more)
      conditions += more.length
      if (conditions > MAX_CONDITIONS) {
        throw new InvalidFilterError([], `A filter may have ${MAX_CONDITIONS} conditions; this one has more.`)
      }
    }
    const { categories, sellers, price, minPopularity, include, exclude } = part
    if (categories) add(...labelled(model.category, categories))
    if (sellers) add(...labelled(model.seller, sellers))
    if (price) add(within([...at, 'price'], price, (product) => model.price[product]))
    if (part.inStock !== undefined) add((product) => inStock(product) === part.inStock)
    if (minPopularity !== undefined) add(within([...at, 'minPopularity'], { min: minPopularity }, soldOf))
    if (include) add(among(model, include))
    if (exclude) add(not(among(model, exclude)))
    part.attributes?.forEach((attribute, i) =>
      add(...ofAttribute(model, [...at, 'attributes', String(i)], attribute)),
    )
    part.and?.forEach((other, i) => add(all([...at, 'and', String(i)], other)))
    if (part.or) add(any(part.or.map((other, i) => all([...at, 'or', String(i)], other))))
    if (part.not) add(not(all([...at, 'not'], part.not)))
    return (product) => held.every((holds) => holds(product))
  }
  return all([], filter)
}

const not =
  (holds: Predicate): Predicate =>
  (product) =>
    !holds(product)

const any =
  (predicates: readonly Predicate[]): Predicate =>
  (product) =>
    predicates.some((holds) => holds(product))

function labelled({ labels, codes }: CategoricalColumn, { anyOf, noneOf }: LabelFilter): Predicate[] {
  // Not a search for each name: both lists may be long.
  const codesOf = (names: readonly string[]) => {
    const named = new Set(names)
    return new Set([...labels.keys()].filter((code) => named.has(labels[code])))
  }
  const predicates: Predicate[] = []
  if (anyOf) {
    const wanted = codesOf(anyOf)
    predicates.push((product) => wanted.has(codes[product]))
  }
  if (noneOf) {
    const unwanted = codesOf(noneOf)
    predicates.push((product) => !unwanted.has(codes[product]))
  }
  return predicates
}

function within(at: readonly string[], bounds: RangeFilter, value: (product: number) => number): Predicate {
  for (const name of ['min', 'max'] as const) {
    const bound = bounds[name]
    if (bound !== undefined && !Number.isFinite(bound))
      throw new InvalidFilterError(at, `"${name}" is ${bound}: state a finite number, or leave it out.`)
  }
  const { min = -Infinity, max = Infinity } = bounds
  if (min > max) throw new InvalidFilterError(at, `"min" is ${min} and "max" ${max}: nothing lies between.`)
  // Nothing is stated, which what is not known passes too.
  if (min === -Infinity && max === Infinity) return () => true
  return (product) => value(product) >= min && value(product) <= max
}

function among({ products }: ItemSide, skus: readonly string[]): Predicate {
  const indices = new Set(skus.map((sku) => products.indexOf(sku)))
  return (product) => indices.has(product)
}

function ofAttribute(model: ItemSide, at: readonly string[], attribute: AttributeFilter): Predicate[] {
  const { name, min, max, anyOf, noneOf } = attribute
  const { categorical, numeric } = model.contentColumns
  const labels = categorical.find((column) => column.name === name)
  const measure = numeric.find((column) => column.name === name)
  const asksLabels = anyOf !== undefined || noneOf !== undefined
  const asksBounds = min !== undefined || max !== undefined
  if ((!labels && !measure) || (asksLabels && !labels) || (asksBounds && !measure)) {
    throw new InvalidFilterError([...at, 'name'], unfit(model, name, labels !== undefined))
  }
  return [
    ...(asksLabels ? labelled(labels!, attribute) : []),
    ...(asksBounds ? [measuredWithin(at, attribute, measure!)] : []),
  ]
}

const listed = (columns: readonly { readonly name: string }[]) =>
  columns.map(({ name }) => name).join(', ') || 'none'

function measuredWithin(at: readonly string[], bounds: RangeFilter, column: MeasureColumn): Predicate {
  const values = measuresOf(column)
  return within(at, bounds, (product) => values[product])
}

const measures = new WeakMap<MeasureColumn, Float64Array>()

/** Of every product, NaN unknown; kept, since bringing one back to the shop's own unit takes longer than the rest. */
function measuresOf(column: MeasureColumn): Float64Array {
  const kept = measures.get(column) ?? column.values.map((_, product) => measureOf(column, product) ?? NaN)
  measures.set(column, kept)
  return kept
}

function unfit({ contentColumns }: ItemSide, name: string, hasLabels: boolean): string {
  const { categorical, numeric } = contentColumns
  if (hasLabels) return `"${name}" has labels and no bounds: use "anyOf" and "noneOf".`
  if (numeric.some((column) => column.name === name)) {
    return `"${name}" is a number and has no labels: use "min" and "max".`
  }
  return `There is no attribute "${name}": with labels there are ${listed(categorical)}; with numbers ${listed(numeric)}.`
}
