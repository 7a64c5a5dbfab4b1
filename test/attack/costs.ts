import { setTimeout as pause } from 'node:timers/promises'
import { Command } from 'commander'
import { withBulkBuyers } from '../bench/bulk.ts'
import { olistIsThere, readOlist } from '../bench/matrices.ts'
import { startOurs } from '../bench/serve-ours.ts'
import { writeOlistModel } from '../bench/serve-shop.ts'
import { temporaryFolder } from '../bench/temporary-folder.ts'
import { expensiveQueries } from './expensive-operations.ts'

/** No request takes longer: 10 s are allowed. */
const SLOWEST = 10_500

/** /health and { __typename } are answered within so many ms beside any operation, beyond what they take alone. */
const BESIDE = 100

const post = (query: string) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ query }),
})

export const costs = new Command('costs')
  .description(
    'asks a server of Olist’s shop for the dearest operations there are, and whether others wait meanwhile',
  )
  .addHelpText('after', '\nExample:\n  npm run attack -- costs')
  .action(async () => {
    if (!olistIsThere()) return
    const folder = temporaryFolder()
    const dataset = withBulkBuyers(await readOlist(), { 'bulk-4000': 4000, 'bulk-20000': 20_000 })
    const model = await writeOlistModel(dataset, folder)
    const orders = new Uint32Array(dataset.customers.size)
    for (const customer of dataset.orders.customer) orders[customer]++
    const repeat = [...orders.keys()].filter((customer) => orders[customer] >= 2 && orders[customer] < 100)
    const customers = repeat.slice(0, 20).map((customer) => dataset.customers.at(customer))
    const server = await startOurs(model, folder, customers[0])
    const pings = [
      () => fetch(new URL('/health', server.url)),
      () => fetch(server.url, post('{ __typename }')),
    ]
    /** The slowest of what others ask while something is under way. */
    async function slowestBeside(work: Promise<unknown>): Promise<number> {
      const state = { isOver: false, slowest: 0 }
      void work.finally(() => (state.isOver = true))
      do {
        for (const ping of pings) {
          const began = performance.now()
          await (await ping()).text()
          state.slowest = Math.max(state.slowest, performance.now() - began)
        }
        await pause(5)
      } while (!state.isOver)
      return state.slowest
    }
    await slowestBeside(pause(1000))
    const alone = await slowestBeside(pause(1000))
    console.log(`alone: /health and { __typename } within ${alone.toFixed(0)} ms`)
    let isBroken = false
    const asked = { customers, bulk: ['bulk-4000', 'bulk-20000'], categories: dataset.category.labels }
    for (const { name, query } of expensiveQueries(asked)) {
      const began = performance.now()
      const answer = fetch(server.url, post(query)).then(async (response) => {
        const { errors, extensions } = (await response.json()) as {
          errors?: { extensions?: { code?: string } }[]
          extensions?: { cost?: { requested: number } }
        }
        return {
          outcome: errors?.[0].extensions?.code ?? 'answered',
          units: extensions?.cost?.requested,
          milliseconds: performance.now() - began,
        }
      })
      const beside = await slowestBeside(answer)
      const { outcome, units, milliseconds } = await answer
      const isSlow = milliseconds > SLOWEST || beside > BESIDE + alone
      isBroken ||= isSlow || outcome === 'INTERNAL_SERVER_ERROR'
      console.log(
        `${name}: ${outcome}, ${units} units, ${milliseconds.toFixed(0)} ms; others within ${beside.toFixed(0)} ms` +
          (isSlow ? ' – too long' : ''),
      )
    }
    await server.stop()
    if (isBroken) process.exitCode = 1
  })
