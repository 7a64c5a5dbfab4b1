/** A shop's day against the clock: events, lists beside them, a retraining beside serving, and the swap of a model. */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { generateShop } from '../../src/data/demo-shop.ts'
import { readDataset } from '../../src/data/read.ts'
import { DEMO_SHOP } from '../../src/cli/serve.ts'
import { runForJson } from './child.ts'
import { median } from './sampling.ts'
import { startProcess } from './serve-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface LiveOptions {
  /** Files of a shop; left out: the demo shop. */
  readonly data?: string
  /** Seconds of each measurement. */
  readonly seconds: number
}

/** What a live shop costs. */
export interface LiveFigures {
  /** Acknowledged, each on the disk: in calls of one, 16 at a time; and in calls of 100, 4 at a time. */
  readonly eventsPerSecond: { readonly single: number; readonly batches: number }
  /** What the disk can: pages of 4 KiB written to the end of a file, each flushed. */
  readonly flushesPerSecond: number
  /** Purchases of the shop's files, reading included. */
  readonly importPerSecond: number
  /** Medians of a list of ten, one after another: without other requests, and beside 500 events a second. */
  readonly listMs: { readonly without: number; readonly with: number }
  /** Medians likewise: of customers without a new event, and of customers just after one. */
  readonly newestEventMs: { readonly without: number; readonly with: number }
  /**
   * Medians of writing one product, until the next request counts it: its picture, which no list depends on, its name, its
   * price, and a product that is new; and the longest that another request waited meanwhile.
   */
  readonly upsertMs: Readonly<Record<'picture' | 'name' | 'price' | 'new' | 'waiting', number>>
  /** From the promotion until the second of two servers answers with the other model. */
  readonly swapSeconds: number
  /** The 99th percentile of a list beside a retraining, over that without. */
  readonly p99Ratio: number
}

const launcher = join(import.meta.dirname, '../../bin/rationale.js')
const TOKEN = 'a-token-of-sixteen-letters'
const STREAMED = 500
const LISTS = `query ($id: String!) { customer(externalId: $id) { ... on Customer {
  recommendations(first: 10) { ... on RecommendationConnection { edges { node { product { sku } } } } } } } }`
const RECORD =
  'mutation ($events: [EventInput!]!) { recordEvents(input: { events: $events }) { __typename } }'

const UPSERT =
  'mutation ($products: [ProductInput!]!) { upsertProducts(input: { products: $products }) { __typename } }'

export async function benchLive({ data, seconds }: LiveOptions): Promise<LiveFigures> {
  const folder = temporaryFolder()
  const shop = data ?? join(folder, 'shop')
  if (data === undefined) await generateShop({ ...DEMO_SHOP, directory: shop })
  const [store, model] = ['shop.sqlite', 'shop.model'].map((name) => join(folder, name))
  const imported = await run(`import --data ${shop} --store ${store}`)
  await run(`train --store ${store} --model ${model} --effort quick`)
  const { customers, products } = await readDataset(shop)

  const servers = await Promise.all([1, 2].map((n) => serve(join(folder, `${n}.log`), store, model)))
  const [{ ask }] = servers
  let numbered = 0
  const events = (count: number) =>
    Array.from({ length: count }, () => {
      const n = numbered++
      return {
        customer: customers.at(pick(n, customers.size)),
        product: products.at(pick(n, products.size)),
        kind: 'VIEW',
        idempotencyKey: `bench ${n}`,
      }
    })
  const record = (count: number) => ask(RECORD, { events: events(count) })
  const list = (n: number) => ask(LISTS, { id: customers.at(pick(n, customers.size)) })

  const rate = async (size: number, atOnce: number) => {
    const end = performance.now() + seconds * 1000
    let recorded = 0
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        while (performance.now() < end) {
          await record(size)
          recorded += size
        }
      }),
    )
    return recorded / seconds
  }
  const single = await rate(1, 16)
  const batches = await rate(100, 4)
  const flushesPerSecond = flushes(join(folder, 'flushed'), seconds)

  // In turn, so that a change of the machine's mood meets both.
  const [without, beside]: [number[], number[]] = [[], []]
  for (let round = 0; round < 3; round++) {
    without.push(...(await timesOf(list, seconds)))
    const stop = new AbortController()
    const stream = streamOf(record, stop.signal)
    beside.push(...(await timesOf(list, seconds)))
    stop.abort()
    await stream
  }

  const [plain, newest]: [number[], number[]] = [[], []]
  for (let n = 0; n < 200; n++) {
    const id = customers.at(pick(n, customers.size))
    plain.push(await timeOf(() => ask(LISTS, { id })))
    await ask(RECORD, {
      events: [{ customer: id, product: products.at(pick(n, products.size)), kind: 'PURCHASE' }],
    })
    newest.push(await timeOf(() => ask(LISTS, { id })))
  }

  const upsertMs = await timesOfUpserts(ask, products.at(0))

  const idle = await timesOf(list, 2 * seconds)
  const former = await versionsOf(servers)
  await ask('mutation { retrain(input: { force: true }) { retraining { isRunning } } }')
  const isRunning = async () => (await ask('{ retraining { isRunning } }')).retraining.isRunning as boolean
  const training: number[] = []
  while (await isRunning()) training.push(...(await timesOf(list, 0.5)))

  await untilOthers(servers, former)
  const swapSeconds = await timeSwap(servers, () => run(`rollback --store ${store}`))
  for (const { stop } of servers) await stop()
  return {
    eventsPerSecond: { single, batches },
    flushesPerSecond,
    importPerSecond: imported['events'] / imported['seconds'],
    listMs: { without: median(without), with: median(beside) },
    newestEventMs: { without: median(plain), with: median(newest) },
    upsertMs,
    swapSeconds,
    p99Ratio: percentile(training, 0.99) / percentile(idle, 0.99),
  }
}

