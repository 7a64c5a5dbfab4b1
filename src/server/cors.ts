import type { CORSOptions, Plugin } from 'graphql-yoga'

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
