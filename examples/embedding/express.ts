// Recommendations under a path of an Express app: node express.ts shop.model
// In a clone of Rationale: node --conditions=@rationale/source examples/embedding/express.ts shop.model
import express from 'express'
import { Rationale } from 'rationale'

const rationale = await Rationale.open(process.argv[2])

const app = express()
app.get('/shop', (_request, response) => void response.send('Welcome to the shop.'))
// Who may ask is for the app to decide: put its own check before the handler.
app.use('/shop/graphql', await rationale.handler())

const port = Number(process.env.PORT ?? 4000)
app.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/shop/graphql`))
