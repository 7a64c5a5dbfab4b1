// Rationale's schema in an Apollo Server: node apollo-server.ts shop.model
// In a project of yours, first: npm install rationale-engine @apollo/server
// In a clone of Rationale: node --conditions=@rationale-engine/source examples/embedding/apollo-server.ts shop.model
//
// A schema and its server need one and the same copy of graphql. Apollo Server 5 asks for graphql 16, and Rationale takes
// what is there.
//
// To look around on one machine, and no further: startStandaloneServer lets pages of every site read the answers
// (Access-Control-Allow-Origin: *), and a schema has no limits and no authentication. They are your server's to add:
// mount Apollo's expressMiddleware in one of yours, without cors() and behind what asks who is there.
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import { Rationale } from 'rationale-engine'

const rationale = await Rationale.open(process.argv[2])

const server = new ApolloServer({ schema: rationale.schema })
const { url } = await startStandaloneServer(server, {
  listen: { port: Number(process.env.PORT ?? 4000), host: '127.0.0.1' },
  // Whoever reaches this may ask about every customer: behind a session of yours, pass `customer` in place of it.
  context: async () => rationale.context({ scopes: ['read'] }),
})
console.log(url)
