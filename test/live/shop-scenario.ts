/**
 * A day of a shop, with the real program over HTTP: its files are imported, a model is trained and serves, what happens
 * counts at once, the model is trained again under load and swapped, rolled back, and a customer is erased.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { readDataset } from '../../src/data/read.ts'
import { rationaleJson, temporaryFolder } from '../cli/program.ts'
import {
  holds,
  type Listed,
  type LiveServer,
  listed,
  listOf,
  record,
  retrained,
  serve,
  versionOf,
} from './server.ts'

/** Between two requests during a retraining, in ms: it runs at the lowest priority, and has to come to its end. */
const PAUSE = 50

/** Of the purchases that are recorded meanwhile, so many are looked at afterwards. */
const MOST_CHECKED = 20

/** @param data  the folder of the shop's files @param fit  options of the training */
export async function liveThroughADay(data: string, fit: string): Promise<void> {
  const { customers, products, interactions } = await readDataset(data)
  const folder = temporaryFolder()
  const [store, model] = [join(folder, 'shop.sqlite'), join(folder, 'shop.model')]
  const imported = await rationaleJson(`import --data ${data} --store ${store}`)
  expect(imported).toMatchObject({ duplicates: 0 })
  // Views of the demo shop are events too.
  expect(imported['events']).toBeGreaterThanOrEqual(interactions.count)
  const trained = await rationaleJson(`train --store ${store} --model ${model} ${fit}`)
  expect(trained).toMatchObject({ products: products.size, interactions: interactions.count })

  const server = await serve(`--model ${model} --store ${store}`)
  const former = await versionOf(server)
  const customer = customers.at(interactions.customer[0])
  const bought = await expectEventsToCount(server, customer)
  await expectCatalogueToCount(server, customer)

  // Under load: whatever is asked meanwhile is answered, by one model or the other.
  const erased = 'somebody@example.com'
  await record(server, { customer: erased, product: bought.kept, kind: 'PURCHASE' })
  const others = [...new Set(interactions.customer)].filter((other) => other !== interactions.customer[0])
  const load = loadOn(server, (n) => customers.at(others[(n * 7919) % others.length]))
  const { candidate, ...outcome } = await retrained(server, true)
  // The server swaps as soon as its own retraining has promoted: it does not look for that from time to time.
  const versions = await Promise.all([versionOf(server), versionOf(server)])
  const { answered, recorded } = await load.stop()
  expect(outcome).toMatchObject({ promoted: true, failure: null })
  expect(versions).toEqual([candidate, candidate])
  expect(candidate).not.toBe(former)
  expect(answered).toBeGreaterThan(0)

  // The new model was trained on what had happened; each event counts once, also those recorded meanwhile.
  await expectKept(server, customer, bought)
  await record(server, { customer, product: bought.returned, kind: 'PURCHASE', orderId: 'again' })
  expect(await holds(server, customer, bought.returned)).toBe(false)
  await expectBought(server, recorded)

  const { rollbackModel } = await server.ask('mutation { rollbackModel { from to } }')
  expect(rollbackModel).toEqual({ from: candidate, to: former })
  expect(await versionOf(server)).toBe(former)
  expect(await holds(server, customer, bought.kept)).toBe(false)
  await expectBought(server, recorded)

  await expectErasure(server, erased, folder)
  expect(await server.stop()).toBe(0)

  // What was acknowledged is there after the next start.
  const next = await serve(`--model ${model} --store ${store}`)
  expect(await versionOf(next)).toBe(former)
  expect(await holds(next, customer, bought.kept)).toBe(false)
  await expectBought(next, recorded)
  await expectUnknown(next, erased)
  expect(await next.stop()).toBe(0)
  await rationaleJson(`erase --store ${store} --model ${model} --customer ${erased}`)
  expect(filesWith(folder, erased)).toEqual([])
}

/** A product that a customer bought and kept, and one that was given back. */
interface Bought {
  readonly kept: string
  readonly returned: string
}

/** What is viewed, bought and returned counts for the next list, and reasons say so. */
async function expectEventsToCount(server: LiveServer, customer: string): Promise<Bought> {
  const [kept, returned, viewed] = await listOf(server, customer)
  await record(server, { customer, product: viewed, kind: 'VIEW' })
  expect(await namedIn(server, customer)).toContain(viewed)
  for (const product of [kept, returned])
    await record(server, { customer, product, kind: 'PURCHASE', orderId: product })
  expect(await holds(server, customer, kept)).toBe(false)
  expect(await holds(server, customer, returned)).toBe(false)
  expect(await namedIn(server, customer)).toContain(kept)
  await record(server, { customer, product: returned, kind: 'RETURN', orderId: returned })
  await expectKept(server, customer, { kept, returned })
  return { kept, returned }
}

