import { Command, Option } from 'commander'
import { wholeNumber } from '../../src/cli/options.ts'
import { startKeyedServer, statusFor } from '../api/keyed-server.ts'

const GREEDY = '192.0.2.1'

/** Costs about 1,300. */
const EXPENSIVE = '{ products(first: 50) { edges { node { similar(first: 5) { edges { cursor } } } } } }'

export const visitors = new Command('visitors')
  .description(
    'lets one of many visitors of a key send as much as possible, and checks that the others are answered',
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

/** One visitor sends expensive and invalid queries without pause, ten others one per second each, all with one key. */
export async function attackVisitors(seconds: number) {
  const server = await startKeyedServer({
    trustProxy: 1,
    // A tenth of the default, so that the bucket is empty within a second or two.
    limits: { rateLimit: { capacity: 15_000, perSecond: 1500 } },
  })
  const { key } = await server.apiKeys.create('pages of the shop', ['read'], null)
  const ask = (address: string, query: string) => statusFor(server.url, key, address, query)
  const [greedy, others]: Record<string, number>[] = [{}, {}]
  const end = performance.now() + 1000 * seconds
  const waste = async (worker: number) => {
    for (let i = 0; performance.now() < end; i++)
      count(greedy, await ask(GREEDY, i % 2 === 0 ? EXPENSIVE : `{ nonsense${worker}_${i}`))
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
  }
}
