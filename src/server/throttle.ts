import type { DocumentNode, GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { callerOf } from './caller.ts'
import { throttled } from './limit-error.ts'
import type { RateLimits, Spender } from './rate-limit.ts'

/** The points for a document that cannot be parsed, or that was parsed and is not trusted. */
export const UNREADABLE = 50

/** The points for an invalid document, added to its validation: its errors have to be written. */
const INVALID = 5

/**
 * Charges callers for parsing and validating new documents, which can be expensive even if they ask for little. Rejects
 * callers in debt before their document is read. Valid documents are charged like any other work, invalid ones to the
 * visitor only. `useOperationLimits` charges for the operations themselves.
 */
export function useThrottle(rateLimiter: RateLimits): Plugin<{ request: Request }> {
  return {
    async onParams({ request }) {
      const caller = callerOf(request)
      await rateLimiter.look(caller)
      const wait = Math.ceil(rateLimiter.owes(caller))
      if (wait > 0) throw tooLittle(caller, '', wait, rateLimiter)
    },
    onParse: ({ context: { request } }) => {
      return ({ result }) => {
        if (result instanceof Error) rateLimiter.chargeFault(callerOf(request), UNREADABLE)
      }
    },
    // Called only for documents that are not cached.
    onValidate({ context: { request }, validateFn, setValidationFn }) {
      setValidationFn((schema, document: DocumentNode, ...rest) => {
        const errors = validateFn(schema, document, ...rest)
        const cost = validationCost(document)
        if (errors.length === 0) rateLimiter.charge(callerOf(request), cost)
        else rateLimiter.chargeFault(callerOf(request), cost + INVALID)
        return errors
      })
    },
  }
}

/** Quadratic, since validation compares fields with each other: some 50 ms for 1,000 tokens. */
function validationCost({ tokenCount = 0 }: DocumentNode): number {
  return tokenCount ** 2 / 2000
}

/** Takes a cost from a caller's points. @returns the error if there are too few */
export async function throttledFor(
  caller: Spender,
  cost: number,
  rateLimiter: RateLimits,
): Promise<GraphQLError | null> {
  const wait = Math.ceil(await rateLimiter.take(caller, cost))
  return wait === 0 ? null : tooLittle(caller, `The operation may cost ${cost}: `, wait, rateLimiter)
}

function tooLittle(caller: Spender, asked: string, wait: number, rateLimiter: RateLimits): GraphQLError {
  const { currentlyAvailable, restoreRate } = rateLimiter.status(caller)
  return throttled(
    `${asked}you have ${currentlyAvailable} left, and ${restoreRate} is added every second`,
    wait,
  )
}
