/** Servers on one PostgreSQL, with the real program over HTTP. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { generateShop } from '../../src/data/demo-shop.ts'
import { randomKey } from '../../src/store/api-key.ts'
import { openStore } from '../../src/store/store.ts'
import { rationale, rationaleJson, temporaryFolder } from '../cli/program.ts'
import { hasPostgres, PostgresServer, postgresSkipped } from '../postgres-server.ts'
import { type LiveServer, serve, TOKEN, until, versionOf } from './server.ts'

const FIT = '--effort quick --factors 8 --iterations 3'

/** What is changed on one server holds on the others within this time, in ms. */
const BOUND = 1000

const LIST = `query List($customer: String!) {
  customer(externalId: $customer) {
    ... on Customer {
      recommendations(first: 60) { ... on RecommendationConnection { edges { node { product { sku } } } } }
    }
  }
}`

async function listOf({ ask }: LiveServer, customer: string): Promise<string[]> {
  const { customer: found } = await ask(LIST, { customer })
  return found.recommendations.edges.map(
    ({ node }: { node: { product: { sku: string } } }) => node.product.sku,
  )
}

const readiness = async ({ url }: LiveServer) => {
  const response = await fetch(url.replace(/graphql$/, 'ready'))
  return { code: response.status, ...((await response.json()) as { status: string; reason?: string }) }
}

