import type { Plugin } from 'graphql-yoga'
import { limitExceeded } from './limit-error.ts'

/** Lists and objects within others: far more than any input type of the schema makes sense of. */
const MAX_DEPTH = 100

/**
 * Refuses requests whose JSON is nested deeper than anything that is asked for: what reads variables goes into them by
 * calling itself, and would run out of stack.
 */
export function useInputDepth(): Plugin {
  return {
    onParams({ params }) {
      if (!isDeeper(params, MAX_DEPTH)) return
      throw limitExceeded({
        limit: 'inputDepth',
        maximum: MAX_DEPTH,
        status: 400,
        message: `The request's JSON is nested more than ${MAX_DEPTH} levels deep: use fewer.`,
      })
    },
  }
}

/** Level by level, so that depth itself takes no stack. */
function isDeeper(value: object, maximum: number): boolean {
  let level = [value]
  for (let depth = 1; depth <= maximum && level.length > 0; depth++) {
    level = level.flatMap((one): unknown[] => Object.values(one)).filter(isNested)
  }
  return level.length > 0
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
