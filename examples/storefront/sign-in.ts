/**
 * The part of a shop's own server that the page needs: it knows who is signed in, and signs a customer token for each
 * request that it passes on to Rationale. The browser holds no key and no token, and can ask about its own customer alone.
 * Vite's server stands in for the shop's here; a shop has the same few lines behind its own session.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { callbackify } from 'node:util'
import { importJWK, type JWK, SignJWT } from 'jose'
import type { Connect, Plugin } from 'vite'

/** @param key  what `rationale keys create --scope sign` printed */
export function signIn(key: string): Plugin {
  const jwk = JSON.parse(key) as JWK
  const privateKey = importJWK(jwk, 'EdDSA')

  /** Good for a minute: it is made for one request. */
  const tokenOf = async (customer: string) =>
    new SignJWT()
      .setProtectedHeader({ alg: 'EdDSA', kid: jwk.kid })
      .setSubject(customer)
      .setAudience('rationale')
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(await privateKey)

  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const named = searchParams.get('customer')
    // To look around: whoever names a customer in the address is signed in as them. A shop asks for a password here.
    if (named !== null && pathname === '/') {
      response.setHeader(
        'Set-Cookie',
        `customer=${encodeURIComponent(named)}; HttpOnly; SameSite=Strict; Path=/`,
      )
    }
    if (pathname === '/graphql') {
      delete request.headers.authorization
      const customer = signedIn(request)
      if (customer !== null) request.headers.authorization = `Bearer ${await tokenOf(customer)}`
    }
  }
  const passOn = callbackify(pass)
  const use = ({ middlewares }: { middlewares: Connect.Server }) =>
    void middlewares.use((request, response, next) => passOn(request, response, next))
  return { name: 'sign-in', configureServer: use, configurePreviewServer: use }
}

/** Whose session it is; null for nobody's. In a shop, what its session says, which no visitor can write. */
function signedIn({ headers }: IncomingMessage): string | null {
  const [, customer] = /(?:^|; )customer=([^;]*)/.exec(headers.cookie ?? '') ?? []
  return customer === undefined ? null : decodeURIComponent(customer)
}
