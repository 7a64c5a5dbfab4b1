import type { DocumentNode, GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { callerOf } from './caller.ts'
import { throttled } from './limit-error.ts'
import type { Buckets } from './rate-limit.ts'

/** What a document costs that cannot be read, or that was read to find out that it is not trusted. */
export const UNREADABLE = 50

/**
 * Charges callers for having new documents read, which some can make dear without asking for much, and refuses whoever
 * owes something before anything of the request is read. What operations cost is taken by `useOperationLimits`.
 */
export function useThrottle(buckets: Buckets): Plugin<{ request: Request }> {
  const charge = ({ request }: { request: Request }, points: number) =>
    buckets.charge(callerOf(request).name, points)
  return {
    onParams({ request }) {
      const error = throttledFor(callerOf(request).name, 0, buckets)
      if (error) throw error
    },
    onParse: ({ context }) => {
      return ({ result }) => {
        if (result instanceof Error) charge(context, UNREADABLE)
      }
    },
    // Only asked for documents that are not kept.
    onValidate({ context, validateFn, setValidationFn }) {
      setValidationFn((schema, document: DocumentNode, ...rest) => {
        charge(context, validationCost(document))
        return validateFn(schema, document, ...rest)
      })
    },
  }
}

/** Fields are compared with each other: some 50 ms for 1,000 tokens. */
function validationCost({ tokenCount = 0 }: DocumentNode): number {
  return tokenCount ** 2 / 2000
}

/** Takes what something costs from a caller; the error where there is not so much. */
export function throttledFor(caller: string, cost: number, buckets: Buckets): GraphQLError | null {
  const wait = Math.ceil(buckets.take(caller, cost))
  if (wait === 0) return null
  const { currentlyAvailable, restoreRate } = buckets.status(caller)
  const asked = cost > 0 ? `The operation may cost ${cost}: ` : ''
  return throttled(
    `${asked}${currentlyAvailable} is left to you to spend, and ${restoreRate} is added every second`,
    wait,
  )
}