describe.skipIf(!hasPostgres)(`servers on one PostgreSQL${postgresSkipped}`, () => {
  let postgres: PostgresServer
  let models: string
  let environment: Record<string, string>
  beforeAll(async () => {
    postgres = await PostgresServer.open()
    const shop = join(temporaryFolder(), 'shop')
    models = join(temporaryFolder(), 'models')
    await generateShop({ directory: shop, customers: 120, products: 50, seed: 5 })
    environment = { STORE: postgres.url, MODELS: models }
    expect(await rationaleJson(`import --data ${shop} --store ${postgres.url}`)).toMatchObject({
      duplicates: 0,
    })
    await rationaleJson(`retrain --store ${postgres.url} --models ${models} --force --effort quick`)
  })
  afterAll(() => postgres?.close())

  /** A key, and what a server answers who has it. */
  async function newKey() {
    const { id, key } = await rationaleJson(
      `keys create --store ${postgres.url} --name shop --scope read,admin`,
    )
    const statusOf = async ({ url }: LiveServer) => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${key}` },
        body: JSON.stringify({ query: '{ modelInfo { version } }' }),
      })
      await response.text()
      return response.status
    }
    return { id, statusOf }
  }

  test('the commands take it as they take a file', async () => {
    const { stdout } = await rationale(`keys list --store ${postgres.url}`)
    expect(stdout).toContain('No keys yet')
    const { id } = await newKey()
    await rationaleJson(`keys revoke ${id} --store ${postgres.url}`)
    const audited = await rationaleJson(`audit --store ${postgres.url}`)
    expect(audited.entries.slice(0, 2)).toMatchObject([
      { action: 'revoke', subject: id },
      { action: 'create' },
    ])
    const exported = JSON.parse(
      (await rationale(`export-customer --store ${postgres.url} --customer customer-1`)).stdout,
    )
    expect(exported.events.length).toBeGreaterThan(0)
    const model = join(temporaryFolder(), 'shop.model')
    expect(
      (await rationaleJson(`train --store ${postgres.url} --model ${model} ${FIT}`)).customers,
    ).toBeGreaterThan(100)
    const refused = await rationale(`rollback --store ${postgres.url}`)
    expect(refused).toMatchObject({ code: 1 })
    expect(refused.stderr).toContain('a store on PostgreSQL needs --models or $MODELS')
  })

  test('a revoked key is refused and a hidden product is gone, on both within a second', async () => {
    const [one, other] = await Promise.all([serve('', environment), serve('', environment)])
    const { id, statusOf } = await newKey()
    expect([await statusOf(one), await statusOf(other)]).toEqual([200, 200])
    await rationaleJson(`keys revoke ${id} --store ${postgres.url}`)
    // At once: each check reads the store.
    expect([await statusOf(one), await statusOf(other)]).toEqual([401, 401])

    const customer = 'customer-2'
    const [hidden] = await listOf(one, customer)
    expect(await listOf(other, customer)).toContain(hidden)
    await one.ask(
      'mutation ($sku: String!) { setProductAvailability(input: { products: [{ sku: $sku, hidden: true }] }) { __typename } }',
      { sku: hidden },
    )
    const began = performance.now()
    expect(await listOf(one, customer)).not.toContain(hidden)
    let took = 0
    await until(async () => {
      // What was asked for after this moment is no longer shown.
      took = performance.now() - began
      return !(await listOf(other, customer)).includes(hidden)
    })
    // A busy machine may come to a timer late.
    expect(took).toBeLessThan(10 * BOUND)

    const event = { customer, product: hidden, kind: 'PURCHASE' }
    await other.ask(
      'mutation ($event: EventInput!) { recordEvents(input: { events: [$event] }) { __typename } }',
      { event },
    )
    const purchases = `query ($id: String!) { customer(externalId: $id) { ... on Customer { purchases(first: 1) { edges { node { product { sku } } } } } } }`
    const { customer: found } = await one.ask(purchases, { id: customer })
    expect(found.purchases.edges[0].node.product.sku).toBe(hidden)
    expect(await Promise.all([one.stop(), other.stop()])).toEqual([0, 0])
  })

  test('an erased customer is in no event, no model and no list any more', async () => {
    const customer = 'customer-4'
    expect(
      await rationaleJson(`erase --store ${postgres.url} --models ${models} --customer ${customer}`),
    ).toMatchObject({
      customer,
      models: expect.any(Number),
    })
    const store = openStore(postgres.url)
    expect(await store.events.known([customer])).toEqual(new Set())
    await store.close()
  })

  test('it is copied from a file, and back, by `rationale store copy`', async () => {
    const file = join(temporaryFolder(), 'copy.sqlite')
    const { rows } = await rationaleJson(`store copy ${postgres.url} ${file}`)
    expect(rows.events).toBeGreaterThan(0)
    const again = postgres.newStore()
    expect(await rationaleJson(`store copy ${file} ${again}`)).toEqual({ rows })
    const refused = await rationale(`store copy ${file} ${again}`)
    expect(refused).toMatchObject({ code: 1 })
    expect(refused.stderr).toContain('is not empty')
    const missing = await rationale(`store copy ${file}.none ${postgres.newStore()}`)
    expect(missing.stderr).toContain('there is no store')
  })

  // The last one: a server that a test starts ends with it.
  test('a model that is promoted while PostgreSQL restarts is found; until then errors are clear', async () => {
    const store = openStore(postgres.url)
    onTestFinished(() => store.close())
    const former = await store.models.serving()
    await store.events.append(
      Array.from({ length: 30 }, (_, n) => ({
        customer: `customer-${n}`,
        product: `new ${n % 3}`,
        kind: 'PURCHASE' as const,
        at: Date.now() - n,
      })),
    )
    const { candidate } = await rationaleJson(
      `retrain --store ${postgres.url} --models ${models} --force --effort quick`,
    )
    expect(candidate).not.toBe(former)
    expect(await rationaleJson(`rollback --store ${postgres.url} --models ${models}`)).toEqual({
      from: candidate,
      to: former,
    })
    const server = await serve('', environment)
    expect(await readiness(server)).toMatchObject({ code: 200, status: 'ready' })
    expect(await versionOf(server)).toBe(former)
    await postgres.stop()
    const asked = performance.now()
    expect(await readiness(server)).toMatchObject({ code: 503, reason: 'the store cannot be used' })
    expect(performance.now() - asked).toBeLessThan(20_000)
    // Nothing that needs the store is a 500, and what it says is no detail of the store.
    const answer = await fetch(server.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ query: LIST, variables: { customer: 'customer-3' } }),
    })
    const { errors } = (await answer.json()) as { errors: { message: string; extensions: object }[] }
    expect(answer.status).toBe(200)
    expect(errors[0]).toMatchObject({
      message: 'The store of this server cannot be used just now: try again in some seconds.',
      extensions: { code: 'STORE_UNAVAILABLE' },
    })
    const withKey = await fetch(server.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${randomKey().key}` },
      body: JSON.stringify({ query: '{ modelInfo { version } }' }),
    })
    expect(withKey.status).toBe(503)
    expect(await withKey.json()).toMatchObject({ errors: [{ extensions: { code: 'STORE_UNAVAILABLE' } }] })

    await postgres.start()
    await store.models.promote(candidate, { reason: 'The test says so.', ndcg10: null })
    await until(async () => (await readiness(server)).code === 200)
    await until(async () => (await versionOf(server)) === candidate)
    expect(await listOf(server, 'customer-3')).not.toEqual([])
    expect(await server.stop()).toBe(0)
  })
})
