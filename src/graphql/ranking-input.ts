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

/** Labels to allow and to exclude. */
export interface Labels {
  readonly anyOf?: readonly string[] | null | undefined
  readonly noneOf?: readonly string[] | null | undefined
}

/** Bounds of a number, both included. */
export interface Range {
  readonly min?: number | null | undefined
  readonly max?: number | null | undefined
}

/** A filter as the client sends it; null is the same as left out. */
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

const ANY_OF =
  'The label is one of these. An empty list matches nothing; a product without a label never matches.'
const NONE_OF = 'The label is none of these. A product without a label matches.'

const LabelFilter = builder.inputType('LabelFilter', {
  description: 'A condition on a label, such as a category or a seller.',
  fields: (t) => ({
    anyOf: t.stringList({ required: false, description: ANY_OF }),
    noneOf: t.stringList({ required: false, description: NONE_OF }),
  }),
})

const RangeFilter = builder.inputType('RangeFilter', {
  description: 'A range, both ends included. An unknown value never matches.',
  fields: (t) => ({
    min: t.float({ required: false, description: 'At least this.' }),
    max: t.float({ required: false, description: 'At most this.' }),
  }),
})

const AttributeFilter = builder.inputType('AttributeFilter', {
  description:
    "A condition on an attribute in the shop's data: on its label (anyOf, noneOf) or its number (min, " +
    'max). `productAttributes` lists the attributes.',
  fields: (t) => ({
    name: t.string({ description: "The attribute's name in the shop's data." }),
    anyOf: t.stringList({ required: false, description: ANY_OF }),
    noneOf: t.stringList({ required: false, description: NONE_OF }),
    min: t.float({ required: false, description: 'At least this.' }),
    max: t.float({ required: false, description: 'At most this.' }),
  }),
})

/** Declared first, so that its fields can have its own type. */
const ProductFilter = builder.inputRef<ProductFilterShape>('ProductFilter')

ProductFilter.implement({
  description:
    'Which products a list may hold. All conditions given must hold; an empty filter passes every product. ' +
    'Filters act before ranking, so a page is full whenever enough products pass. At most ' +
    `${MAX_CONDITIONS} conditions in all, and filters nested at most ${MAX_NESTING} deep. Hidden products ` +
    'never pass.',
  fields: (t) => ({
    categories: t.field({
      type: LabelFilter,
      required: false,
      description: 'By category, spelled as in `Product.category`.',
    }),
    sellers: t.field({
      type: LabelFilter,
      required: false,
      description: "By seller, with the shop's own ids.",
    }),
    price: t.field({
      type: RangeFilter,
      required: false,
      description: "By the mean price paid, in the shop's currency.",
    }),
    inStock: t.boolean({
      required: false,
      description: 'True: only products in stock. False: only products out of stock.',
    }),
    minPopularity: t.float({
      required: false,
      description:
        'At least this many units sold. Without scope `read`, a number above 1 and below 5 is an error.',
    }),
    include: t.stringList({ required: false, description: 'Only these SKUs; unknown ones match nothing.' }),
    exclude: t.stringList({ required: false, description: 'All but these SKUs.' }),
    attributes: t.field({
      type: [AttributeFilter],
      required: false,
      description: "By attributes in the shop's data; all of these must hold.",
    }),
    and: t.field({ type: [ProductFilter], required: false, description: 'All of these must hold as well.' }),
    or: t.field({
      type: [ProductFilter],
      required: false,
      description: 'At least one of these must hold as well. An empty list passes nothing.',
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
        `${1 / MAX_MULTIPLIER} to ${MAX_MULTIPLIER}. Below 1 it moves products down. A score below 0 is ` +
        'divided by it. If several boosts apply to a product, their multipliers are multiplied.',
    }),
  }),
})

const PinInput = builder.inputType('PinInput', {
  description: 'Puts a product at a fixed place of the list.',
  fields: (t) => ({
    sku: t.string({
      description:
        "The shop's own id of the product. The pin is ignored if the product may not be in the list: " +
        'hidden, not passing the filter, or bought before.',
    }),
    position: t.int({
      description: `Its place, 1 to ${ARRANGED_DEPTH - 1}; 1 is the first. In a shorter list it is the last.`,
    }),
  }),
})

