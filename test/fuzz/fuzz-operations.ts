import { once } from 'node:events'
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
}

export interface FuzzReport {
  readonly requests: number
  /** How many were answered by each status. */
  readonly statuses: Readonly<Record<string, number>>
  /** How many were answered with data. */
  readonly withData: number
  readonly slowestMilliseconds: number
  /** Bytes by which the heap grew over the second half, garbage collected. */
  readonly growth: number
}

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
  { url, schema, known }: FuzzedServer,
  { count, seed }: { count: number; seed: number },
): Promise<FuzzReport> {
  const statuses: Record<string, number> = {}
  let [sent, withData, slowestMilliseconds, halfway] = [0, 0, 0, 0]
  const sends = fc.asyncProperty(requests(operations(schema, known)), async (fuzzed) => {
    const began = performance.now()
    const { status, text } = await answerTo(url, fuzzed)
    slowestMilliseconds = Math.max(slowestMilliseconds, performance.now() - began)
    statuses[status] = (statuses[status] ?? 0) + 1
    if (text.includes('"data":{')) withData++
    if (++sent === Math.floor(count / 2)) halfway = heap()
    if (status >= 500 || text.includes('INTERNAL_SERVER_ERROR')) {
      throw new Error(`answered ${status}: ${text.slice(0, 2000)}`)
    }
    if (LEAKS.test(text)) throw new Error(`leaked: ${text.slice(0, 2000)}`)
  })
  await fc.assert(sends, { numRuns: count, seed })
  return { requests: sent, statuses, withData, slowestMilliseconds, growth: heap() - halfway }
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

/** Bytes in use. */
function heap(): number {
  if (collectGarbage === undefined) {
    setFlagsFromString('--expose-gc')
    collectGarbage = runInNewContext('gc') as () => void
  }
  collectGarbage()
  return process.memoryUsage().heapUsed
}
