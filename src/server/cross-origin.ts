import { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'

/**
 * Refuses every GET that a browser sends for a page of another site: that page could not read the answer, but it would
 * cost the server work. Refuses requests with invalid JSON, too.
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

/** Browsers need a preflight to send one of these headers to another site, which is refused: see `cors`. */
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

/** Makes invalid JSON in a GET's variables the client's error; yoga would treat it as an internal one. */
function readable<Parameters>(parse: () => Parameters): Parameters {
  try {
    return parse()
  } catch (cause) {
    throw new GraphQLError(`"variables" and "extensions" must be JSON: ${(cause as Error).message}.`, {
      extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
    })
  }
}
