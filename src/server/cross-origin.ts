/** Which pages of other sites may send requests, and which may read the answers. */
import { GraphQLError } from 'graphql'
import type { CORSOptions, Plugin } from 'graphql-yoga'

/**
 * Rejects every GET that a browser sends for a page of another site: the page could not read the answer, but the server
 * would do the work. Also rejects GETs with invalid JSON.
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

/** Whether a GET comes from another site. Browsers send these headers to another site only if CORS allows it. */
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

/** Reports invalid JSON in the variables of a GET as an error of the client; yoga would report an internal one. */
function readable<Parameters>(parse: () => Parameters): Parameters {
  try {
    return parse()
  } catch (cause) {
    throw new GraphQLError(`"variables" and "extensions" must be JSON: ${(cause as Error).message}.`, {
      extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
    })
  }
}

/** Seconds that a browser may cache the answer to a preflight. */
const MAX_AGE = 600

/**
 * Lets only pages of some origins read the answers. Cookies are not used: a page must know the token that it sends in
 * `Authorization`. Yoga's own list of origins would also accept pages without an origin ("null": from a file or in a
 * sandboxed frame).
 */
export function corsFor(origins: readonly string[]): (request: Request) => CORSOptions {
  const listed = new Set(origins)
  return ({ headers }) => {
    const origin = headers.get('origin')
    if (origin === null || !listed.has(origin)) return false
    return {
      origin: [origin],
      methods: ['GET', 'POST'],
      credentials: false,
      exposedHeaders: ['Retry-After', 'X-Request-Id'],
      maxAge: MAX_AGE,
    }
  }
}

/** Says that answers depend on the origin, so that no cache gives the answer for one origin to another. */
export function useVaryByOrigin(): Plugin {
  return {
    onResponse({ response }) {
      response.headers.append('Vary', 'Origin')
    },
  }
}
