import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { buildGorse, GORSE_VERSION } from './peers/gorse/build.ts'
import { peersFolder } from './peer.ts'
import { CUSTOMER } from './serve-load.ts'
import { freePort, startProcess } from './serve-process.ts'
import type { ServedShop } from './serve-shop.ts'
import type { System } from './serve-system.ts'

const BATCH = 2000
const LIMIT_MINUTES = 30
/** Tasks of its master that the lists are made from. */
const TASKS = ['Fit collaborative filtering model', 'Find neighbors of items']

/**
 * gorse with Olist's customers, products and purchases, all in one process with SQLite, its lists cached. It is then
 * started afresh, so that it does nothing but answer. Lists are cached of the sampled customers and a few more: the
 * cache of a whole shop is larger, which could only make it slower.
 * @throws where it cannot be built or is not ready in time
 */
export async function startGorse(shop: ServedShop, folder: string): Promise<System> {
  const program = join(folder, 'gorse-in-one')
  await buildGorse(program)
  const began = performance.now()
  const learning = await start(program, folder)
  try {
    console.error('  gorse: loading the shop')
    await loadShop(learning.url, shop)
    console.error('  gorse: fitting its models')
    await call(learning.url, '/api/admin/schedule/master', {})
    await until(async () => {
      const tasks = await get<{ Name: string; Status: string }[]>(learning.url, '/api/dashboard/tasks')
      return TASKS.every((name) => tasks.some((task) => task.Name === name && task.Status === 'Complete'))
    }, 'its models are not fitted')
    console.error('  gorse: caching lists')
    await call(learning.url, '/api/admin/schedule/worker', {})
    for (const customer of shop.customers.slice(0, shop.sampled)) {
      const id = shop.dataset.customers.at(customer)
      await until(async () => {
        const cached = await get<object[]>(learning.url, `/api/intermediate/recommend/${id}?n=10`)
        return cached?.length === 10
      }, `the list of ${id} is not cached`)
    }
  } finally {
    await learning.stop()
  }
  const secondsToReady = (performance.now() - began) / 1000
  const server = await start(program, folder)
  return {
    ...server,
    name: 'gorse, cached lists',
    version: `gorse ${GORSE_VERSION}, SQLite`,
    answers: 'ids',
    question: { url: `${server.url}/api/recommend/${CUSTOMER}?n=10`, expected: { at: [], length: 10 } },
    secondsToReady,
  }
}

/** Managed: it fits and caches when told to, never by itself. */
async function start(program: string, folder: string) {
  const [port, rpcPort] = [await freePort(), await freePort()]
  const url = `http://127.0.0.1:${port}`
  const jobs = `${availableParallelism()}`
  const server = await startProcess(
    {
      program,
      args: ['--managed', '--recommend-jobs', jobs, '--config', join(peersFolder, 'gorse', 'config.toml')],
      folder,
      environment: {
        GORSE_MASTER_HTTP_PORT: `${port}`,
        GORSE_MASTER_PORT: `${rpcPort}`,
        GORSE_MASTER_JOBS: jobs,
      },
      log: join(folder, 'gorse.log'),
    },
    async () => (await fetch(`${url}/api/health/ready`)).ok,
    60,
  )
  return { ...server, url }
}

async function loadShop(url: string, { dataset, customers }: ServedShop): Promise<void> {
  const { interactions, orders, products, category } = dataset
  const id = (customer: number) => dataset.customers.at(customer)
  // It makes lists in the order in which customers came: the sampled ones first.
  await insert(
    url,
    '/api/users',
    customers.map((customer) => ({ UserId: id(customer) })),
  )
  await insert(
    url,
    '/api/items',
    Array.from({ length: products.size }, (_, product) => ({
      ItemId: products.at(product),
      // A label, not a category of gorse's: of each category it would cache a list more.
      Labels: category.labels.slice(category.codes[product], category.codes[product] + 1),
      Timestamp: '2018-09-01T00:00:00Z',
    })),
  )
  await insert(
    url,
    '/api/feedback',
    Array.from(interactions.customer, (customer, i) => ({
      FeedbackType: 'purchase',
      UserId: id(customer),
      ItemId: products.at(interactions.product[i]),
      Timestamp: new Date(orders.timestamp[interactions.order[i]] || 0).toISOString(),
    })),
  )
}

async function insert(url: string, path: string, rows: readonly object[]): Promise<void> {
  for (let at = 0; at < rows.length; at += BATCH) await call(url, path, rows.slice(at, at + BATCH))
}

async function call(url: string, path: string, content: object): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(content) })
  if (!response.ok) throw new Error(`gorse: ${path} answers ${response.status}: ${await response.text()}`)
}

async function get<T>(url: string, path: string): Promise<T> {
  const response = await fetch(url + path)
  if (!response.ok) throw new Error(`gorse: ${path} answers ${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}

/** @throws when it takes more than half an hour */
async function until(isDone: () => Promise<boolean>, otherwise: string): Promise<void> {
  const began = performance.now()
  while (!(await isDone())) {
    if (performance.now() - began > LIMIT_MINUTES * 60_000)
      throw new Error(`gorse: ${otherwise} after ${LIMIT_MINUTES} minutes`)
    await setTimeout(500)
  }
}
