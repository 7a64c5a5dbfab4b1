import type { Arrangement } from '../engine/arrangement.ts'
import { checkArrangement } from '../engine/arrangement.ts'
import { InvalidRequestError } from '../engine/errors.ts'
import type { ProductFilter } from '../engine/product-filter.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { badUserInput } from './errors.ts'
import { expectNoSmallCounts } from './small-counts.ts'
import { ProductFilter as ProductFilterInput, type ProductFilterShape } from './types/product-filter.ts'
import { RankingInput } from './types/ranking-input.ts'

/** Of every list of products. */
export const filterArguments = builder.args((t) => ({
  filter: t.field({
    type: ProductFilterInput,
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
export interface ListOptions {
  readonly filter?: ProductFilter
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

function filterOf(filter: ProductFilterShape, context: Context): ProductFilter {
  const stated = withoutNulls(filter) as ProductFilter
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
        filter: withoutNulls(filter) as ProductFilter,
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
