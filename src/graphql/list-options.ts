import type { Arrangement } from '../engine/arrangement.ts'
import { checkArrangement } from '../engine/arrangement.ts'
import { InvalidRequestError } from '../engine/errors.ts'
import type { ProductFilter } from '../engine/product-filter.ts'
import type { Recommender } from '../engine/recommender.ts'
import { builder } from './builder.ts'
import { badUserInput } from './errors.ts'
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
export function listOptions({ filter, ranking }: ListArguments, recommender: Recommender): ListOptions {
  return {
    ...(filter != null && { filter: filterOf(filter, recommender) }),
    ...(ranking != null && { arrangement: arrangementOf(ranking, recommender) }),
  }
}

function filterOf(filter: ProductFilterShape, recommender: Recommender): ProductFilter {
  const stated = withoutNulls(filter) as ProductFilter
  granting(['filter'], () => recommender.checkFilter(stated))
  return stated
}

function arrangementOf(
  { boosts, pins, ...rest }: typeof RankingInput.$inferInput,
  recommender: Recommender,
): Arrangement {
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
  arrangement.boosts?.forEach(({ filter }, i) =>
    granting(['ranking', 'boosts', String(i), 'filter'], () => recommender.checkFilter(filter)),
  )
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
