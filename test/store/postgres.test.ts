/** A store on PostgreSQL does what one in SQLite does, and what only several machines need. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { generateShop } from '../../src/data/demo-shop.ts'
import { readDataset } from '../../src/data/read.ts'
import { ApiKeyStore } from '../../src/store/api-key-store.ts'
import { openAvailability } from '../../src/store/availability-store.ts'
import { openCatalogue } from '../../src/store/catalogue-store.ts'
import { copyStore } from '../../src/store/copy-store.ts'
import { ExplanationStore } from '../../src/store/explanation-store.ts'
import { importDataset } from '../../src/store/import-dataset.ts'
import { SCHEMA } from '../../src/store/migrations.ts'
import { openEvents } from '../../src/store/open-events.ts'
import { readStore } from '../../src/store/read-store.ts'
import { takeRetrainingLock } from '../../src/store/retraining-lock.ts'
import { openStore } from '../../src/store/store.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { keptLog, temporaryFile } from '../explanations/writer.ts'
import { hasPostgres, PostgresServer, postgresSkipped } from '../postgres-server.ts'
import { apiKeyContract } from './api-key-contract.ts'
import { availabilityContract } from './availability-contract.ts'
import { catalogueContract, productsOf } from './catalogue-contract.ts'
import { eventStoreContract, NOW } from './event-store-contract.ts'
import { explanationContract } from './explanation-contract.ts'
import { modelRegistryContract } from './model-registry-contract.ts'

/** A store that is closed at the end of the test. */
const opened = (location: string) => {
  const store = openStore(location)
  onTestFinished(() => store.close())
  return store
}

const purchase = (n: number) =>
  ({ customer: 'ana', product: `p${n}`, kind: 'PURCHASE', at: NOW, idempotencyKey: `k${n}` }) as const

/** Letters of three bytes each in no order, which no compression makes shorter. */
const long = (salt: number) =>
  Array.from({ length: 500 }, (_, i) =>
    String.fromCharCode(0x4e00 + ((i * i * 7919 + salt * 104_729) % 20_000)),
  ).join('')

