import {
  ARRANGED_DEPTH,
  MAX_BOOSTS,
  MAX_MULTIPLIER,
  MAX_PINS,
  checkArrangement,
} from '../engine/arrangement.ts'
import type { Arrangement } from '../engine/arrangement.ts'
import { InvalidRequestError } from '../engine/errors.ts'
import { MAX_CONDITIONS, MAX_NESTING } from '../engine/product-filter.ts'
import type { ProductFilter as EngineFilter } from '../engine/product-filter.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { badUserInput } from './errors.ts'
import { expectNoSmallCounts } from './small-counts.ts'

/** Labels to allow and to rule out, as the client states them. */
export interface Labels {
  readonly anyOf?: readonly string[] | null | undefined
  readonly noneOf?: readonly string[] | null | undefined
}

/** Bounds of a number, both included. */
export interface Range {
  readonly min?: number | null | undefined
  readonly max?: number | null | undefined
}

/** As the client states it: what is null is not stated. */
export interface ProductFilterShape {
  readonly categories?: Labels | null | undefined
  readonly sellers?: Labels | null | undefined
  readonly price?: Range | null | undefined
  readonly inStock?: boolean | null | undefined
  readonly minPopularity?: number | null | undefined
  readonly include?: readonly string[] | null | undefined
  readonly exclude?: readonly string[] | null | undefined
  readonly attributes?: readonly (Labels & Range & { readonly name: string })[] | null | undefined
  readonly and?: readonly ProductFilterShape[] | null | undefined
  readonly or?: readonly ProductFilterShape[] | null | undefined
  readonly not?: ProductFilterShape | null | undefined
}

const ANY_OF = 'Among these; of an empty list nothing is. What has no label is among none.'
const NONE_OF = 'Not among these.'

const LabelFilter = builder.inputType('LabelFilter', {
  description: 'Which labels are wanted: of categories, of sellers.',
  fields: (t) => ({
    anyOf: t.stringList({ required: false, description: ANY_OF }),
    noneOf: t.stringList({ required: false, description: NONE_OF }),
  }),
})

const RangeFilter = builder.inputType('RangeFilter', {
  description: 'Bounds, both of them included. What is not known is within none.',
  fields: (t) => ({
    min: t.float({ required: false, description: 'At least this.' }),
    max: t.float({ required: false, description: 'At most this.' }),
  }),
})

const AttributeFilter = builder.inputType('AttributeFilter', {
  description:
    "A condition on an attribute of the shop's own: labels (anyOf, noneOf) or a number (min, max). Those there are: " +
    '`productAttributes`.',
  fields: (t) => ({
    name: t.string({ description: "The attribute's name, as the shop's data has it." }),
    anyOf: t.stringList({ required: false, description: ANY_OF }),
    noneOf: t.stringList({ required: false, description: NONE_OF }),
    min: t.float({ required: false, description: 'At least this.' }),
    max: t.float({ required: false, description: 'At most this.' }),
  }),
})

/** By itself, so that it can name its own type. */
const ProductFilter = builder.inputRef<ProductFilterShape>('ProductFilter')

ProductFilter.implement({
  description:
    'Which products a list may hold. Everything stated must hold; nothing stated, everything passes. Filters act before ' +
    'a list is ranked: exactly as many products come back as were asked for, wherever so many pass. At most ' +
    `${MAX_CONDITIONS} conditions in all, filters within filters ${MAX_NESTING} deep. Hidden products never come back.`,
  fields: (t) => ({
    categories: t.field({
      type: LabelFilter,
      required: false,
      description: 'By category, as `Product.category` spells it.',
    }),
    sellers: t.field({
      type: LabelFilter,
      required: false,
      description: "By seller, by the shop's own ids.",
    }),
    price: t.field({
      type: RangeFilter,
      required: false,
      description: "By the mean price paid, in the shop's currency.",
    }),
    inStock: t.boolean({
      required: false,
      description: 'True: what is in stock alone; false: what is out of stock alone.',
    }),
    minPopularity: t.float({ required: false, description: 'Sold at least so many units.' }),
    include: t.stringList({ required: false, description: 'These SKUs alone; unknown ones pass nothing.' }),
    exclude: t.stringList({ required: false, description: 'All but these SKUs.' }),
    attributes: t.field({
      type: [AttributeFilter],
      required: false,
      description: "By attributes of the shop's own; all of these must hold.",
    }),
    and: t.field({ type: [ProductFilter], required: false, description: 'All of these must hold as well.' }),
    or: t.field({
      type: [ProductFilter],
      required: false,
      description: 'At least one of these must hold as well: of an empty list none does.',
    }),
    not: t.field({ type: ProductFilter, required: false, description: 'This must not hold.' }),
  }),
})

const BoostInput = builder.inputType('BoostInput', {
  description: 'Multiplies the scores of some products.',
  fields: (t) => ({
    filter: t.field({ type: ProductFilter, description: 'Which products.' }),
    multiplier: t.float({
      description:
        `From ${1 / MAX_MULTIPLIER} to ${MAX_MULTIPLIER}; below 1 it holds them back. A score below 0 is divided by it. ` +
        'Where several boosts apply to a product, their multipliers are multiplied.',
    }),
  }),
})

