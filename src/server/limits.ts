import { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'

/** Bytes of a request's body. */
export const MAX_BODY_SIZE = 100 * 1024

/** Tokens of a document; GraphiQL's introspection has some 300. */
export const MAX_TOKENS = 1000

/** Stops parsing long documents; in production, keeps the schema's names out of error messages. */
export function useDocumentLimits(production: boolean): Plugin {
  const hideSuggestions = production
  return {
    onParse({ parseFn, setParseFn }) {
      setParseFn((source, options) => parseFn(source, { ...options, maxTokens: MAX_TOKENS }))
    },
    onValidate({ validateFn, setValidationFn }) {
      setValidationFn((schema, document, rules, options) =>
        validateFn(schema, document, rules, { ...options, hideSuggestions }),
      )
    },
    onExecute({ args }) {
      Object.assign(args, { hideSuggestions })
    },
  }
}

/**
 * Refuses every POST that is not JSON, and every GET whose JSON cannot be read. Browsers send forms and plain text to
 * any site without asking it first, so that another site's page could have its visitor's browser post queries here.
 */
export function useJsonOnly(): Plugin {
  return {
    onRequestParse({ request, requestParser, setRequestParser }) {
      if (request.method === 'GET') setRequestParser((get) => readable(() => requestParser!(get)))
      if (request.method !== 'POST') return
      const type = request.headers.get('content-type')?.split(';')[0].trim().toLowerCase()
      if (type === 'application/json') return
      throw new GraphQLError(`POST takes application/json, not ${type ?? 'a body without a content type'}.`, {
        extensions: {
          code: 'UNSUPPORTED_MEDIA_TYPE',
          http: { status: 415, headers: { Accept: 'application/json' } },
        },
      })
    },
  }
}

/** Yoga would take what JSON.parse throws at a GET's variables for an error of its own. */
function readable<Parameters>(parse: () => Parameters): Parameters {
  try {
    return parse()
  } catch (cause) {
    throw new GraphQLError(`"variables" and "extensions" must be JSON: ${(cause as Error).message}.`, {
      extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
    })
  }
}
