// Recommendations under a path of an Express app: node express.ts shop.model
// In a project of yours, first: npm install rationale-engine express
// In a clone of Rationale: node --conditions=@rationale-engine/source examples/embedding/express.ts shop.model
import express from 'express'
import { Rationale } from 'rationale-engine'

const rationale = await Rationale.open(process.argv[2])

const app = express()
app.get('/shop', (_request, response) => void response.send('Welcome to the shop.'))
// Without options visitors are answered about products alone. To look around on one machine this answers whoever reaches
// it about every customer; a shop says who is signed in instead: signedIn: (request) => the customer of its session.
app.use('/shop/graphql', await rationale.handler({ scopes: ['read'], graphiql: true }))

const port = Number(process.env.PORT ?? 4000)
app.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/shop/graphql`))