const PinInput = builder.inputType('PinInput', {
  description: 'Puts a product at a place of the list.',
  fields: (t) => ({
    sku: t.string({
      description:
        "The product, by the shop's own id. It is left out where it may not be in the list: hidden, not passing the " +
        'filter, or bought before.',
    }),
    position: t.int({
      description: `Its place, 1 to ${ARRANGED_DEPTH - 1}, 1 for the first; in a shorter list it comes at the end.`,
    }),
  }),
})

const RankingInput = builder.inputType('RankingInput', {
  description:
    'In what order a list is shown. Nothing of it is hidden: each recommendation says in its scores what was done to it. ' +
    `A list that is asked for with any of this ends at place ${ARRANGED_DEPTH - 1}.`,
  fields: (t) => ({
    diversity: t.float({
      required: false,
      description:
        '0 to 1: how much a place goes to what differs from the products above it rather than to the best score ' +
        '(maximal marginal relevance, by the cosine of content features). Default: 0.',
    }),
    maxPerCategory: t.int({
      required: false,
      description:
        'The most products of one category in the whole list, at least 1. Those without a category are not limited, nor ' +
        'are pins.',
    }),
    boosts: t.field({
      type: [BoostInput],
      required: false,
      description: `At most ${MAX_BOOSTS} boosts.`,
    }),
    pins: t.field({
      type: [PinInput],
      required: false,
      description: `At most ${MAX_PINS} products with a place of their own; no two of one place.`,
    }),
    explorationRate: t.float({
      required: false,
      description:
        '0 to 1: the chance of each place to go to a product drawn blindly among the eligible, so that new products ' +
        'are seen at all. Default: 0.',
    }),
    seed: t.int({
      required: false,
      description:
        'Of the draws by `explorationRate`, and needed with them: the same seed gives the same list, whatever page of it is asked for. ' +
        'Pass another with each visit.',
    }),
    minScore: t.float({
      required: false,
      description: 'The list ends where final scores fall below this; pins stay.',
    }),
  }),
})

/** Of every list of products. */
export const filterArguments = builder.args((t) => ({
  filter: t.field({
    type: ProductFilter,
    required: false,
    description: 'Which products it may hold. Left out: all that may be shown.',
  }),
}))

/** Of every list of recommendations. */
export const listArguments = builder.args((t) => ({
  ...filterArguments,
  ranking: t.field({
    type: RankingInput,
    required: false,
    description: 'In what order it is shown. Left out: by score.',
  }),
}))

export interface ListArguments {
  readonly filter?: ProductFilterShape | null | undefined
  readonly ranking?: typeof RankingInput.$inferInput | null | undefined
}

/** What the engine is asked, of what the client stated. */
interface ListOptions {
  readonly filter?: EngineFilter
  readonly arrangement?: Arrangement
}

/**
 * Reads the arguments of a list, and finds out whether the engine can grant them: it answers many lists at once, and
 * one that cannot be must not spoil the others.
 * @throws {InvalidInputError} saying where in the arguments
 */
export function listOptions({ filter, ranking }: ListArguments, context: Context): ListOptions {
  return {
    ...(filter != null && { filter: filterOf(filter, context) }),
    ...(ranking != null && { arrangement: arrangementOf(ranking, context) }),
  }
}

function filterOf(filter: ProductFilterShape, context: Context): EngineFilter {
  const stated = withoutNulls(filter) as EngineFilter
  granting(['filter'], () => context.recommender.checkFilter(stated))
  expectNoSmallCounts(stated, context, 'filter')
  return stated
}

function arrangementOf(
  { boosts, pins, ...rest }: typeof RankingInput.$inferInput,
  context: Context,
): Arrangement {
  const { recommender } = context
  const { products } = recommender.model
  const arrangement: Arrangement = {
    ...(withoutNulls(rest) as Arrangement),
    ...(boosts && {
      boosts: boosts.map(({ filter, multiplier }) => ({
        multiplier,
        filter: withoutNulls(filter) as EngineFilter,
      })),
    }),
    ...(pins && {
      pins: pins.map(({ sku, position }, i) => {
        const product = products.indexOf(sku)
        if (product < 0) {
          throw badUserInput(
            `There is no product "${sku}" to pin: name one by its SKU in the order history.`,
            'ranking',
            'pins',
            String(i),
            'sku',
          )
        }
        return { product, position }
      }),
    }),
  }
  granting(['ranking'], () => checkArrangement(arrangement))
  arrangement.boosts?.forEach(({ filter }, i) => {
    const inputPath = ['ranking', 'boosts', String(i), 'filter']
    granting(inputPath, () => recommender.checkFilter(filter))
    expectNoSmallCounts(filter, context, ...inputPath)
  })
  return arrangement
}

function granting(inputPath: readonly string[], check: () => void): void {
  try {
    check()
  } catch (error) {
    if (error instanceof InvalidRequestError) throw badUserInput(error.message, ...inputPath, ...error.path)
    throw error
  }
}

/** GraphQL has null for what is not stated, the engine has nothing. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== null && part !== undefined)
      .map(([key, part]) => [key, withoutNulls(part)]),
  )
}
