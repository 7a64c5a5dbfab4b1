import { Command, Option } from 'commander'
import { pino } from 'pino'
import { wholeNumber } from '../../src/cli/options.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { configure } from '../../src/model/configuration.ts'
import { fitModel } from '../../src/model/fit.ts'
import { startServer } from '../../src/server/server.ts'
import { type Ask, attackBaskets, longTailedShop, type Taken } from './basket-attack.ts'

/** Of the products that only one customer bought beside another, so many may be guessed by what else is alike. */
export const GUESSED_AT_MOST = 0.05

export const baskets = new Command('baskets')
  .description('recovers whole purchase histories by asking what goes with products that one customer bought')
  .addOption(new Option('--customers <n>', 'of the shop').argParser(wholeNumber(10)).default(400))
  .addOption(
    new Option('--least-customers <n>', 'of the server (default: its own, 2)').argParser(wholeNumber(1)),
  )
  .addHelpText('after', '\nExample:\n  npm run attack -- baskets')
  .action(async ({ customers, leastCustomers }: { customers: number; leastCustomers?: number }) => {
    const taken = await attackLongTail(customers, leastCustomers)
    for (const { path, whole, named, customers: count, products } of taken)
      console.log(`${path}: ${whole} of ${count} whole histories, ${named} of ${products} products`)
    if (taken.some(isTooMuch)) {
      console.error('A single customer shows.')
      process.exitCode = 1
    }
  })

export function isTooMuch({ whole, named, products }: Taken): boolean {
  return whole > 0 || named > GUESSED_AT_MOST * products
}

/** A server of the long-tailed shop, attacked over HTTP. @param leastCustomers  default: the server's */
export async function attackLongTail(customers: number, leastCustomers?: number): Promise<Taken[]> {
  const dataset = longTailedShop(customers)
  const kernels = await openKernels({ threads: 1 })
  const recommender = new Recommender(
    await fitModel(dataset, configure('default', { factors: 16, iterations: 10 }), kernels),
    kernels,
    leastCustomers === undefined ? {} : { leastCustomers },
  )
  const server = await startServer({
    recommender,
    host: '127.0.0.1',
    port: 0,
    production: true,
    logger: pino({ level: 'silent' }),
    limits: { cost: 1e6, nodes: 1e6, rateLimit: null },
  })
  const ask: Ask = async (query, variables) => {
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    })
    const { data, errors } = (await response.json()) as { data?: object; errors?: object }
    if (errors) throw new Error(JSON.stringify(errors).slice(0, 400))
    return data
  }
  try {
    return await attackBaskets(dataset, ask)
  } finally {
    await server.close()
    recommender.close()
    await kernels.close()
  }
}