describe.skipIf(!hasPostgres)(`a store on PostgreSQL${postgresSkipped}`, () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await PostgresServer.open({ isDurable: false })
  })
  afterAll(() => server.close())

  describe('events', () => eventStoreContract(() => openEvents(server.newStore(), () => NOW)))
  describe('the catalogue', () => catalogueContract(() => openCatalogue(server.newStore()), 20))
  describe('models', () => modelRegistryContract(() => server.newStore()))
  describe('keys', () => apiKeyContract(() => server.newStore()))
  describe('availability', () => availabilityContract(() => server.newStore()))
  describe('explanations', () => explanationContract(() => server.newStore()))

  test('keys and ids of the greatest length are kept, whatever their letters', async () => {
    const { events } = opened(server.newStore())
    const event = {
      customer: long(1),
      product: long(2),
      kind: 'PURCHASE',
      at: NOW,
      idempotencyKey: long(3),
      orderId: long(4),
    } as const
    expect(await events.append([event])).toEqual({ accepted: 1, duplicates: 0 })
    expect(await events.histories([event.customer], 1)).toMatchObject([
      [{ id: event.idempotencyKey, product: event.product, orderId: event.orderId }],
    ])
  })

  test('the watermark of a reader misses nothing that is committed after it was read', async () => {
    const location = server.newStore()
    const [one, other] = [opened(location), opened(location)]
    await one.events.append([purchase(0)])
    const missed: string[] = []
    const recorded = new AbortController()
    const writers = [one, other].map(async ({ events }, writer) => {
      for (let n = 0; n < 25; n++) await events.append([purchase(1 + writer + 2 * n)])
    })
    const written = Promise.all(writers).finally(() => recorded.abort())
    let seen = 0
    while (!recorded.signal.aborted) {
      const { receivedThrough } = (await one.events.watermark())!
      const through = async () =>
        (
          await other.database.read((queries) =>
            queries.selectFrom('events').select('id').where('received_at', '<=', receivedThrough).execute(),
          )
        ).length
      const [now, later] = [await through(), (await one.events.append([]), await through())]
      if (later !== now) missed.push(`${now} → ${later}`)
      seen = now
    }
    await written
    expect(missed).toEqual([])
    expect(seen).toBeGreaterThan(0)
    expect((await one.events.histories(['ana'], 100))[0]).toHaveLength(51)
  })

  test('two processes that open a new store at once migrate it once', async () => {
    const location = server.newStore()
    const stores = Array.from({ length: 4 }, () => opened(location))
    const versions = await Promise.all(stores.map(async ({ events }) => (await events.watermark())!.store))
    expect(new Set(versions).size).toBe(1)
  })

  test('a store of a newer version is refused, and is not changed', async () => {
    const location = server.newStore()
    await opened(location).events.append([purchase(1)])
    const schema = new URL(location).searchParams.get('schema')
    await server.run(`UPDATE ${schema}.store_schema SET number = ${SCHEMA + 1}`)
    await expect(opened(location).events.append([purchase(2)])).rejects.toThrow(
      `the store has schema ${SCHEMA + 1}, and this version of Rationale knows schemas up to ${SCHEMA}`,
    )
    expect(await server.run(`SELECT id FROM ${schema}.events`)).toEqual([{ id: 'k1' }])
  })

  test('one process at a time retrains, and the lock of one that is gone is free', async () => {
    const location = server.newStore()
    const unlock = await takeRetrainingLock(location)
    expect(unlock).not.toBeNull()
    expect(await takeRetrainingLock(location)).toBeNull()
    expect(await takeRetrainingLock(server.newStore()).then((free) => free?.() ?? null)).not.toBeNull()
    // As when the process ends: the server closes its session.
    await server.run(
      "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()",
    )
    await expect.poll(async () => (await takeRetrainingLock(location)) !== null).toBe(true)
    await unlock!().catch(() => {})
  })

  describe('what is wrong is said, without the password', () => {
    test.each([
      ['postgres://ana:secret-word@127.0.0.1:1/shop', 'PostgreSQL cannot be reached: connect ECONNREFUSED'],
      ['postgres://ana:secret-word@/shop', 'cannot be read: write it as'],
    ])('%#', async (location, message) => {
      const failure = await (async () => openStore(location).events.append([purchase(1)]))().catch(
        (error: unknown) => error,
      )
      expect(String(failure)).toContain(message)
      expect(String(failure)).not.toContain('secret-word')
    })

    test('a database that is not there', async () => {
      const location = server.url.replace('/postgres?', '/nowhere?').replace(/\/postgres$/, '/nowhere')
      const failure = await opened(location.replace('postgres@', 'postgres:secret-word@'))
        .events.append([purchase(1)])
        .catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(StoreError)
      expect(String(failure)).toMatch(
        /database "nowhere" does not exist; create the database with `createdb`/,
      )
      expect(String(failure)).not.toContain('secret-word')
    })

    test('a store that may only be read', async () => {
      const location = server.newStore()
      await opened(location).events.append([purchase(1)])
      const url = new URL(location)
      url.searchParams.set('options', '-c default_transaction_read_only=on')
      const store = opened(url.href)
      expect(await store.isReadOnly()).toBe(true)
      expect((await store.events.histories(['ana'], 1))[0]).toHaveLength(1)
      const failure = await store.events.append([purchase(2)]).catch((error: unknown) => error)
      expect(failure).toMatchObject({ name: 'StoreError', isReadOnly: true })
    })
  })

  describe('a shop', () => {
    let shop: string
    beforeAll(async () => {
      shop = join(temporaryFile('shop'), 'files')
      await generateShop({ directory: shop, customers: 60, products: 30, seed: 3 })
    })

    test('that is imported is the data set of its files, and is copied there and back without a loss', async () => {
      const dataset = await readDataset(shop, { keepColumns: true })
      const [first, file, second] = [server.newStore(), temporaryFile('shop.sqlite'), server.newStore()]
      const { accepted } = await importDataset(dataset, first)
      expect(accepted).toBeGreaterThan(dataset.interactions.count - 1)
      expect(await importDataset(dataset, first)).toEqual({ accepted: 0, duplicates: accepted })
      expect((await readStore(first)).fingerprint).toBe(dataset.fingerprint)
      const source = opened(first)
      const { key } = await source.keys.create('web shop', ['read'], null)
      const availability = await source.openAvailability()
      await availability.set([{ sku: 'mug', hidden: true }])
      const decision = { reason: 'It is the first model.', ndcg10: null }
      for (const version of ['a', 'b']) {
        await source.models.add({ version, hash: version, decision })
        await source.models.promote(version, decision)
      }
      await source.openExplanations(keptLog()).spend('2018-08-29', { tokens: 2, money: 0.5 })
      await source.events.identify('session', 'ana')

      const rows = await copyStore(first, file)
      expect(rows).toMatchObject({ events: accepted, api_keys: 1, models: 2, visitors: 1, availability: 1 })
      expect(await copyStore(file, second)).toEqual(rows)

      expect((await readStore(second)).fingerprint).toBe(dataset.fingerprint)
      const copied = opened(second)
      expect((await copied.keys.check(key)).name).toBe('web shop')
      expect(await copied.events.watermark()).toEqual(await source.events.watermark())
      expect(await copied.models.all()).toEqual(await source.models.all())
      expect(await productsOf(copied.catalogue)).toEqual(await productsOf(source.catalogue))
      expect(await copied.audit(10)).toEqual(await source.audit(10))
      // Numbers go on after the greatest that was copied.
      const copiedAvailability = await copied.openAvailability()
      const { version } = copiedAvailability
      await copiedAvailability.set([{ sku: 'cup', hidden: true }])
      expect(copiedAvailability.version).toBeGreaterThan(version)
      expect(copiedAvailability.get('mug').hidden).toBe(true)
      await copied.models.add({ version: 'c', hash: 'c', decision })
      expect((await copied.models.all())[0].version).toBe('c')
    })

    test('is not copied into a store that holds something', async () => {
      const [from, to] = [server.newStore(), server.newStore()]
      await opened(from).events.append([purchase(1)])
      await opened(to).events.append([purchase(2), purchase(3)])
      await expect(copyStore(from, to)).rejects.toThrow(
        /is not empty.*rows: 2 in events\): name another store/,
      )
      const file = temporaryFile('store.sqlite')
      await new ApiKeyStore(file).create('shop', ['read'], null)
      await expect(copyStore(from, file)).rejects.toThrow(/rows: 1 in api_keys, 1 in clock, 1 in audit/)
    })

    test('of which the copy is interrupted leaves the target empty', async () => {
      const [from, to] = [server.newStore(), server.newStore()]
      await opened(from).events.append(Array.from({ length: 6000 }, (_, n) => purchase(n)))
      const stop = new AbortController()
      const copying = copyStore(from, to, {
        signal: stop.signal,
        onProgress: () => stop.abort(new Error('enough')),
      })
      await expect(copying).rejects.toThrow('enough')
      expect((await copyStore(from, to)).events).toBe(6000)
    })
  })

  test('a product that one process hides is hidden in another within a second or so, without a question', async () => {
    const location = server.newStore()
    const [here, there] = [await openAvailability(location), await openAvailability(location)]
    await here.set([{ sku: 'mug', hidden: true }])
    expect(here.get('mug').hidden).toBe(true)
    await expect.poll(() => there.get('mug').hidden).toBe(true)
    await Promise.all([here.close(), there.close()])
  })

  test('what two processes spend on a day is counted together', async () => {
    const location = server.newStore()
    const [here, there] = [0, 1].map(() => new ExplanationStore(location, keptLog()))
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        [here, there][n % 2].spend('2018-08-29', { tokens: 1, money: 0.5 }),
      ),
    )
    expect(await here.spent('2018-08-29')).toEqual({ tokens: 20, money: 10 })
    await Promise.all([here.close(), there.close()])
  })

  test('a server that is stopped and started is found again, and what was recorded is there', async () => {
    const own = await PostgresServer.open()
    onTestFinished(() => own.close())
    const store = opened(own.url)
    await store.events.append([purchase(1)])
    await own.stop()
    await expect(store.events.append([purchase(2)])).rejects.toThrow(
      /PostgreSQL cannot be reached: .*it is tried again/,
    )
    await expect(store.version()).rejects.toThrow(StoreError)
    await own.start()
    expect(await store.events.append([purchase(1), purchase(2)])).toEqual({ accepted: 1, duplicates: 1 })
    expect((await store.events.histories(['ana'], 10))[0]).toHaveLength(2)
  })
})
