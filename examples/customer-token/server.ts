// A shop's server that signs customer tokens for its pages, which ask Rationale themselves:
//
//   RATIONALE_SIGNING_KEY=$(npx rationale-engine keys create --store shop.model.sqlite --name sign-in --scope sign)
//   npx rationale-engine serve --model shop.model --require-keys --cors-origin http://localhost:3000
//   RATIONALE_SIGNING_KEY=… node server.ts
//
// A page asks its own server for a token, sends it as `Authorization: Bearer …` with what it asks, and asks for another
// when that has expired (401, code UNAUTHENTICATED). A JSON Web Token can be signed so in every language.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { importJWK, SignJWT } from 'jose'

const jwk = JSON.parse(process.env.RATIONALE_SIGNING_KEY!)
const key = await importJWK(jwk, 'EdDSA')

/** @param customer  the shop's own id of who is signed in, as in the order history */
function customerToken(customer: string): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: 'EdDSA', kid: jwk.kid })
    .setSubject(customer)
    .setAudience('rationale')
    .setIssuedAt()
    .setExpirationTime('10m')
    .sign(key)
}

/** In a shop, sessions come from signing in with a password. */
const SESSIONS = new Map([['s3cr3t-of-ana', 'customer-1']])

const server = createServer(async (request, response) => {
  const [, session = ''] = /(?:^|; )session=([^;]*)/.exec(request.headers.cookie ?? '') ?? []
  const customer = SESSIONS.get(session)
  response.setHeader('Content-Type', 'application/json')
  response.setHeader('Cache-Control', 'no-store')
  if (request.url !== '/token' || customer === undefined) {
    response.writeHead(customer === undefined ? 401 : 404).end('{}')
    return
  }
  response.end(JSON.stringify({ token: await customerToken(customer) }))
})
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  console.log(`http://127.0.0.1:${port}/token`)
})
