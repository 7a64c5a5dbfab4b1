// Recommendations under a path of a Fastify app: node fastify.ts shop.model
// In a project of yours, first: npm install rationale-engine fastify
// In a clone of Rationale: node --conditions=@rationale-engine/source examples/embedding/fastify.ts shop.model
import { fastify } from 'fastify'
import { Rationale } from 'rationale-engine'

const rationale = await Rationale.open(process.argv[2])
// To look around on one machine: in a shop, signedIn says who is asking, as in express.ts.
const handler = await rationale.handler({ scopes: ['read'], graphiql: true })

const app = fastify()
app.get('/shop', async () => 'Welcome to the shop.')
app.register(async (shop) => {
  // The handler reads bodies itself, and answers over the sockets of Node, so that it can stream.
  shop.removeAllContentTypeParsers()
  shop.addContentTypeParser('*', (_request, _body, done) => done(null))
  shop.all('/shop/graphql', (request, reply) => {
    reply.hijack()
    handler(request.raw, reply.raw)
  })
})

const address = await app.listen({ port: Number(process.env.PORT ?? 4000), host: '127.0.0.1' })
console.log(`${address}/shop/graphql`)
