/** The beacon of `rationale-engine/client`: against Rationale, and against servers that fail. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { stripTypeScriptTypes } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type BeaconEvent, createBeacon } from '../src/client/index.ts'
import { Recommender } from '../src/engine/recommender.ts'
import { referenceKernels } from '../src/kernels/reference.ts'
import { IN_MEMORY } from '../src/store/sqlite/database-file.ts'
import { openEvents } from '../src/store/open-events.ts'
import { customerToken, startKeyedServer } from './api/keyed-server.ts'
import { customerId, sku, smallRecommender } from './api/shop.ts'

const events = openEvents(IN_MEMORY)
const { model } = await smallRecommender()
const recommender = new Recommender(model, referenceKernels(), { events })
const rationale = await startKeyedServer({ recommender, requireKeys: true })
afterAll(async () => {
  await rationale.close()
  await events.close()
})

const view = (product: number, rest: Partial<BeaconEvent> = {}): BeaconEvent => ({
  product: sku(product),
  kind: 'VIEW',
  ...rest,
})

const recordedOf = async (customer: string) => (await events.exportOf(customer, 1000)).events

/** What is dropped, with the reasons. */
function dropping() {
  const dropped: { products: string[]; reason: string }[] = []
  const onDropped = (given: readonly BeaconEvent[], reason: string) =>
    dropped.push({ products: given.map(({ product }) => product), reason })
  return { dropped, onDropped }
}

describe('with a customer token, at Rationale', () => {
  test('records what happened, when and in which list', async () => {
    const token = await customerToken(rationale.apiKeys, customerId(1))
    const beacon = createBeacon({ url: rationale.url, token, interval: 10 })
    beacon.record(view(1, { listId: 'list', placement: 'home' }))
    beacon.record(view(2, { kind: 'CART', quantity: 2, at: new Date(Date.now() - 60_000).toISOString() }))
    await expect.poll(() => recordedOf(customerId(1))).toHaveLength(2)
    const [cart, seen] = await recordedOf(customerId(1))
    expect(cart).toMatchObject({ product: sku(2), kind: 'CART', quantity: 2 })
    expect(seen).toMatchObject({ product: sku(1), kind: 'VIEW', listId: 'list', placement: 'home' })
    expect(seen.at - cart.at).toBeGreaterThan(50_000)
    await beacon.close()
  })

  test('sends many events in batches, each once', async () => {
    const { dropped, onDropped } = dropping()
    const token = async () => customerToken(rationale.apiKeys, customerId(2))
    const beacon = createBeacon({ url: rationale.url, token, onDropped })
    for (let n = 0; n < 120; n++) beacon.record(view(n % 40, { idempotencyKey: `key ${n % 110}` }))
    await beacon.close()
    await expect.poll(() => recordedOf(customerId(2))).toHaveLength(110)
    expect(dropped).toEqual([])
  })

  test('drops invalid events, and sends the others', async () => {
    const { dropped, onDropped } = dropping()
    const token = await customerToken(rationale.apiKeys, customerId(3))
    const beacon = createBeacon({ url: rationale.url, token, interval: 10, onDropped })
    beacon.record(view(1))
    beacon.record(view(2, { price: -1 }))
    beacon.record(view(3))
    await expect.poll(() => recordedOf(customerId(3)), { timeout: 10_000 }).toHaveLength(2)
    expect(dropped).toEqual([{ products: [sku(2)], reason: expect.stringContaining('"price" is -1') }])
    await beacon.close()
  })

  test('drops what the token does not allow', async () => {
    const { dropped, onDropped } = dropping()
    const token = await customerToken(rationale.apiKeys, customerId(4))
    const beacon = createBeacon({ url: rationale.url, token, onDropped })
    beacon.record({ ...view(1), kind: 'PURCHASE' as never })
    await beacon.close()
    expect(dropped).toEqual([{ products: [sku(1)], reason: expect.stringContaining('PURCHASE needs') }])
    expect(await recordedOf(customerId(4))).toEqual([])
  })
})