/** A command of the program, and what it prints. */
const run = (line: string) =>
  runForJson<Record<string, any>>(process.execPath, [launcher, ...line.split(' '), '--json'])

/** One of some, which looks like chance and is the same each time. */
const pick = (n: number, count: number) => (n * 7919) % count

interface Served {
  ask(query: string, variables?: object): Promise<any>
  stop(): Promise<void>
}

async function serve(log: string, store: string, model: string): Promise<Served> {
  const args = [launcher, 'serve', '--model', model, '--store', store, '--port', '0']
  let url = ''
  const { stop } = await startProcess(
    { program: process.execPath, args, environment: { RATIONALE_TOKEN: TOKEN }, log },
    async (printed) => {
      url = /^http:\S+graphql$/m.exec(printed())?.[0] ?? ''
      return url !== ''
    },
    120,
  )
  return {
    stop,
    async ask(query, variables = {}) {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${TOKEN}` },
        body: JSON.stringify({ query, variables }),
      })
      const { data, errors } = (await answer.json()) as { data: any; errors?: unknown }
      if (errors) throw new Error(JSON.stringify(errors))
      return data
    },
  }
}

async function timeOf(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await act()
  return performance.now() - start
}

/** Flushed writes a second to the end of a file. */
function flushes(file: string, seconds: number): number {
  const descriptor = openSync(file, 'w')
  try {
    const page = Buffer.alloc(4096, 1)
    const begin = performance.now()
    let count = 0
    for (; performance.now() < begin + seconds * 1000; count++) {
      writeSync(descriptor, page)
      fsyncSync(descriptor)
    }
    return (1000 * count) / (performance.now() - begin)
  } finally {
    closeSync(descriptor)
  }
}

async function timesOfUpserts(ask: Served['ask'], sku: string): Promise<LiveFigures['upsertMs']> {
  const stop = new AbortController()
  const waits: number[] = []
  const waiting = (async () => {
    while (!stop.signal.aborted) waits.push(await timeOf(() => ask('{ __typename }')))
  })()
  const times = { picture: [] as number[], name: [] as number[], price: [] as number[], new: [] as number[] }
  for (let n = 0; n < 5; n++) {
    const products = {
      picture: { sku, imageUrl: `/${n}.svg` },
      name: { sku, name: `Name ${n}` },
      price: { sku, price: 10 + n },
      new: { sku: `new-${n}`, name: `New ${n}`, price: 5 },
    }
    for (const what of ['picture', 'name', 'price', 'new'] as const)
      times[what].push(await timeOf(() => ask(UPSERT, { products: [products[what]] })))
  }
  stop.abort()
  await waiting
  return {
    picture: median(times.picture),
    name: median(times.name),
    price: median(times.price),
    new: median(times.new),
    waiting: Math.max(...waits),
  }
}

/** How long each of a series of requests took, one after another, ms. */
async function timesOf(request: (n: number) => Promise<unknown>, seconds: number): Promise<number[]> {
  const end = performance.now() + seconds * 1000
  const times: number[] = []
  for (let n = 0; performance.now() < end; n++) times.push(await timeOf(() => request(n)))
  return times
}

/** STREAMED events a second in calls of ten, until the signal aborts. */
async function streamOf(record: (count: number) => Promise<unknown>, signal: AbortSignal): Promise<void> {
  const began = performance.now()
  for (let sent = 0; !signal.aborted; sent += 10) {
    const due = began + (1000 * sent) / STREAMED
    await sleep(Math.max(0, due - performance.now()))
    await record(10)
  }
}

/** From the end of a change of models until every server answers with the other one, seconds. */
async function timeSwap(servers: readonly Served[], change: () => Promise<unknown>): Promise<number> {
  const before = await versionsOf(servers)
  await change()
  const start = performance.now()
  await untilOthers(servers, before)
  return (performance.now() - start) / 1000
}

const versionsOf = (servers: readonly Served[]): Promise<string[]> =>
  Promise.all(servers.map(async ({ ask }) => (await ask('{ modelInfo { version } }')).modelInfo.version))

/** Waits until every server answers with another model than before. */
async function untilOthers(servers: readonly Served[], before: readonly string[]): Promise<void> {
  while ((await versionsOf(servers)).some((version, i) => version === before[i])) await sleep(10)
}

function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))]
}

const per = (value: number) => Math.round(value).toLocaleString('en')
const ratio = ({ without, with: beside }: { without: number; with: number }) =>
  `${without.toFixed(2)} ms without, ${beside.toFixed(2)} ms with (${(beside / without).toFixed(2)} ×)`

export function describeLive(figures: LiveFigures): string[] {
  const { eventsPerSecond, importPerSecond, listMs, newestEventMs, swapSeconds, p99Ratio } = figures
  const { flushesPerSecond, upsertMs } = figures
  return [
    `events acknowledged: ${per(eventsPerSecond.single)} a second one by one, ${per(eventsPerSecond.batches)} in calls of 100`,
    `flushed writes of 4 KiB, the disk alone: ${per(flushesPerSecond)} a second`,
    `import: ${per(importPerSecond)} events a second`,
    `a list beside ${STREAMED} events a second: ${ratio(listMs)}`,
    `a list with the newest event: ${ratio(newestEventMs)}`,
    `one product written: ${Object.entries(upsertMs)
      .map(([what, ms]) => `${what} ${ms.toFixed(0)} ms`)
      .join(', ')}`,
    `another model on two servers: ${swapSeconds.toFixed(1)} s after its promotion`,
    `p99 of a list beside a retraining: ${p99Ratio.toFixed(2)} × that without`,
  ]
}
