import { once } from 'node:events'
import { Agent, type IncomingMessage, request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { Command, Option } from 'commander'
import { wholeNumber } from '../../src/cli/options.ts'
import { endChild, startChild } from '../child-process.ts'

const LIST = '{ trending(first: 10) { edges { node { rank } } } }'
const IN_PARTS = `{ recommend(input: { history: [{ sku: "sku-1" }] }, first: 2) { ... on RecommendationConnection {
  edges { node { rank ... @defer { explanation { text } } } }
} } }`

export const drain = new Command('drain')
  .description(
    'stops a server by SIGTERM while connections that are kept alive ask without pause, and counts what is lost',
  )
  .addOption(new Option('--connections <n>').argParser(wholeNumber(1, 200)).default(16))
  .addOption(new Option('--rounds <n>').argParser(wholeNumber(1, 50)).default(5))
  .addHelpText('after', '\nExample:\n  npm run attack -- drain')
  .action(async ({ connections, rounds }: { connections: number; rounds: number }) => {
    for (let round = 0; round < rounds; round++) {
      const { answered, afterSignal, lost, milliseconds } = await attackDrain(connections)
      console.log(
        `${answered} answered, ${afterSignal} of them after SIGTERM; stopped in ${milliseconds} ms; lost: ${lost.length}`,
      )
      if (lost.length === 0) continue
      console.error([...new Set(lost)].join('\n'))
      process.exitCode = 1
    }
  })

export interface Drained {
  readonly answered: number
  readonly afterSignal: number
  /** Why a request that was sent had no whole answer. */
  readonly lost: readonly string[]
  /** From SIGTERM to the end of the process. */
  readonly milliseconds: number
  readonly exitCode: number | null
}

/** Half of the connections ask for lists, half for lists in parts, each again as soon as it is answered. */
export async function attackDrain(connections: number): Promise<Drained> {
  const server = startChild(process.execPath, [join(import.meta.dirname, 'drain-server.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    lifetime: 120,
  })
  const ended = once(server, 'exit')
  try {
    const [url] = (await Promise.race([
      once(createInterface(server.stdout), 'line'),
      ended.then(() => Promise.reject(new Error('The server did not start.'))),
    ])) as [string]
    const agent = new Agent({ keepAlive: true, maxSockets: connections })
    const lost: string[] = []
    let [answered, afterSignal, signalled] = [0, 0, NaN]
    const ask = async (query: string) => {
      for (;;) {
        const outcome = await outcomeOf(url, query, agent)
        // Nobody was there to send it to.
        if (outcome === 'ECONNREFUSED') return
        if (outcome !== 'answered') lost.push(outcome)
        answered++
        if (!Number.isNaN(signalled)) afterSignal++
      }
    }
    const asking = Array.from({ length: connections }, (_, i) => ask(i % 2 === 0 ? LIST : IN_PARTS))
    await pause(500)
    signalled = performance.now()
    server.kill('SIGTERM')
    await Promise.all(asking)
    const [exitCode] = (await ended) as [number | null]
    agent.destroy()
    return { answered, afterSignal, lost, milliseconds: Math.round(performance.now() - signalled), exitCode }
  } finally {
    await endChild(server)
  }
}

/** "answered", or what went wrong. */
async function outcomeOf(url: string, query: string, agent: Agent): Promise<string> {
  const answered = Promise.withResolvers<IncomingMessage>()
  const headers = { 'Content-Type': 'application/json', Accept: 'multipart/mixed, application/json' }
  const sending = httpRequest(url, { method: 'POST', agent, headers }, answered.resolve)
  sending.on('error', answered.reject)
  sending.end(JSON.stringify({ query }))
  try {
    const answer = await answered.promise
    const content = await text(answer)
    const isWhole = content.endsWith('}') || content.endsWith('-----\r\n')
    return answer.statusCode === 200 && isWhole && !content.includes('"errors"')
      ? 'answered'
      : `${answer.statusCode}: ${content}`
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ECONNREFUSED' ? code : `${code}: ${message}`
  }
}