/** A server that answers each request as the next of some answers says, the last for good. */
async function failing(...answers: ((response: ServerResponse) => void)[]) {
  const received: { at: number; events: BeaconEvent[]; authorization: string | undefined }[] = []
  const server = createServer(async (request: IncomingMessage, response) => {
    const { variables } = (await json(request)) as { variables: { events: BeaconEvent[] } }
    const { authorization } = request.headers
    received.push({ at: performance.now(), events: variables.events, authorization })
    ;(answers.length > 1 ? answers.shift()! : answers[0])(response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  servers.push(server)
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
}

const servers: ReturnType<typeof createServer>[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

const answering =
  (status: number, body: string | object, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))

const recorded = answering(200, { data: { recordEvents: {} } })
const hangingUp = (response: ServerResponse) => void response.socket!.destroy()
const error = (code: string) => ({ errors: [{ message: code, extensions: { code } }] })

describe('at a server that fails', () => {
  test.each([
    ['hangs up', hangingUp],
    ['is replaced by a page', answering(502, '<html>Bad gateway</html>')],
    ['is stopping', answering(503, error('SERVER_STOPPING'))],
    ['refuses a token that has expired', answering(401, error('UNAUTHENTICATED'))],
    ['throttles', answering(429, error('THROTTLED'), { 'Retry-After': '1' })],
  ])('the same events are sent again, with the same keys: it %s', async (_, failure) => {
    const { received, url } = await failing(failure, recorded)
    let tokens = 0
    const beacon = createBeacon({ url, interval: 10, token: () => `token ${tokens++}` })
    beacon.record(view(1))
    beacon.record(view(2))
    await expect.poll(() => received.length, { timeout: 10_000 }).toBe(2)
    expect(received[1].events).toEqual(received[0].events)
    expect(new Set(received[0].events.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(2)
    expect(received[1].at - received[0].at).toBeGreaterThan(900)
    expect(received.map(({ authorization }) => authorization)).toEqual(['Bearer token 0', 'Bearer token 1'])
    await beacon.close()
    expect(received).toHaveLength(2)
  })

  test('at most a thousand events wait, and those that came last are kept', async () => {
    const { received, url } = await failing(hangingUp)
    const { dropped, onDropped } = dropping()
    const beacon = createBeacon({ url, onDropped })
    for (let n = 0; n < 1030; n++) beacon.record({ product: `p${n}`, kind: 'VIEW' })
    await beacon.flush()
    for (let n = 1030; n < 1040; n++) beacon.record({ product: `p${n}`, kind: 'VIEW' })
    const lost = dropped.flatMap(({ products }) => products)
    expect(lost).toHaveLength(40)
    expect(received.length).toBeGreaterThanOrEqual(20)
    expect(received.every(({ events: sent }) => sent.length <= 50)).toBe(true)
    expect(lost).not.toContain('p1039')
  })

  test('an error that does not pass gives the events up', async () => {
    const { received, url } = await failing(answering(200, error('NO_STORE')))
    const { dropped, onDropped } = dropping()
    const beacon = createBeacon({ url, onDropped })
    beacon.record(view(1))
    await beacon.flush()
    await beacon.close()
    expect(received).toHaveLength(1)
    expect(dropped).toEqual([{ products: [sku(1)], reason: 'NO_STORE' }])
  })
})

describe('on a page', () => {
  /** Stands in for the window; in Chromium the beacon is tested in client-browser.test.ts. */
  const window = new EventTarget()
  const document = { visibilityState: 'visible' }
  const methods = {
    addEventListener: window.addEventListener.bind(window),
    removeEventListener: window.removeEventListener.bind(window),
    document,
  }
  beforeAll(() => void Object.assign(globalThis, methods))
  afterAll(() => {
    for (const name of Object.keys(methods)) Reflect.deleteProperty(globalThis, name)
  })
  const HOUR = 3_600_000

  test.each(['visibilitychange', 'pagehide'])('events are sent when it is left: %s', async (type) => {
    const { received, url } = await failing(recorded)
    const beacon = createBeacon({ url, interval: HOUR })
    beacon.record(view(1))
    document.visibilityState = 'hidden'
    window.dispatchEvent(new Event(type))
    await expect.poll(() => received.length).toBe(1)
    await beacon.close()
  })

  test('events wait while it is visible, and a closed beacon no longer listens', async () => {
    const { received, url } = await failing(recorded)
    const beacon = createBeacon({ url, interval: HOUR })
    document.visibilityState = 'visible'
    beacon.record(view(1))
    window.dispatchEvent(new Event('visibilitychange'))
    expect(received).toEqual([])
    await beacon.close()
    expect(received).toHaveLength(1)
    beacon.record(view(2))
    window.dispatchEvent(new Event('pagehide'))
    expect(received).toHaveLength(1)
    await beacon.flush()
  })
})

test('is below 2 KB compressed, before it is minified', () => {
  const source = readFileSync(join(import.meta.dirname, '../src/client/beacon.ts'), 'utf8')
  const bare = stripTypeScriptTypes(source)
    .replaceAll(/\/\*[^]*?\*\//g, '')
    .replaceAll(/^\s*(\/\/.*)?\n|^\s+/gm, '')
  expect(bare).toContain('recordEvents')
  expect(bare).not.toContain('import ')
  expect(gzipSync(bare).byteLength).toBeLessThan(2000)
})
