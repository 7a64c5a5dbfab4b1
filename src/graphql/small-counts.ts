/**
 * Small counts (of customers, orders or units) could identify single customers. Only callers with scope `read` see
 * them. For all others the numbers from 1 to FEW - 1 are "a few"; where a number is needed it is FEW - 1.
 */
import type { Reason } from '../engine/reason.ts'
import type { Recommendation, Strategy } from '../engine/recommendation.ts'
import type { ProductFilter } from '../engine/product-filter.ts'
import type { Context } from './context.ts'
import { badUserInput } from './errors.ts'
import { DAY } from '../data/ranges.ts'

/** Counts from 1 to below this are "a few". */
export const FEW = 5

/** The description of fields with such a count. */
export const FEW_DESCRIPTION = `Without scope \`read\`, ${FEW - 1} also stands for 1 to ${FEW - 2}: a few.`

/** Whether a caller sees exact counts. */
export function seesExactCounts({ caller }: Pick<Context, 'caller'>): boolean {
  return caller.scopes.has('read')
}

/** The description of arguments that name a moment. */
export const MOMENT_DESCRIPTION = 'Without scope `read` it is rounded down to the start of the day in UTC.'

/**
 * The moment of a list, in ms since 1970, rounded to the day if the caller sees no exact counts. Lists for many exact
 * moments would reveal when single sales were made, and sales at the same moment are one order.
 */
export function allowedMoment(at: Date, context: Pick<Context, 'caller'>): number {
  const time = at.getTime()
  return seesExactCounts(context) ? time : Math.floor(time / DAY) * DAY
}

/** Whether a count is only "a few" for a caller. */
export function isFew(count: number, context: Pick<Context, 'caller'>): boolean {
  return count > 0 && count < FEW && !seesExactCounts(context)
}

/** The count that a caller may see. */
export function visibleCount(count: number, context: Pick<Context, 'caller'>): number {
  return isFew(count, context) ? FEW - 1 : count
}

/** The strategies whose scores are counts. */
const COUNTING: ReadonlySet<Strategy> = new Set(['POPULARITY', 'TRENDING', 'SAME_ORDER'])

/**
 * The recommendation that a caller may see. In a list whose scores are counts, a score that is "a few" becomes FEW - 1;
 * its parts are scaled and still sum to it. If one of several reasons is "a few", all reasons get equal amounts.
 */
export function visibleRecommendation(
  item: Recommendation,
  strategy: Strategy,
  context: Pick<Context, 'caller'>,
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
    reasons: () => visibleReasons(item.reasons(), factor),
  }
}

function visibleReasons(reasons: readonly Reason[], factor: number): readonly Reason[] {
  const areEqual = reasons.some(({ amount }) => amount < FEW)
  const total = factor * reasons.reduce((sum, { amount }) => sum + amount, 0)
  return reasons.map((reason) => ({
    ...reason,
    amount: areEqual ? total / reasons.length : reason.amount,
    share: areEqual ? 1 / reasons.length : reason.share,
  }))
}

/**
 * Rejects filters that could reveal small counts: a caller could compare the products above two neighbouring limits.
 * @throws {InvalidInputError} if a filter has a limit within the small counts and the caller may not see them
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
