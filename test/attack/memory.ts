import { Command, Option } from 'commander'
import { pino } from 'pino'
import { smallRecommender } from '../api/shop.ts'
import { wholeNumber } from '../../src/cli/options.ts'
import { startServer } from '../../src/server/server.ts'
import { growMemory, KINDS } from './memory-attack.ts'

/** Whatever was sent, and however much of it, no more may be left than so many bytes. */
export const GROWN_AT_MOST = 30 * 2 ** 20

export const memory = new Command('memory')
  .description(
    'sends documents, ids, keys and addresses that are new each time, and looks for what is kept of them',
  )
  .addOption(
    new Option('--requests <n>', 'of all kinds together').argParser(wholeNumber(100)).default(50_000),
  )
  .addOption(new Option('--kind <name>', 'this kind alone').choices(Object.keys(KINDS)))
  .addHelpText('after', '\nExample:\n  npm run attack -- memory')
  .action(async ({ requests, kind }: { requests: number; kind?: string }) => {
    const kinds = kind ? [kind] : Object.keys(KINDS)
    const each = Math.ceil(requests / kinds.length)
    const { answers, bytes } = await attackMemory(Object.fromEntries(kinds.map((name) => [name, each])))
    console.log(
      `${each} each of ${kinds.length} kinds: ${(bytes / 2 ** 20).toFixed(1)} MB more are reachable`,
    )
    console.log(answers)
    if (bytes > GROWN_AT_MOST) {
      console.error(`More than ${GROWN_AT_MOST / 2 ** 20} MB: something is kept of what clients send.`)
      process.exitCode = 1
    }
  })

/** Attacks a server of the small shop, where nobody is limited in how much they ask. */
export async function attackMemory(counts: Readonly<Record<string, number>>) {
  const recommender = await smallRecommender()
  const server = await startServer({
    recommender,
    host: '127.0.0.1',
    port: 0,
    production: true,
    trustProxy: 1,
    insecure: true,
    logger: pino({ level: 'silent' }),
    limits: { rateLimit: null },
  })
  try {
    return await growMemory(server.url, counts)
  } finally {
    await server.close()
    recommender.close()
  }
}
