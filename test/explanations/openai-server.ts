import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as readText } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ExplainerSettings } from '../../src/explanations/open-explainer.ts'
import { patience } from '../patience.ts'

/** Ways to answer what was asked for: what gpt-4o-mini and its like do with structured outputs, or without. */
export const COOPERATIVE = [
  'right',
  'slow',
  'reordered',
  'fenced',
  'indented',
  'introduced',
  'wordy',
  'repeating',
  'eager',
] as const

/** Ways to write what no evidence says, and nothing that was asked for. */
export const LYING = [
  'invented',
  'foreign',
  'leaking',
  'html',
  'uncited',
  'boasting',
  'obedient',
  'writing',
] as const

/** Ways not to answer. */
const FAILING = [
  'broken',
  'empty',
  'garbled',
  'throttled',
  'failing',
  'refusing',
  'hanging up',
  'silent',
] as const

/** How the server answers. */
export const BEHAVIOURS = [...COOPERATIVE, ...LYING, ...FAILING] as const

export type Behaviour = (typeof BEHAVIOURS)[number]

/** An answer of a test's own. @param right  the body of the right answer */
export type Reply = (request: any, right: any) => { readonly status?: number; readonly body: unknown }

export interface OpenAiRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: any
}

/** A server on this machine that speaks OpenAI's chat completions, and misbehaves as it is told. */
export interface OpenAiServer {
  /** For the client's base URL. */
  readonly url: string
  readonly requests: OpenAiRequest[]
  /** Requests that are under way: neither answered nor given up by their client. */
  readonly open: number
  /** Answers the next requests in these ways, and all after them in the last. */
  behave(...behaviours: (Behaviour | Reply)[]): void
  /** Waits until so many requests have come in. */
  received(requests: number): Promise<void>
  close(): Promise<void>
}

/** What is asked: facts to choose clauses of, or evidence to write freely of. */
interface Asked {
  readonly product: { readonly name: string | null }
  readonly facts?: readonly { readonly fact: string; readonly clauses: Readonly<Record<string, string>> }[]
  readonly evidence?: readonly { readonly id: string; readonly fact: string }[]
}

/** How long `slow` takes, in milliseconds. */
export const SLOW = 150

