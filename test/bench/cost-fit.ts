/**
 * Fits the constants of the price table to what the operations of a search took of the processor. Prices are to be off
 * by a factor as small as can be, so that the squares of the logarithms of price over measurement are made least, by
 * Gauss and Newton's method with constants of 0 or more (Björck 1996, Numerical Methods for Least Squares Problems,
 * chapters 5 and 9): each step is a non-negative linear problem, solved by one coordinate after the other. What no
 * operation tells apart stays near what it was.
 */
import { getOperationAST, type OperationDefinitionNode, parse } from 'graphql'
import { costTable, EXPLANATION_COST, UNIT } from '../../src/graphql/cost.ts'
import { variablesOf } from '../../src/graphql/graphql-versions.ts'
import { historiesOf } from '../../src/engine/history.ts'
import { costInputs } from '../../src/graphql/cost-inputs.ts'
import { PRICES, type Prices } from '../../src/graphql/prices.ts'
import { schema } from '../../src/graphql/schema.ts'
import type { Model } from '../../src/model/model.ts'
import { operationCost } from '../../src/server/operation-cost.ts'
import { type DearOperation, searchedShop, searchIn } from './cost-search.ts'
import { olistIsThere } from './matrices.ts'

/** Constants as they are fitted, and how well. */
export interface CostFit {
  readonly prices: Prices
  readonly operations: number
  /** How many of the operations lie within a factor of 3 of their price: before, and as fitted. */
  readonly within: { readonly before: number; readonly after: number }
}

/** So much may an operation cost that is fitted to, by the prices as they are: dear ones are to be heard of, too. */
const MOST = 8000

/** Not fitted: plain lists, which `costs` measures by themselves; and the search has one condition a filter. */
const FIXED: ReadonlySet<string> = new Set([
  'list',
  'listOfMany',
  'place',
  'recommendation',
  'condition',
] satisfies (keyof Prices)[])

const STEPS = 8

/** How much a constant is held to what it was, as so many operations would that are off by all of it. */
const HELD = 3

/** No constant falls below this part of what it was: what a search has little of is not to be had for nothing. */
const LEAST = 0.2

/** Of the operations of searches with several seeds; undefined without Olist's data. */
export async function fitCosts({
  seeds,
  tries,
}: {
  readonly seeds: readonly number[]
  readonly tries: number
}): Promise<CostFit | undefined> {
  if (!olistIsThere()) return undefined
  const { model, kernels } = await searchedShop()
  const operations: DearOperation[] = []
  for (const seed of seeds) {
    const { all } = await searchIn(model, kernels, { seed, tries }, { cost: MOST })
    operations.push(...all)
  }
  await kernels.close()
  return fittedTo(model, operations)
}

/** As `fitCosts`, to what has been measured. */
export function fittedTo(model: Model, operations: readonly DearOperation[]): CostFit {
  const names = Object.keys(PRICES).filter((name) => !FIXED.has(name))
  const scale = names.map((name) => PRICES[name as keyof Prices] || 1)
  const asked = operations.map(({ query }) => getOperationAST(parse(query))!)
  const measured = operations.map(({ milliseconds }) => Math.log(milliseconds / UNIT))
  const pricesOf = (x: readonly number[]): Prices => ({
    ...PRICES,
    ...Object.fromEntries(names.map((name, j) => [name, x[j] * scale[j]])),
  })
  const logs = (x: readonly number[], which: readonly number[] = asked.map((_, i) => i)) => {
    const price = pricing(model, pricesOf(x))
    return which.map((i) => Math.log(price(asked[i])))
  }
  const start = names.map(() => 1)
  // Which operations a constant has to do with: of the others no derivative is asked.
  const first = logs(start)
  const touched = names.map((_, j) => {
    const moved = logs(start.map((value, k) => (k === j ? 2 : value)))
    return moved.flatMap((value, i) => (value === first[i] ? [] : [i]))
  })
  let x: number[] = start
  for (let step = 0; step < STEPS; step++) {
    const now = logs(x)
    const columns = names.map((_, j) => {
      const by = Math.max(0.1, x[j] / 4)
      const moved = logs(
        x.map((value, k) => (k === j ? value + by : value)),
        touched[j],
      )
      return touched[j].map((i, at) => ({ row: i, value: (moved[at] - now[i]) / by }))
    })
    const residuals = measured.map((value, i) => value - now[i])
    x = stepped(x, columns, residuals)
  }
  const within = (y: readonly number[]) =>
    logs(y).filter((value, i) => Math.abs(value - measured[i]) <= Math.log(3)).length
  return {
    prices: rounded(pricesOf(x)),
    operations: operations.length,
    within: { before: within(start), after: within(x) },
  }
}

/**
 * Of the linear problem around x the solution of 0 or more, by one coordinate after the other.
 * @param columns  the derivative by each constant, sparse
 */
function stepped(
  x: readonly number[],
  columns: readonly (readonly { readonly row: number; readonly value: number }[])[],
  residuals: number[],
): number[] {
  const next = [...x]
  const left = [...residuals]
  for (let sweep = 0; sweep < 200; sweep++) {
    columns.forEach((column, j) => {
      let gradient = HELD * (1 - next[j])
      let curvature = HELD
      for (const { row, value } of column) {
        gradient += value * left[row]
        curvature += value ** 2
      }
      // No further than half or twice at once: the problem is linear only nearby.
      const most = 2 * x[j] + 0.1
      const to = Math.min(most, Math.max(x[j] / 2, LEAST, next[j] + gradient / curvature))
      for (const { row, value } of column) left[row] -= value * (to - next[j])
      next[j] = to
    })
  }
  return next
}

const NO_VARIABLES = variablesOf(schema, [], {}, { maxErrors: 1 })!

/** Prices operations as the server does. */
function pricing(model: Model, prices: Prices): (operation: OperationDefinitionNode) => number {
  const table = costTable(EXPLANATION_COST.TEMPLATE, prices)
  const reading = {
    schema,
    table,
    shop: { ...costInputs(() => ({ model, histories: historiesOf(model) })), own: 0 },
    variables: NO_VARIABLES,
    fragments: new Map(),
  }
  return (operation) => operationCost(operation, reading).cost
}

const rounded = (prices: Prices) =>
  Object.fromEntries(
    Object.entries(prices).map(([name, price]) => [name, Number(price.toPrecision(2))]),
  ) as Prices

/** The constants as src/graphql/prices.ts has them, and how well they fit. */
export function describeCostFit({ prices, operations, within }: CostFit): string[] {
  return [
    ...Object.entries(prices).map(([name, price]) => `  ${name}: ${price},`),
    `of ${operations} operations ${within.before} lay within 3 × of their price, and ${within.after} do by these`,
  ]
}
