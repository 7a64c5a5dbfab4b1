// Rationale's schema in a GraphQL Yoga of your own, with a field of your own: node yoga.ts shop.model
// In a project of yours, first: npm install rationale-engine graphql-yoga
// In a clone of Rationale: node --conditions=@rationale-engine/source examples/embedding/yoga.ts shop.model
//
// A schema has no limits, no authentication and no CORS: they are this server's to add before it leaves this machine.
import { createServer } from 'node:http'
import { extendSchema, type GraphQLObjectType, parse } from 'graphql'
import { createYoga } from 'graphql-yoga'
import { Rationale } from 'rationale-engine'

const rationale = await Rationale.open(process.argv[2])
const { products } = rationale.model

const schema = extendSchema(
  rationale.schema,
  parse('extend type Product { "How many are left." stock: Int! }'),
)
const Product = schema.getType('Product') as GraphQLObjectType<{ index: number }>
// A product stands in resolvers as its index in the model.
Product.getFields().stock.resolve = ({ index }) => stockOf(products.at(index))

const yoga = createYoga({
  schema,
  // Whoever reaches this may ask about every customer: behind a session of yours, pass `customer` in place of it.
  context: ({ request }) => rationale.context({ scopes: ['read'], signal: request.signal }),
  // Else pages of every other site could read what the shop's customers bought.
  cors: false,
})
const port = Number(process.env.PORT ?? 4000)
createServer(yoga).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/graphql`))

/** In a shop, a question to its own database. */
function stockOf(sku: string): number {
  return sku.length
}
