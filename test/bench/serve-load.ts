import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { runBenchFile } from './child.ts'
import { cpuSecondsOf } from './serve-process.ts'
import { quantile } from './sampling.ts'

/** Stands for a customer's id in the address and the body of a request. */
export const CUSTOMER = '<customer>'

/** How a server is asked for ten products, and how a right answer looks. */
export interface Question {
  /** Where to ask, `CUSTOMER` in it or in the body. */
  readonly url: string
  /** JSON to post; GET where there is none. */
  readonly body?: string
  /** In the answer, the way to what has to be there, and how long a list (or a text) that is. */
  readonly expected: { readonly at: readonly string[]; readonly length: number }
}

/** What the load generator, a process of its own, is told. */
export interface LoadSettings extends Question {
  /** A file of customers' ids, one a line: asked about in turn, from a place that `offset` gives. */
  readonly customers: string
  readonly offset: number
  /** Each asks again as soon as it has its answer. */
  readonly connections: number
  readonly warmUpSeconds: number
  readonly seconds: number
  /** Of the server: its processor time is counted, that of its children included. */
  readonly pid: number
}

export interface Load {
  readonly seconds: number
  /** Answered rightly. */
  readonly requests: number
  readonly failures: number
  /** What was wrong with the first. */
  readonly firstFailure: string | null
  /** Milliseconds from asking to the last byte. */
  readonly mean: number
  readonly p50: number
  readonly p99: number
  readonly bytes: number
  /** Processor time of the server; null where the system does not tell. */
  readonly serverCpuSeconds: number | null
  readonly clientCpuSeconds: number
}

/**
 * Asks in a process of its own.
 * @throws where no answer was right, with what was wrong with the first
 */
export function runLoad(settings: LoadSettings): Promise<Load> {
  return runBenchFile<Load>('serve-load.ts', settings)
}

if (process.argv[1] === import.meta.filename) {
  console.log(JSON.stringify(await load(JSON.parse(process.argv[2]))))
}

async function load(settings: LoadSettings): Promise<Load> {
  const { connections, warmUpSeconds, seconds, offset, pid } = settings
  const ids = readFileSync(settings.customers, 'utf8').trimEnd().split('\n')
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const asking = { settings, agent, ids, next: offset }
  await askFor(warmUpSeconds, asking)
  const serverCpu = cpuSecondsOf(pid)
  const clientCpu = process.cpuUsage()
  const answers = await askFor(seconds, asking)
  const { user, system } = process.cpuUsage(clientCpu)
  const serverCpuNow = cpuSecondsOf(pid)
  agent.destroy()
  const { times, failures, bytes, elapsed } = answers
  if (times.length === 0) throw new Error(`${settings.url}: no answer was right; ${failures[0]}`)
  return {
    seconds: elapsed,
    requests: times.length,
    failures: failures.length,
    firstFailure: failures.at(0) ?? null,
    mean: times.reduce((sum, time) => sum + time, 0) / times.length,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    bytes: bytes / times.length,
    serverCpuSeconds: serverCpu === null || serverCpuNow === null ? null : serverCpuNow - serverCpu,
    clientCpuSeconds: (user + system) / 1e6,
  }
}

interface Asking {
  readonly settings: LoadSettings
  readonly agent: Agent
  readonly ids: readonly string[]
  /** Whose turn it is. */
  next: number
}

/** Keeps every connection busy until the time is over; the requests then under way are counted, too. */
async function askFor(seconds: number, asking: Asking) {
  const answers = { times: [] as number[], failures: [] as string[], bytes: 0, elapsed: 0 }
  const began = performance.now()
  const keepAsking = async () => {
    while (performance.now() - began < seconds * 1000) {
      const id = asking.ids[asking.next++ % asking.ids.length]
      const asked = performance.now()
      const { status, body } = await ask(id, asking)
      const time = performance.now() - asked
      const wrong = faultOf(status, body, asking.settings)
      if (wrong !== null) answers.failures.push(`${id}: ${wrong}`)
      else {
        answers.times.push(time)
        answers.bytes += body.length
      }
    }
  }
  await Promise.all(Array.from({ length: asking.settings.connections }, keepAsking))
  answers.elapsed = (performance.now() - began) / 1000
  return answers
}

function ask(id: string, { settings, agent }: Asking): Promise<{ status: number; body: string }> {
  const content = settings.body?.replaceAll(CUSTOMER, id)
  const headers = content === undefined ? {} : jsonHeaders(content)
  return new Promise((resolve, reject) => {
    const asked = request(settings.url.replaceAll(CUSTOMER, id), {
      agent,
      method: content === undefined ? 'GET' : 'POST',
      headers: { accept: 'application/json', ...headers },
    })
    asked.once('error', reject)
    asked.once('response', (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => (body += text))
      response.once('error', reject).once('end', () => resolve({ status: response.statusCode!, body }))
    })
    asked.end(content)
  })
}

function jsonHeaders(content: string) {
  return { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) }
}

/** What is wrong with an answer; null: nothing. */
function faultOf(status: number, body: string, { expected }: Question): string | null {
  if (status !== 200) return `status ${status}: ${body.slice(0, 200)}`
  const found = expected.at.reduce((value: any, key) => value?.[key], JSON.parse(body))
  return found?.length === expected.length ? null : `not ${expected.length} results: ${body.slice(0, 200)}`
}
