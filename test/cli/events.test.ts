import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { readDataset } from '../../src/data/read.ts'
import { historiesOf } from '../../src/engine/history.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { openModel } from '../../src/model/model-file.ts'
import { openCatalogue } from '../../src/store/catalogue-store.ts'
import { openEvents } from '../../src/store/open-events.ts'
import { rationale, rationaleJson, start, temporaryFolder } from './program.ts'
import { smallShop, trainedModel } from './shop.ts'

let shop: string
let imported: string
beforeAll(async () => {
  shop = await smallShop()
  imported = join(temporaryFolder(), 'shop.sqlite')
  await rationaleJson(`import --data ${shop} --store ${imported}`)
})

/** A copy of the store into which the shop was imported. */
function copyOfStore(): string {
  const file = join(temporaryFolder(), 'copy.sqlite')
  copyFileSync(imported, file)
  return file
}

/** A shop of these rows: customer, product, time, quantity. */
function shopOf(...rows: string[]): string {
  const file = join(temporaryFolder(), 'interactions.csv')
  writeFileSync(file, ['customer_id,product_id,timestamp,quantity', ...rows, ''].join('\n'))
  return file
}

describe('rationale import', () => {
  test('brings the purchases, views and cart entries of a shop into a store, and says how many', async () => {
    const store = join(temporaryFolder(), 'new.sqlite')
    const { interactions, browsing } = await readDataset(shop)
    const result = await rationaleJson(`import --data ${shop} --store ${store}`)
    expect(result).toEqual({
      events: interactions.count + browsing!.count,
      duplicates: 0,
      customers: new Set(interactions.customer).size,
      products: new Set(interactions.product).size,
      seconds: expect.any(Number),
    })
  })

  test('records nothing twice, also of a file that has grown', async () => {
    const store = join(temporaryFolder(), 'new.sqlite')
    const rows = ['ana,mug,2018-01-01,2', 'ana,mug,2018-01-01,2', 'ben,cup,2018-01-02,1']
    expect(await rationaleJson(`import --data ${shopOf(...rows)} --store ${store}`)).toMatchObject({
      events: 3,
    })
    const grown = shopOf('cleo,pot,2017-12-31,1', ...rows, 'ana,mug,2018-01-03,1')
    expect(await rationaleJson(`import --data ${grown} --store ${store}`)).toMatchObject({
      events: 2,
      duplicates: 3,
      customers: 3,
      products: 3,
    })
  })

  test('brings views and cart entries once, of customers and of visitors', async () => {
    const store = join(temporaryFolder(), 'new.sqlite')
    const file = shopOf('ana,mug,2018-01-01,2')
    const rows = ['ana,,mug,VIEW,2018-01-02', ',v1,cup,CART,2018-01-03', 'ana,,mug,VIEW,2018-01-02']
    const write = (...all: string[]) =>
      writeFileSync(
        join(dirname(file), 'events.csv'),
        ['customer_id,visitor_id,product_id,kind,timestamp', ...all, ''].join('\n'),
      )
    write(...rows)
    expect(await rationaleJson(`import --data ${file} --store ${store}`)).toMatchObject({ events: 4 })
    write('ben,,mug,CART,2017-01-02', ...rows)
    expect(await rationaleJson(`import --data ${file} --store ${store}`)).toMatchObject({
      events: 1,
      duplicates: 4,
    })
    const events = openEvents(store)
    const seen = { product: 'mug', kind: 'VIEW', at: Date.UTC(2018, 0, 2) }
    expect(await events.interests(['ana', { visitor: 'v1' }], 9)).toEqual([
      [seen, seen],
      [{ product: 'cup', kind: 'CART', at: Date.UTC(2018, 0, 3) }],
    ])
    await events.close()
  })

  test('that is stopped keeps what it has recorded, and goes on from there', async () => {
    const store = join(temporaryFolder(), 'new.sqlite')
    const rows = Array.from(
      { length: 60_000 },
      (_, n) => `c${n % 5000},p${n % 90},2018-01-01T00:00:${n % 60},1`,
    )
    const large = shopOf(...rows.map((row) => row.replace(/:(\d)(?=,)/, ':0$1')))
    const running = start(`import --data ${large} --store ${store}`)
    while (!existsSync(store)) await new Promise((resolve) => setTimeout(resolve, 5))
    running.process.kill('SIGINT')
    const { code, stderr } = await running.finished
    // A fast machine may have been done.
    if (code !== 0) {
      expect(code).toBe(130)
      expect(stderr).toContain('the same command goes on from there')
    }
    const { events, duplicates } = await rationaleJson(`import --data ${large} --store ${store}`)
    expect(events + duplicates).toBe(60_000)
    expect(await rationaleJson(`import --data ${large} --store ${store}`)).toMatchObject({
      events: 0,
      duplicates: 60_000,
    })
  })

  test('makes histories that are those of a model of the same shop', async () => {
    const model = await openModel(await trainedModel(shop))
    const events = openEvents(imported)
    const recommender = new Recommender(model, referenceKernels(), { events })
    const trained = historiesOf(model)
    for (let customer = 0; customer < trained.size; customer++) {
      const [history] = trained.of([customer])
      expect(await recommender.purchasesOf(customer)).toEqual(history)
      if (history.length > 0)
        expect(await recommender.purchasesOf(model.customers.at(customer))).toEqual(history)
    }
    recommender.close()
    await events.close()
  })

  test('leaves purchases without a time out, and says so', async () => {
    const store = join(temporaryFolder(), 'new.sqlite')
    const { code, stdout, stderr } = await rationale(
      `import --data ${shopOf('ana,mug,,1', 'ana,cup,2018-01-02,1')} --store ${store} --json`,
    )
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ events: 1 })
    expect(stderr).toContain('1 purchases have no time and are left out')
  })

  test.each([
    ['no store', 'import --data SHOP', 'no store named'],
    ['no data', 'import --data nowhere --store s.sqlite', 'nowhere'],
    ['a store that is none', 'import --data SHOP --store SHOP/orders.csv', 'cannot be written'],
  ])('with %s is a clear error', async (_, line, message) => {
    const text = join(shop, 'orders.csv')
    writeFileSync(text, 'These are not the bytes of a database. '.repeat(100), { flag: 'a' })
    const { code, stderr } = await rationale(
      line.replaceAll('SHOP', shopOf('ana,mug,2018-01-01,1')).replace(/\S+\/orders\.csv/, text),
    )
    expect(stderr).toContain(message)
    expect(code).toBe(1)
  })
})

