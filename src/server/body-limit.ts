import type { ExecutionResult } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { limitExceeded } from './limit-error.ts'

/** Says how long a request's body may be where yoga, which counts, says only that it is too long. */
export function useBodyLimit(maximum: number): Plugin {
  return {
    onResultProcess({ result, setResult }) {
      const { errors } = result as ExecutionResult
      if (!errors?.some(({ extensions }) => extensions['code'] === 'REQUEST_ENTITY_TOO_LARGE')) return
      setResult({ errors: [tooLong(maximum)] })
    },
  }
}

function tooLong(maximum: number) {
  return limitExceeded({
    limit: 'bodyBytes',
    maximum,
    status: 413,
    message: `The request is longer than ${maximum} bytes: ask in several operations.`,
  })
}
