import type { ExecutionArgs, ExecutionResult, GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { CostTable } from '../graphql/cost.ts'
import { callerOf } from './caller.ts'
import { limitExceeded, tooManyObjects } from './limit-error.ts'
import type { Limits } from './limits.ts'
import type { CostMeter } from './cost-meter.ts'
import type { OperationCost } from './operation-cost.ts'
import { type RequestInputs, operationEstimates } from './operation-estimates.ts'
import type { ThrottleStatus } from './token-bucket.ts'
import type { Timed } from './request-timeout.ts'
import type { RateLimits } from './rate-limit.ts'
import { throttledFor } from './throttle.ts'

/** `extensions.cost` of a response. */
interface CostExtension {
  readonly requested: number
  readonly maximum: number
  /** Left out if callers are not limited. */
  readonly throttle?: ThrottleStatus
}

/** What the context of an operation must hold. */
interface Metered extends Timed {
  readonly request: Request
  readonly meter: CostMeter
}

/** The points for rejecting an operation that is too expensive. */
const REFUSED = 5

/**
 * Estimates the cost and the objects of an operation before it is executed. Rejects it if they exceed the limits of one
 * operation (LIMIT_EXCEEDED) or what its caller has left (THROTTLED). Every response holds the estimate.
 */
export function useOperationLimits(
  limits: Pick<Limits, 'cost' | 'nodes'>,
  table: CostTable,
  inputs: RequestInputs,
  rateLimiter: RateLimits | null,
): Plugin {
  const estimateOf = operationEstimates(table, inputs)
  const price = async (args: ExecutionArgs, refuse: (result: ExecutionResult) => void) => {
    const { request, meter, deadline } = args.contextValue as Metered
    const caller = callerOf(request)
    const estimate = estimateOf(args, caller.customer)
    if (estimate === null) return undefined
    const excess = tooMuch(estimate, limits)
    if (excess) rateLimiter?.chargeFault(caller, REFUSED)
    const refusal = excess ?? (rateLimiter && (await throttledFor(caller, estimate.cost, rateLimiter)))
    const cost: CostExtension = {
      requested: estimate.cost,
      maximum: limits.cost,
      ...(rateLimiter && { throttle: rateLimiter.status(caller) }),
    }
    if (refusal) {
      deadline.met()
      refuse({ errors: [refusal], extensions: { cost } })
      return undefined
    }
    meter.pay(estimate.cost)
    return cost
  }
  return {
    async onExecute({ args, setResultAndStopExecution }) {
      const cost = await price(args, setResultAndStopExecution)
      if (cost === undefined) return undefined
      return { onExecuteDone: ({ result, setResult }) => setResult(withCost(result, cost)) }
    },
    async onSubscribe({ args, setResultAndStopExecution }) {
      const cost = await price(args, setResultAndStopExecution)
      if (cost === undefined) return undefined
      return { onSubscribeResult: ({ result, setResult }) => setResult(withCost(result, cost)) }
    },
  }
}

function tooMuch(
  { cost, nodes }: OperationCost,
  limits: Pick<Limits, 'cost' | 'nodes'>,
): GraphQLError | null {
  if (cost > limits.cost) {
    return limitExceeded({
      limit: 'cost',
      maximum: limits.cost,
      requested: cost,
      message:
        `The operation may cost ${cost}, at most ${limits.cost} is allowed: ask for shorter pages, or leave out what ` +
        'is expensive (decisivePurchases, whatIf, lists within lists).',
    })
  }
  if (nodes > limits.nodes) {
    return tooManyObjects(nodes, limits.nodes)
  }
  return null
}

/** Adds the cost to a result; in a response of several parts, to the first. */
function withCost<Result extends ExecutionResult | AsyncIterable<ExecutionResult>>(
  result: Result,
  cost: CostExtension,
): Result {
  if (Symbol.asyncIterator in result) return firstWithCost(result, cost) as unknown as Result
  return { ...result, extensions: { ...result.extensions, cost } }
}

async function* firstWithCost(
  parts: AsyncIterable<ExecutionResult>,
  cost: CostExtension,
): AsyncGenerator<ExecutionResult> {
  let isFirst = true
  for await (const part of parts) {
    yield isFirst ? withCost(part, cost) : part
    isFirst = false
  }
}