describe('a store in place of files', () => {
  test('gives the same model, to the last bit, which says what it was trained on', async () => {
    const [fromFiles, fromStore] = ['files.model', 'store.model'].map((name) => join(temporaryFolder(), name))
    const fit = '--effort quick --factors 8 --iterations 3'
    await rationaleJson(`train --data ${shop} --model ${fromFiles} ${fit}`)
    await rationaleJson(`train --store ${imported} --model ${fromStore} ${fit}`)
    const [files, store] = await Promise.all([fromFiles, fromStore].map(openModel))
    const { tensorHash: _, ...ofFiles } = files.summary
    const { tensorHash: _own, trainedOn, ...ofStore } = store.summary
    expect(trainedOn).toEqual({ store: expect.any(String), receivedThrough: expect.any(Number) })
    expect({ ...store, version: '', summary: ofStore }).toEqual({ ...files, version: '', summary: ofFiles })
  })

  test('gives the same evaluation', async () => {
    const evaluation = '--no-tune --systems popularity --protocol last-order'
    const [{ seconds: _, ...fromFiles }, { seconds: _again, ...fromStore }] = await Promise.all(
      [`--data ${shop}`, `--store ${imported}`].map((from) =>
        rationaleJson(`evaluate ${from} ${evaluation}`),
      ),
    )
    expect(fromStore).toEqual(fromFiles)
  })

  test.each([
    [
      2,
      'train --data SHOP --store STORE --model m',
      "option '--data <path>' cannot be used with option '--store",
    ],
    [2, 'evaluate --data SHOP --store STORE', "option '--data <path>' cannot be used with option '--store"],
    [1, 'train --store nowhere.sqlite --model m', 'there is no store nowhere.sqlite'],
    [1, 'train --store STORE --model STORE', '--model and --store are one file'],
    [2, 'import --store STORE', 'name what to import: --data, --products, or both'],
  ])('ends with code %i for %s', async (expected, line, message) => {
    const { code, stderr } = await rationale(line.replace('SHOP', shop).replaceAll('STORE', imported))
    expect(stderr).toContain(message)
    expect(code).toBe(expected)
  })
})

test('a products file is imported alone, and changes what it says', async () => {
  const store = join(temporaryFolder(), 'new.sqlite')
  await rationaleJson(`import --data ${shopOf('ana,mug,2018-01-01,1')} --store ${store}`)
  const products = join(temporaryFolder(), 'catalogue.csv')
  writeFileSync(products, 'product_id,name,category,colour\nmug,Mug,kitchen,blue\npot,Pot,garden,\n')
  expect(await rationaleJson(`import --products ${products} --store ${store}`)).toEqual({
    events: 0,
    customers: 0,
    products: 2,
    duplicates: 0,
    seconds: expect.any(Number),
  })
  const catalogue = openCatalogue(store)
  expect(await catalogue.get(['mug', 'pot'])).toMatchObject([
    { name: 'Mug', category: 'kitchen', attributes: [{ name: 'colour', value: 'blue' }] },
    { name: 'Pot', category: 'garden', attributes: [] },
  ])
  await catalogue.close()
})

