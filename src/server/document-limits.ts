import { GraphQLError, NoSchemaIntrospectionCustomRule } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { documentSizeRule } from './document-size.ts'
import { FiniteNumbersRule } from './finite-numbers.ts'
import { limitExceeded } from './limit-error.ts'
import type { Limits } from './limits.ts'

/**
 * Refuses documents for what can be seen of them before they are executed. Where introspection is closed, error
 * messages do not suggest names of the schema either.
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

/** graphql 16 says "that" for "than". */
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
