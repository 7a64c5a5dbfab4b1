/** Which pages of other sites may send requests, and which may read the answers. */
import { GraphQLError } from 'graphql'
import type { CORSOptions, Plugin } from 'graphql-yoga'

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

/** How long a browser may cache the answer to a preflight, in seconds. */
const MAX_AGE = 600

/**
 * Lets pages of some origins read the answers, and those of no others. Without cookies: who asks says so in
 * `Authorization`, which a page has to know. To yoga's own list of origins pages without an origin ("null": of a file,
 * or in a sandboxed frame) would be as good as those of the list.
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

/** Says that answers differ by who asks, so that no cache gives one origin's to another. */
export function useVaryByOrigin(): Plugin {
  return {
    onResponse({ response }) {
      response.headers.append('Vary', 'Origin')
    },
  }
}