describe('rationale export-customer', () => {
  test('prints everything that is stored of a customer, as JSON', async () => {
    const store = copyOfStore()
    const events = openEvents(store)
    await events.append([
      {
        visitor: 'session',
        product: 'mug\u001b[1m',
        kind: 'RATING',
        value: 4,
        at: Date.UTC(2019, 0, 1),
        idempotencyKey: 'k',
      },
    ])
    await events.identify('session', 'customer-1')
    await events.close()
    const exported = await rationaleJson(`export-customer --store ${store} --customer customer-1`)
    expect(exported).toMatchObject({ customer: 'customer-1', visitors: ['session'] })
    expect(exported['events'].length).toBeGreaterThan(1)
    expect(exported['events']).toContainEqual({
      id: 'k',
      product: 'mug\u001b[1m',
      kind: 'RATING',
      at: '2019-01-01T00:00:00.000Z',
      receivedAt: expect.any(String),
      quantity: null,
      price: null,
      value: 4,
      orderId: null,
      listId: null,
      placement: null,
      seller: null,
      reviewScore: null,
      deliveryDelayDays: null,
    })
    const { stdout } = await rationale(`export-customer --store ${store} --customer customer-1`)
    expect(JSON.parse(stdout)).toEqual(exported)
    expect(stdout).not.toContain('\u001b')
  })

  test('of a customer with thousands of events prints each once', async () => {
    const store = copyOfStore()
    const events = openEvents(store)
    await events.append(
      Array.from({ length: 2500 }, (_, n) => ({
        customer: 'busy',
        product: `p${n}`,
        kind: 'VIEW' as const,
        at: Date.UTC(2019, 0, 1) + n,
      })),
    )
    await events.close()
    const exported = await rationaleJson(`export-customer --store ${store} --customer busy`)
    expect(exported['events'].map(({ product }: { product: string }) => product)).toEqual(
      Array.from({ length: 2500 }, (_, n) => `p${n}`),
    )
  })

  test('of a customer of whom nothing is stored is empty', async () => {
    expect(await rationaleJson(`export-customer --store ${imported} --customer nobody`)).toEqual({
      customer: 'nobody',
      visitors: [],
      segment: null,
      events: [],
    })
  })
})

describe('rationale erase', () => {
  test('leaves nothing of the customer in the store', async () => {
    const store = copyOfStore()
    const { events: exported } = await rationaleJson(
      `export-customer --store ${store} --customer customer-17`,
    )
    const isHeld = () => /customer-17(?!\d)/.test(readFileSync(store, 'latin1'))
    expect(isHeld()).toBe(true)
    expect(await rationaleJson(`erase --store ${store} --customer customer-17`)).toEqual({
      customer: 'customer-17',
      events: exported.length,
      models: 0,
    })
    expect(isHeld()).toBe(false)
    expect(await rationaleJson(`export-customer --store ${store} --customer customer-17`)).toMatchObject({
      events: [],
    })
  })

  test('works beside a server, whose next list no longer counts the events', async () => {
    const store = copyOfStore()
    const model = await trainedModel(shop)
    const server = start(`serve --model ${model} --store ${store} --port 0`, {
      RATIONALE_TOKEN: 'a-token-of-sixteen-letters',
    })
    const url = (await server.printed('/graphql\n')).trim()
    const ask = async (query: string) => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: 'Bearer a-token-of-sixteen-letters' },
        body: JSON.stringify({ query }),
      })
      return ((await response.json()) as any).data
    }
    const customer =
      '{ customer(externalId: "new") { __typename ... on Customer { purchases { edges { node { quantity } } } } } }'
    await ask(`mutation { recordEvents(input: { events: [
      { customer: "new", product: "toys-001", kind: PURCHASE, quantity: 3 }
      { customer: "new", product: "${(await readDataset(shop)).products.at(0)}", kind: PURCHASE, quantity: 3 }
    ] }) { __typename } }`)
    expect((await ask(customer)).customer.purchases.edges).toContainEqual({ node: { quantity: 3 } })
    expect(await rationaleJson(`erase --store ${store} --customer new`)).toMatchObject({ events: 2 })
    expect((await ask(customer)).customer.__typename).toBe('UnknownCustomerError')
    server.process.kill('SIGTERM')
    await server.finished
  })

  test.each([
    ['erase --customer c', 'no store named'],
    [
      'erase --customer c --store none.sqlite',
      'there is no store none.sqlite: `rationale import` creates one',
    ],
    ['export-customer --customer c --store none.sqlite', 'there is no store none.sqlite'],
  ])('%s is a clear error', async (line, message) => {
    const { code, stderr } = await rationale(line)
    expect(stderr).toContain(message)
    expect(code).toBe(1)
  })
})
