import { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'

/**
 * Refuses every GET that a browser says is sent for a page of another site: no such page could read the answer, but it
 * is worked out, and by a server on the visitor's own machine. Refuses as well those whose JSON cannot be read.
 */
export function useGetRequests(): Plugin {
  return {
    onRequestParse({ request, requestParser, setRequestParser }) {
      if (request.method !== 'GET') return
      if (isFromElsewhere(request.headers)) throw crossSite()
      if (requestParser) setRequestParser((get) => readable(() => requestParser(get)))
    },
  }
}

/** Browsers ask before they send one of these headers to another site, and are not answered: see `cors`. */
function isFromElsewhere(headers: Headers): boolean {
  const site = headers.get('sec-fetch-site')
  if (site !== 'cross-site' && site !== 'same-site') return false
  return !headers.has('authorization') && headers.get('content-type') !== 'application/json'
}

function crossSite(): GraphQLError {
  return new GraphQLError(
    'A browser sent this GET for a page of another site: ask from a page of this site, or by POST as application/json.',
    { extensions: { code: 'CROSS_SITE_REQUEST', http: { status: 403 } } },
  )
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