const RankingInput = builder.inputType('RankingInput', {
  description:
    'Changes the order of a list. `Recommendation.scores` shows what was done to each product. A list ' +
    `with any of these settings ends at place ${ARRANGED_DEPTH - 1}.`,
  fields: (t) => ({
    diversity: t.float({
      required: false,
      description:
        '0 to 1: the weight of difference from the products above, against that of the score (maximal ' +
        'marginal relevance, by the cosine of content features). Default: 0.',
    }),
    maxPerCategory: t.int({
      required: false,
      description:
        'The most products of one category in the whole list, at least 1. Products without a category and ' +
        'pins are not limited.',
    }),
    boosts: t.field({
      type: [BoostInput],
      required: false,
      description: `At most ${MAX_BOOSTS} boosts.`,
    }),
    pins: t.field({
      type: [PinInput],
      required: false,
      description: `At most ${MAX_PINS} pins, each at a different place.`,
    }),
    explorationRate: t.float({
      required: false,
      description:
        '0 to 1: the chance that a place goes to an eligible product drawn at random, so that new ' +
        'products are shown. Default: 0.',
    }),
    seed: t.int({
      required: false,
      description:
        'The seed of the random draws; required with `explorationRate`. The same seed gives the same list on ' +
        'every page: keep it during a visit, and pass a new one for the next.',
    }),
    minScore: t.float({
      required: false,
      description: 'The list ends where final scores fall below this. Pins stay.',
    }),
  }),
})

/** The arguments of every list of products. */
export const filterArguments = builder.args((t) => ({
  filter: t.field({
    type: ProductFilter,
    required: false,
    description: 'Which products the list may hold. Default: all that may be shown.',
  }),
}))

/** The filter and ranking arguments of every list of recommendations. */
export const listArguments = builder.args((t) => ({
  ...filterArguments,
  ranking: t.field({
    type: RankingInput,
    required: false,
    description: 'How to order the list. Default: by score.',
  }),
}))

export interface ListArguments {
  readonly filter?: ProductFilterShape | null | undefined
  readonly ranking?: typeof RankingInput.$inferInput | null | undefined
}

/** The engine's form of the client's arguments. */
interface ListOptions {
  readonly filter?: EngineFilter
  readonly arrangement?: Arrangement
}

/**
 * Reads and checks the arguments of a list. They are checked here because the engine answers many lists in one batch,
 * and an invalid one must not fail the others.
 * @throws {InvalidInputError} with the path of the invalid argument
 */
export function listOptions({ filter, ranking }: ListArguments, context: Context): ListOptions {
  return {
    ...(filter != null && { filter: filterOf(filter, context) }),
    ...(ranking != null && { arrangement: arrangementOf(ranking, context) }),
  }
}

function filterOf(filter: ProductFilterShape, context: Context): EngineFilter {
  const stated = withoutNulls(filter) as EngineFilter
  checkAt(['filter'], () => context.recommender.checkFilter(stated))
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
            `Unknown product "${sku}": pin a product by its SKU in the shop's data.`,
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
  checkAt(['ranking'], () => checkArrangement(arrangement))
  arrangement.boosts?.forEach(({ filter }, i) => {
    const inputPath = ['ranking', 'boosts', String(i), 'filter']
    checkAt(inputPath, () => recommender.checkFilter(filter))
    expectNoSmallCounts(filter, context, ...inputPath)
  })
  return arrangement
}

/** Runs a check of the engine, and turns its error into one with the path of the argument. */
function checkAt(inputPath: readonly string[], check: () => void): void {
  try {
    check()
  } catch (error) {
    if (error instanceof InvalidRequestError) throw badUserInput(error.message, ...inputPath, ...error.path)
    throw error
  }
}

/** Removes nulls: in GraphQL null may stand for a field that is left out; the engine accepts only the latter. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== null && part !== undefined)
      .map(([key, part]) => [key, withoutNulls(part)]),
  )
}
