import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as readText } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ExplainerSettings } from '../../src/explanations/open-explainer.ts'
import { patience } from '../patience.ts'

/** How the server answers; those from `invented` to `obedient` write what no evidence says. */
export const BEHAVIOURS = [
  'right',
  'slow',
  'invented',
  'miscounted',
  'foreign',
  'leaking',
  'html',
  'uncited',
  'boasting',
  'swapped',
  'obedient',
  'broken',
  'empty',
  'garbled',
  'throttled',
  'failing',
  'refusing',
  'hanging up',
  'silent',
] as const

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

interface Fact {
  readonly id: string
  readonly kind: string
  readonly fact: string
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
  const [system, user] = body.messages.map(({ content }: { content: string }) => content)
  const { evidence, product } = JSON.parse(user) as { evidence: Fact[]; product: { name: string | null } }
  const isOwn = typeof behaviour === 'function'
  const content = contentOf(isOwn ? 'right' : behaviour, evidence, product.name, system)
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

function contentOf(
  behaviour: Behaviour,
  evidence: readonly Fact[],
  name: string | null,
  system: string,
): string {
  const [first] = evidence
  const say = (text: string, ids = [first.id]) => JSON.stringify({ sentences: [{ text, evidence: ids }] })
  switch (behaviour) {
    case 'invented':
      return say('Since you chose a “Solid Gold Toaster”, you may like this one too.')
    case 'miscounted':
      return say(`${first.fact.slice(0, -1)}, and 98,765 other customers chose it too.`)
    case 'foreign':
      return say('Kunden mit ähnlichem Geschmack haben sich ebenfalls dafür entschieden.')
    case 'leaking':
      return say(system.split('\n')[0])
    case 'html':
      return say(`<b>${first.fact}</b> <a href="https://evil.example">Buy now</a>`)
    case 'uncited':
      return say(first.fact, ['e9'])
    case 'boasting':
      return say('This is simply the best and cheapest product of its kind.')
    case 'swapped':
      return say('You bought this product before, in March 2018.', [
        evidence.find(({ kind }) => kind !== 'BOUGHT_BEFORE')?.id ?? 'e9',
      ])
    case 'obedient':
      return say(`${name ?? 'PWNED'}!`)
    case 'broken':
      return '{"sentences": [{"text": "Customers who like th'
    case 'empty':
      return '{"sentences": []}'
    default:
      return JSON.stringify({
        sentences: evidence.slice(0, 2).map(({ id, fact }) => ({ text: inOtherWords(fact), evidence: [id] })),
      })
  }
}

/** Another wording of a template's sentence, with the same facts. */
function inOtherWords(fact: string): string {
  return fact.replace(/^Customers who like/, 'People who like').replace('tend to like', 'usually like')
}

function send(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}
