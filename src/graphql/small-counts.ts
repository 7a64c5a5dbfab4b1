/**
 * What is said of counts so small that they tell of single customers: how many bought, in how many orders, how many units.
 * Only who may `read` customers is told them; everybody else is told a few, which is all numbers from 1 to FEW - 1 and is
 * written as the greatest of them where a number has to stand.
 */
import type { Reason } from '../engine/reason.ts'
import type { Recommendation, Strategy } from '../engine/recommendation.ts'
import type { ProductFilter } from '../engine/product-filter.ts'
import type { Context } from './context.ts'
import { badUserInput } from './errors.ts'

/** Counts below this are a few. */
export const FEW = 5

/** Of fields with such a count. */
export const FEW_DESCRIPTION = `Without scope \`read\` 1 to ${FEW - 1} are all told as ${FEW - 1}: a few.`

/** Whether a caller is told every count as it is. */
export function seesExactCounts({ asker }: Pick<Context, 'asker'>): boolean {
  return asker.scopes.has('read')
}

const DAY = 86_400_000

/** Of arguments that name a moment. */
export const MOMENT_DESCRIPTION = 'Without scope `read` it is taken as the beginning of its day, in UTC.'

/**
 * A moment, as precise as the caller may ask about it, in ms since 1970: lists of many moments tell when single sales
 * were made, and sales of one moment were one order.
 */
export function askedMoment(at: Date, context: Pick<Context, 'asker'>): number {
  const time = at.getTime()
  return seesExactCounts(context) ? time : Math.floor(time / DAY) * DAY
}

/** Whether a count is told to a caller as a few. */
export function isFew(count: number, context: Pick<Context, 'asker'>): boolean {
  return count > 0 && count < FEW && !seesExactCounts(context)
}

/** A count, as the caller may know it. */
export function shownCount(count: number, context: Pick<Context, 'asker'>): number {
  return isFew(count, context) ? FEW - 1 : count
}

/** How lists are made whose scores are counts. */
const COUNTING: ReadonlySet<Strategy> = new Set(['POPULARITY', 'TRENDING', 'SAME_ORDER'])

/**
 * A recommendation of a list whose score is a count, as the caller may know it: one that counts a few is given as FEW - 1,
 * and so are its parts, which still sum to it. Where one of several reasons counts a few they share the score equally.
 */
export function shownRecommendation(
  item: Recommendation,
  strategy: Strategy,
  context: Pick<Context, 'asker'>,
): Recommendation {
  if (!COUNTING.has(strategy) || seesExactCounts(context)) return item
  const factor = isFew(item.hybrid, context) ? (FEW - 1) / item.hybrid : 1
  const scaled = (value: number | null) => (value === null ? null : factor * value)
  return {
    rank: item.rank,
    product: item.product,
    hybrid: factor * item.hybrid,
    sources: item.sources.map(({ source, value, weight, contribution }) => ({
      source,
      value: scaled(value),
      weight,
      contribution: scaled(contribution),
    })),
    arranged: { ...item.arranged, final: factor * item.arranged.final },
    get reasons() {
      return shownReasons(item.reasons, factor)
    },
  }
}

function shownReasons(reasons: readonly Reason[], factor: number): readonly Reason[] {
  const areEqual = reasons.some(({ amount }) => amount < FEW)
  const total = factor * reasons.reduce((sum, { amount }) => sum + amount, 0)
  return reasons.map((reason) =>
    Object.assign({}, reason, {
      amount: areEqual ? total / reasons.length : reason.amount,
      share: areEqual ? 1 / reasons.length : reason.share,
    }),
  )
}

/**
 * By asking for the products that sold so many units, and one more, small counts would be found out.
 * @throws {InvalidInputError} where a filter asks for a number between those, and the caller may not know them
 */
export function expectNoSmallCounts(filter: ProductFilter, context: Context, ...inputPath: string[]): void {
  const { minPopularity, and = [], or = [], not } = filter
  if (minPopularity !== undefined && minPopularity > 1 && minPopularity < FEW && !seesExactCounts(context)) {
    throw badUserInput(
      `"minPopularity" is ${minPopularity}: without scope "read" ask for 1 or less, or for ${FEW} or more.`,
      ...inputPath,
      'minPopularity',
    )
  }
  and.forEach((part, i) => expectNoSmallCounts(part, context, ...inputPath, 'and', String(i)))
  or.forEach((part, i) => expectNoSmallCounts(part, context, ...inputPath, 'or', String(i)))
  if (not) expectNoSmallCounts(not, context, ...inputPath, 'not')
}