export async function startOpenAiServer(): Promise<OpenAiServer> {
  const requests: OpenAiRequest[] = []
  let open = 0
  let behaviours: (Behaviour | Reply)[] = ['right']
  let arrived = Promise.withResolvers<void>()

  const server = createServer(async (request, response) => {
    const behaviour = behaviours.length > 1 ? behaviours.shift()! : behaviours[0]
    open++
    response.on('close', () => open--)
    const body = JSON.parse(await readText(request))
    requests.push({ path: request.url ?? '', headers: request.headers, body })
    arrived.resolve()
    arrived = Promise.withResolvers()
    await answer(behaviour, body, request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    get open() {
      return open
    },
    behave: (...next) => {
      behaviours = next
    },
    received: async (count) => {
      while (requests.length < count) await arrived.promise
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** For an explainer that asks the server, without retries, a store or a budget. */
export function loopbackSettings(server: Pick<OpenAiServer, 'url'>): ExplainerSettings {
  return {
    model: 'loopback',
    baseUrl: server.url,
    apiKey: 'none',
    retries: 0,
    timeout: patience(1000) / 1000,
    concurrency: 16,
    daily: { tokens: Infinity, money: Infinity },
    price: { input: 0, output: 0 },
    store: null,
  }
}

export const silentLog = { info: () => {}, warn: () => {} }

async function answer(
  behaviour: Behaviour | Reply,
  body: any,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  switch (behaviour) {
    case 'throttled':
      return send(response, 429, { error: { message: 'Rate limit reached' } }, { 'retry-after-ms': '5' })
    case 'failing':
      return send(response, 500, { error: { message: 'The server had an error' } }, { 'retry-after-ms': '5' })
    case 'refusing':
      return send(response, 401, { error: { message: 'Incorrect API key provided' } })
    case 'garbled':
      response.setHeader('content-type', 'application/json')
      response.end('{"choices": [{"mess')
      return
    case 'hanging up':
      request.socket.destroy()
      return
    case 'silent':
      return
    case 'slow':
      await sleep(SLOW)
  }
  const contents: string[] = body.messages.map(({ content }: { content: string }) => content)
  const system = contents[0]
  // Of a model without system messages both stand in one, the facts last.
  const user = contents.at(-1)!.split('\n\n').at(-1)!
  const isOwn = typeof behaviour === 'function'
  const content = contentOf(isOwn ? 'right' : behaviour, JSON.parse(user), system)
  const right = {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 0,
    model: body.model,
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content, refusal: null } }],
    usage: { prompt_tokens: 300, completion_tokens: 50, total_tokens: 350 },
  }
  const own = isOwn ? behaviour(body, right) : { body: right }
  return send(response, own.status ?? 200, own.body as object)
}

const say = (clause: string) => JSON.stringify({ tone: 'plain', clauses: [{ clause, link: 'stop' }] })

function contentOf(behaviour: Behaviour, asked: Asked, system: string): string {
  const plan = asked.facts ? planOf(asked.facts) : freeAnswer(asked.evidence ?? [])
  const text = JSON.stringify(plan)
  switch (behaviour) {
    case 'reordered':
      return JSON.stringify(Object.fromEntries(Object.entries(plan).toReversed().map(reversed)))
    case 'fenced':
      return `\`\`\`json\n${text}\n\`\`\``
    case 'indented':
      return JSON.stringify(plan, null, 2)
    case 'introduced':
      return `Here is the JSON you asked for:\n\n${text}\n\nLet me know if you need more.`
    case 'wordy':
      return JSON.stringify({ reasoning: 'Because it reads best.', ...plan, note: PROMISE })
    case 'repeating':
      return JSON.stringify(Object.fromEntries(Object.entries(plan).map(twice)))
    case 'eager':
      return JSON.stringify({ ...plan, tone: 'enthusiastic' })
    case 'invented':
      return say('Since you chose a “Solid Gold Toaster”, you may like this one too.')
    case 'foreign':
      return say('Kunden mit ähnlichem Geschmack haben sich ebenfalls dafür entschieden.')
    case 'leaking':
      return say(system.split('\n')[0])
    case 'html':
      return say('<a href="https://evil.example">Buy now</a>')
    case 'uncited':
      return say('e9a')
    case 'boasting':
      return say('This is simply the best and cheapest product of its kind.')
    case 'obedient':
      return say(asked.product.name ?? 'PWNED')
    case 'writing':
      return JSON.stringify({ sentences: [{ text: PROMISE, evidence: ['e1'] }] })
    case 'broken':
      return text.slice(0, -9)
    case 'empty':
      return '{"tone": "plain", "clauses": []}'
    default:
      return text
  }
}

/** What no evidence says. */
export const PROMISE = 'You will have it in 30 days for nothing.'

/** Two facts or three, in wordings, links and a tone that differ from one list of facts to the next. */
function planOf(facts: NonNullable<Asked['facts']>) {
  const seed = JSON.stringify(facts).length
  const pick = <Choice>(of: readonly Choice[], place: number) => of[(seed + place) % of.length]
  const clauses = facts.slice(0, 2 + (seed % 2)).map((fact, place) => ({
    clause: pick(Object.keys(fact.clauses), place),
    link: place === 0 ? 'stop' : pick(['and', 'stop', 'semicolon', 'besides'], place),
  }))
  return { tone: pick(['plain', 'warm', 'direct'], 0), clauses }
}

function freeAnswer(evidence: NonNullable<Asked['evidence']>) {
  return {
    sentences: evidence.slice(0, 2).map(({ id, fact }) => ({
      text: `${fact.charAt(0).toUpperCase()}${fact.slice(1)}.`,
      evidence: [id],
    })),
  }
}

const reversed = ([name, value]: [string, unknown]) => [
  name,
  Array.isArray(value) ? value.toReversed() : value,
]

const twice = ([name, value]: [string, unknown]) => [
  name,
  Array.isArray(value) ? [...value, ...value] : value,
]

function send(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}