/** What was kept counts as bought, and what was given back does not. */
async function expectKept(server: LiveServer, customer: string, { kept, returned }: Bought): Promise<void> {
  expect(await holds(server, customer, kept)).toBe(false)
  expect(await holds(server, customer, returned)).toBe(true)
  expect(await namedIn(server, customer)).not.toContain(returned)
}

/** The products that the reasons of a customer's list name. */
async function namedIn(server: LiveServer, customer: string): Promise<string[]> {
  const list: readonly Listed[] = await listed(server, customer, { first: 50 })
  return list.flatMap(({ because }) => because)
}

/** A new product is in the next list, with what is said of it; a removed one is not. */
async function expectCatalogueToCount(server: LiveServer, customer: string): Promise<void> {
  const category = await firstCategory(server, customer)
  const upsert = `mutation ($products: [ProductInput!]!) {
    upsertProducts(input: { products: $products }) { ... on UpsertProductsPayload { changed } } }`
  const fresh = { sku: 'new-product', name: 'A new product', category, price: 12.5 }
  expect(await server.ask(upsert, { products: [fresh] })).toEqual({ upsertProducts: { changed: 1 } })
  expect(await holds(server, customer, fresh.sku)).toBe(true)
  const found = await server.ask(
    '{ product(sku: "new-product") { ... on Product { sku name category price } } }',
  )
  expect(found.product).toEqual(fresh)
  await server.ask(
    'mutation { removeProducts(input: { skus: ["new-product"] }) { ... on RemoveProductsPayload { changed } } }',
  )
  expect(await holds(server, customer, fresh.sku)).toBe(false)
}

/** The category of the first product of a customer's list. */
async function firstCategory({ ask }: LiveServer, customer: string): Promise<string> {
  const found = await ask(
    `query ($customer: String!) { customer(externalId: $customer) { ... on Customer {
      recommendations(first: 1) { ... on RecommendationConnection { edges { node { product { category } } } } } } } }`,
    { customer },
  )
  return found.customer.recommendations.edges[0].node.product.category
}

/** A purchase that was acknowledged. */
interface Recorded {
  readonly customer: string
  readonly product: string
}

/**
 * Asks for lists, records purchases, and looks at lists after them, until it is stopped.
 * @param customerOf  one of the shop's customers for each number
 */
function loadOn(server: LiveServer, customerOf: (n: number) => string) {
  const recorded: Recorded[] = []
  const stopping = new AbortController()
  let answered = 0
  const ask = async () => {
    for (let n = 0; !stopping.signal.aborted; n++) {
      await sleep(PAUSE)
      const customer = customerOf(n)
      const [product] = await listOf(server, customer)
      answered++
      if (product === undefined || n % 5 > 0) continue
      await record(server, { customer, product, kind: 'PURCHASE' })
      recorded.push({ customer, product })
      expect(await holds(server, customer, product)).toBe(false)
    }
  }
  const asking = ask()
  // Looked at when it is stopped.
  asking.catch(() => {})
  return {
    /** @throws what went wrong meanwhile */
    async stop() {
      stopping.abort()
      await asking
      return { answered, recorded: recorded.slice(-MOST_CHECKED) }
    },
  }
}

/** Everything that was acknowledged counts. */
async function expectBought(server: LiveServer, recorded: readonly Recorded[]): Promise<void> {
  for (const { customer, product } of recorded) expect(await holds(server, customer, product)).toBe(false)
}

/** A customer who is erased is unknown at once. */
async function expectErasure(server: LiveServer, customer: string, folder: string): Promise<void> {
  expect(filesWith(folder, customer).length).toBeGreaterThan(1)
  const { eraseCustomer } = await server.ask(
    `mutation { eraseCustomer(input: { customer: "${customer}" }) { ... on EraseCustomerPayload { events models } } }`,
  )
  expect(eraseCustomer).toEqual({ events: 1, models: 1 })
  await expectUnknown(server, customer)
}

async function expectUnknown({ ask }: LiveServer, customer: string): Promise<void> {
  const found = await ask(`{ customer(externalId: "${customer}") { __typename } }`)
  expect(found.customer.__typename).toBe('UnknownCustomerError')
}

/** The files below a folder that hold a text. */
function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const file = join(folder, name)
    return statSync(file).isFile() && readFileSync(file).includes(text)
  })
}
