import { GraphQLError, type ExecutionArgs, type ExecutionResult } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { type Deadline, unlessAborted } from './deadline.ts'

/** What the context of an operation must hold. */
export interface Timed {
  readonly deadline: Deadline
}

type Result = ExecutionResult | AsyncIterable<ExecutionResult>
type Execute = (args: ExecutionArgs) => PromiseLike<Result> | Result

/**
 * Answers an operation by its deadline, at worst with an error of code TIMEOUT. If the answer comes in parts (@defer,
 * subscriptions), the deadline is for the first; then the parts have their own time.
 * @param streamSeconds  how long the parts may take
 */
export function useRequestTimeout(streamSeconds: number): Plugin<Timed> {
  return {
    onExecute: ({ executeFn, setExecuteFn }) => setExecuteFn(limited(executeFn, streamSeconds)),
    onSubscribe: ({ subscribeFn, setSubscribeFn }) => setSubscribeFn(limited(subscribeFn, streamSeconds)),
  }
}

function limited(execute: Execute, streamSeconds: number) {
  return async (args: ExecutionArgs): Promise<Result> => {
    const { deadline } = args.contextValue as Timed
    const { over } = deadline
    try {
      const result = await unlessAborted(execute({ ...args, signal: over } as ExecutionArgs), over)
      if (Symbol.asyncIterator in result) {
        deadline.allow(streamSeconds)
        return limitedParts(result, deadline)
      }
      deadline.met()
      return result
    } catch (error) {
      deadline.met()
      return onlyError(error)
    }
  }
}

async function* limitedParts(
  parts: AsyncIterable<ExecutionResult>,
  deadline: Deadline,
): AsyncGenerator<ExecutionResult> {
  const iterator = parts[Symbol.asyncIterator]()
  try {
    for (;;) {
      const { done, value } = await unlessAborted(iterator.next(), deadline.over)
      if (done) return
      yield value
    }
  } catch (error) {
    yield { ...onlyError(error), hasNext: false } as ExecutionResult
  } finally {
    deadline.met()
    // Not awaited: this may be what hangs.
    void Promise.resolve(iterator.return?.()).catch(() => {})
  }
}

/** @throws {unknown} any error that is not for the client; it is masked later */
function onlyError(error: unknown): ExecutionResult {
  if (error instanceof GraphQLError) return { errors: [error] }
  throw error
}
