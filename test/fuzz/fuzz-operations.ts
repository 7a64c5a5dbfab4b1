import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { type IncomingMessage, request } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import type { GraphQLSchema } from 'graphql'
import { operations } from './operations.ts'
import { type FuzzRequest, requests } from './requests.ts'

export interface FuzzedServer {
  readonly url: string
  readonly schema: GraphQLSchema
  /** Strings that it knows, as ids and names. */
  readonly known: readonly string[]
  /** Good and bad ones, that some requests carry. */
  readonly keys: readonly string[]
  /** How often something unexpected has been thrown on purpose, and what it says, which nobody is to read. */
  readonly thrown: { readonly times: number; readonly message: string }
}

export interface FuzzReport {
  readonly requests: number
  /** How many were answered by each status. */
  readonly statuses: Readonly<Record<string, number>>
  /** How many were answered with data. */
  readonly withData: number
  readonly slowestMilliseconds: number
  /** How many were answered by an error that nobody foresaw, masked: those thrown on purpose. */
  readonly masked: number
  /** Bytes by which memory grew over the second half, garbage collected, buffers included. */
  readonly growth: number
}

/** What no report may exceed: a second's work is 10,000 units, and an operation may cost 5,000. */
const SLOWEST = 2000
const GROWTH_PER_REQUEST = 1000

/** After so many requests the cache of documents is full. */
const WARMING = 4000

/** A request may take 10 s. */
const PATIENCE = 12_000

/** What a stack or a path looks like, and what never stands in an answer. */
const LEAKS = /\n\s+at |\\n\s+at |node:(internal|fs|vm|http|events|async)|node_modules|\/src\/|file:\/\//

/**
 * Sends random requests and sees that each is answered, and as it should be: never by 500, never with an error that
 * nobody foresaw, never with a stack or a path.
 * What fails is made as small as it can be.
 * @throws {Error} with the smallest request that fails, and the seed
 */
export async function fuzzOperations(
  { url, schema, known, keys, thrown }: FuzzedServer,
  { count, seed }: { count: number; seed: number },
): Promise<FuzzReport> {
  const statuses: Record<string, number> = {}
  let [sent, withData, masked, slowestMilliseconds, halfway] = [0, 0, 0, 0, 0]
  const sends = fc.asyncProperty(requests(operations(schema, known), keys), async (fuzzed) => {
    const began = performance.now()
    const thrownBefore = thrown.times
    const { status, text } = await answerTo(url, fuzzed)
    slowestMilliseconds = Math.max(slowestMilliseconds, performance.now() - began)
    statuses[status] = (statuses[status] ?? 0) + 1
    if (text.includes('"data":{')) withData++
    if (++sent === Math.floor(count / 2)) halfway = await memory()
    const isOurs = thrown.times > thrownBefore
    const isMasked = text.includes('INTERNAL_SERVER_ERROR')
    if (isMasked) masked++
    if (!isOurs && (status >= 500 || isMasked)) throw new Error(`answered ${status}: ${text.slice(0, 2000)}`)
    if (LEAKS.test(text) || text.includes(thrown.message)) throw new Error(`leaked: ${text.slice(0, 2000)}`)
  })
  await fc.assert(sends, { numRuns: count, seed })
  const growth = (await memory()) - halfway
  return { requests: sent, statuses, withData, masked, slowestMilliseconds, growth }
}

/** What is too much of a report, in words; none where all is well. Growth tells nothing before the server is warm. */
export function excesses({ requests: sent, slowestMilliseconds, growth }: FuzzReport): string[] {
  const each = growth / (sent / 2)
  return [
    ...(slowestMilliseconds > SLOWEST ? [`the slowest took more than ${SLOWEST} ms`] : []),
    ...(sent / 2 >= WARMING && each > GROWTH_PER_REQUEST
      ? [`memory grew by ${Math.round(each)} bytes a request, more than ${GROWTH_PER_REQUEST}`]
      : []),
  ]
}

async function answerTo(
  url: string,
  { method, search, headers, body, encoding }: FuzzRequest,
): Promise<{ status: number; text: string }> {
  const signal = AbortSignal.timeout(PATIENCE)
  // A connection each: a server may close the one on which it has refused a body.
  const asking = request(url + search, { method, headers, agent: false, signal })
  asking.end(body ?? undefined, encoding ?? 'utf8')
  const [response] = (await once(asking, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const heads = response.rawHeaders.join('\n')
  return { status: response.statusCode ?? 0, text: `${heads}\n${Buffer.concat(chunks).toString()}` }
}

let collectGarbage: (() => void) | undefined

/** Bytes in use, those outside of the heap too. */
async function memory(): Promise<number> {
  if (collectGarbage === undefined) {
    setFlagsFromString('--expose-gc')
    collectGarbage = runInNewContext('gc') as () => void
  }
  // What has been closed or compiled goes only with the garbage collections after.
  for (let round = 0; round < 5; round++) {
    collectGarbage()
    await pause(20)
  }
  // Buffers are external as well.
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
