/** A server of the small shop in a process of its own, which stops as `serve` does. Says its address, then only works. */
import { once } from 'node:events'
import { pino } from 'pino'
import { smallRecommender } from '../api/shop.ts'
import { abortOnInterruption } from '../../src/cli/interruption.ts'
import { startServer } from '../../src/server/server.ts'

const signal = abortOnInterruption()
const recommender = await smallRecommender()
const server = await startServer({
  recommender,
  host: '127.0.0.1',
  port: 0,
  production: true,
  logger: pino({ level: 'silent' }),
  limits: { rateLimit: null },
})
console.log(server.url)
if (!signal.aborted) await once(signal, 'abort')
await server.close()
recommender.close()
