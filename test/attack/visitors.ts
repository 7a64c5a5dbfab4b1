import { Command, Option } from 'commander'
import { pino } from 'pino'
import { wholeNumber } from '../../src/cli/options.ts'
import { startServer } from '../../src/server/server.ts'
import { ApiKeyStore } from '../../src/store/api-key-store.ts'
import { IN_MEMORY } from '../../src/store/database.ts'
import { smallRecommender } from '../api/shop.ts'

const GREEDY = '192.0.2.1'

/** Costs 1,300 or so. */
const DEAR = '{ products(first: 50) { edges { node { similar(first: 5) { edges { cursor } } } } } }'

export const visitors = new Command('visitors')
  .description(
    'has one visitor of a key that many share ask for all they can, and looks whether the others are answered',
  )
  .addOption(new Option('--seconds <n>').argParser(wholeNumber(1, 60)).default(10))
  .addHelpText('after', '\nExample:\n  npm run attack -- visitors')
  .action(async ({ seconds }: { seconds: number }) => {
    const { greedy, others } = await attackVisitors(seconds)
    console.log('The greedy one, by status:', greedy)
    console.log('The others, by status:', others)
    if (Object.keys(others).some((status) => status !== '200')) {
      console.error('One visitor stops the others.')
      process.exitCode = 1
    }
  })

function count(counts: Record<string, number>, status: number): void {
  counts[status] = (counts[status] ?? 0) + 1
}

/** One visitor asks for dear lists and nonsense without pause, ten others once a second each, all by one key. */
export async function attackVisitors(seconds: number) {
  const recommender = await smallRecommender()
  const apiKeys = new ApiKeyStore(IN_MEMORY)
  const { key } = apiKeys.create('pages of the shop', ['read'], null)
  const server = await startServer({
    recommender,
    apiKeys,
    host: '127.0.0.1',
    port: 0,
    production: true,
    trustProxy: 1,
    // A tenth of the default, so that the bucket is empty within a second or two.
    limits: { rateLimit: { capacity: 15_000, perSecond: 1500 } },
    logger: pino({ level: 'silent' }),
  })
  const ask = async (address: string, query: string) => {
    const response = await fetch(server.url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Authorization: `Bearer ${key}`,
        'X-Forwarded-For': address,
      },
      body: JSON.stringify({ query }),
    })
    await response.arrayBuffer()
    return response.status
  }
  const [greedy, others]: Record<string, number>[] = [{}, {}]
  const end = performance.now() + 1000 * seconds
  const waste = async (worker: number) => {
    for (let i = 0; performance.now() < end; i++)
      count(greedy, await ask(GREEDY, i % 2 === 0 ? DEAR : `{ nonsense${worker}_${i}`))
  }
  const visit = async (visitor: number) => {
    while (performance.now() < end) {
      count(
        others,
        await ask(`192.0.2.${10 + visitor}`, '{ trending(first: 10) { edges { node { rank } } } }'),
      )
      await new Promise((resolve) => setTimeout(resolve, 1000))
    }
  }
  try {
    await Promise.all([
      ...Array.from({ length: 8 }, (_, worker) => waste(worker)),
      ...Array.from({ length: 10 }, (_, visitor) => visit(visitor)),
    ])
    return { greedy, others }
  } finally {
    await server.close()
    recommender.close()
    apiKeys.close()
  }
}
