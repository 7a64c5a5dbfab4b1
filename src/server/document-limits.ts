import { GraphQLError, NoSchemaIntrospectionCustomRule } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { documentSizeRule } from './document-size.ts'
import { FiniteNumbersRule } from './finite-numbers.ts'
import { limitExceeded } from './limit-error.ts'
import type { Limits } from './limits.ts'

/**
 * Rejects documents that exceed limits which can be checked before execution. If introspection is off, error messages do
 * not suggest names of the schema either.
 */
export function useDocumentLimits(limits: Limits, introspection: boolean): Plugin {
  const hideSuggestions = !introspection
  const sizeRule = documentSizeRule(limits)
  return {
    onParse({ parseFn, setParseFn }) {
      setParseFn((source, options) => {
        try {
          return parseFn(source, { ...options, maxTokens: limits.tokens })
        } catch (error) {
          throw isTooLong(error) ? tooManyTokens(limits.tokens) : error
        }
      })
    },
    onValidate({ validateFn, setValidationFn, addValidationRule }) {
      addValidationRule(sizeRule)
      addValidationRule(FiniteNumbersRule)
      if (!introspection) addValidationRule(NoSchemaIntrospectionCustomRule)
      setValidationFn((schema, document, rules, options) =>
        validateFn(schema, document, rules, { ...options, hideSuggestions }),
      )
    },
    onExecute({ args }) {
      Object.assign(args, { hideSuggestions })
    },
    onSubscribe({ args }) {
      Object.assign(args, { hideSuggestions })
    },
  }
}

/** graphql 16 writes "that" for "than". */
function isTooLong(error: unknown): boolean {
  return error instanceof GraphQLError && / contains more tha[nt] \d+ tokens/.test(error.message)
}

function tooManyTokens(maximum: number): GraphQLError {
  return limitExceeded({
    limit: 'tokens',
    maximum,
    message: `The document has more than ${maximum} tokens: ask in several operations, with variables for values.`,
  })
}

/** Levels of lists and objects: far more than any input type of the schema has. */
const MAX_DEPTH = 100

/**
 * Rejects requests with deeply nested JSON: the functions that read variables are recursive, and would overflow the
 * stack.
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

/** Goes level by level, not recursively. */
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
