import fc from 'fast-check'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Browsing } from '../../src/data/browsing.ts'
import type { Dataset } from '../../src/data/dataset.ts'
import { generateShop } from '../../src/data/demo-shop.ts'
import { readDataset, type ReadOptions } from '../../src/data/read.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { configure } from '../../src/model/configuration.ts'
import { fitModel } from '../../src/model/fit.ts'
import { importDataset } from '../../src/store/import-dataset.ts'
import { readStore } from '../../src/store/read-store.ts'
import { openCatalogue } from '../../src/store/catalogue-store.ts'
import { openEvents } from '../../src/store/open-events.ts'
import { folderOf } from '../data/folders.ts'
import { OLIST_FILES } from '../data/olist-files.ts'
import { temporaryFile } from '../explanations/writer.ts'

/** A store into which a shop's files were imported. */
async function storeOf(path: string, options: ReadOptions = {}, file = temporaryFile('store.sqlite')) {
  await importDataset(await readDataset(path, { ...options, keepColumns: true }), file)
  return file
}

const strings = (table: Dataset['products'] | Dataset['productNames']) =>
  table && Array.from({ length: table.size }, (_, i) => table.at(i))

/** Everything that training sees, as plain values. */
function plain(dataset: Dataset) {
  const { cancelled: _c, productColumns: _p, unusedColumns: _u, warnings: _w, ...seen } = dataset
  return {
    ...seen,
    customers: strings(dataset.customers),
    products: strings(dataset.products),
    sellers: strings(dataset.sellers),
    productNames: strings(dataset.productNames),
    browsing: dataset.browsing && withoutSessions(dataset.browsing),
  }
}

/** A store tells sessions by pauses. */
function withoutSessions(browsing: Browsing) {
  const { session: _s, sessions: _n, ...seen } = browsing
  return {
    ...seen,
    customers: strings(browsing.customers),
    visitors: strings(browsing.visitors),
    products: strings(browsing.products),
  }
}

describe('the data set of a store is that of the files imported into it', () => {
  test('of a made-up shop, and so is the model trained on it, to the last bit', async () => {
    const shop = join(dirname(temporaryFile('x')), 'shop')
    await generateShop({ directory: shop, customers: 150, products: 50, seed: 2, returns: true })
    const fromFiles = await readDataset(shop)
    const fromStore = await readStore(await storeOf(shop))
    expect(plain(fromStore)).toEqual(plain(fromFiles))
    const kernels = await openKernels({ threads: 1 })
    const configuration = configure('default', { factors: 8, iterations: 3 })
    const [a, b] = [
      await fitModel(fromFiles, configuration, kernels),
      await fitModel(fromStore, configuration, kernels),
    ]
    await kernels.close()
    expect(b.summary.tensorHash).toBe(a.summary.tensorHash)
  })

  test('of files of Olist, with a customer who never bought, blank fields and segments', async () => {
    const folder = await folderOf({
      ...OLIST_FILES,
      'olist_orders_dataset.csv': OLIST_FILES['olist_orders_dataset.csv'].replace(
        'o3,c3,shipped,,',
        'o3,c3,shipped,2018-01-31 00:00:00,',
      ),
      'olist_order_reviews_dataset.csv': 'order_id,review_score\no1,4\no1,5\n',
      'customer_features.csv': 'customer_unique_id,segment_name\ndora,late\nana,good\nbob,late\n',
    })
    expect(plain(await readStore(await storeOf(folder)))).toEqual(plain(await readDataset(folder)))
  })

  test('of interactions with sellers, orders and products of any columns', async () => {
    const folder = await folderOf({
      'interactions.csv': [
        'customer_id,product_id,timestamp,quantity,price,order_id,seller_id',
        'ben,cup,2018-01-05,2,3.10,o9,s2',
        'ana,mug,2018-01-02,1,,o1,',
        'ana,jug,2018-01-02,0.5,1e-3,o1,s1',
        'ana,mug,2018-01-02,1,4,o2,s1',
        'ben,tray,2018-01-05,2,3.10,o9,s2',
        '',
      ].join('\n'),
      'products.csv': [
        'product_id,title,department,weight,price,colour,description,image_url,empty',
        'mug,"Mug, ""blue""",kitchen,0.35,4.20,blue,First text,/mug.svg,',
        'pot,Pot,garden,1.5e0,,red,Second text,javascript:x,',
        'cup,,kitchen,,3,blue,Third text,,',
        'jug,Jug,kitchen,2,5,red,Fourth,,',
        '',
      ].join('\n'),
    })
    const file = await storeOf(folder)
    const dataset = await readDataset(folder)
    expect(plain(await readStore(file))).toEqual(plain(dataset))
    // Texts that are all different teach nothing; a column in which nothing is said is not worth telling of.
    expect(dataset.unusedColumns).toEqual(['description', 'image_url'])
    const catalogue = openCatalogue(file)
    // A column that Rationale has a field for is that field, where it holds what the field takes.
    expect(await catalogue.get(['mug', 'pot', 'tray'])).toMatchObject([
      {
        name: 'Mug, "blue"',
        category: 'kitchen',
        price: 4.2,
        imageUrl: '/mug.svg',
        attributes: [
          { name: 'weight', value: '0.35' },
          { name: 'colour', value: 'blue' },
          { name: 'description', value: 'First text' },
        ],
      },
      {
        imageUrl: null,
        attributes: [
          { name: 'weight' },
          { name: 'colour' },
          { name: 'description' },
          { name: 'image_url', value: 'javascript:x' },
        ],
      },
      { name: null, category: null, attributes: [] },
    ])
    await catalogue.close()
  })

  test('of any interactions', async () => {
    const row = fc.tuple(
      fc.constantFrom('ana', 'ben', 'cleo'),
      fc.constantFrom('mug', 'cup', 'pot', 'jug'),
      fc.integer({ min: 1, max: 4 }).map((day) => `2018-01-0${day}`),
      fc.constantFrom('', '1', '2', '0.25'),
      fc.constantFrom('', '3', '0.1'),
      fc.constantFrom('', 's1', 's2'),
    )
    const product = fc.record({
      category: fc.constantFrom('', 'a', 'b'),
      weight: fc.constantFrom('', '1', '0.5'),
      brand: fc.constantFrom('', 'x', '7'),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 12 }),
        fc.array(product, { maxLength: 3 }),
        async (rows, products) => {
          const folder = await folderOf({
            'interactions.csv': [
              'customer_id,product_id,timestamp,quantity,price,seller_id',
              ...rows.map((fields) => fields.join(',')),
              '',
            ].join('\n'),
            'products.csv': [
              'product_id,category,weight,brand',
              ...products.map(({ category, weight, brand }, i) =>
                [['jug', 'mug', 'lid'][i], category, weight, brand].join(','),
              ),
              '',
            ].join('\n'),
          })
          const file = temporaryFile('store.sqlite')
          // Twice: an import that is repeated changes nothing.
          await storeOf(folder, {}, file)
          await storeOf(folder, {}, file)
          expect(plain(await readStore(file))).toEqual(plain(await readDataset(folder)))
        },
      ),
      { numRuns: 25 },
    )
  })

  test('of more products and customers than are written at once', async () => {
    const numbers = Array.from({ length: 5200 }, (_, n) => (n * 7919) % 5200)
    const folder = await folderOf({
      'interactions.csv': `customer_id,product_id,timestamp\n${numbers.map((n) => `c${n},p${n % 7},2018-01-02\n`).join('')}`,
      'products.csv': `product_id,category\n${numbers.map((n) => `p${n},${n % 5}\n`).join('')}`,
    })
    expect(plain(await readStore(await storeOf(folder)))).toEqual(plain(await readDataset(folder)))
  })

  test('also where a longer file was imported after a shorter one', async () => {
    const rows = ['ana,mug,2018-01-02', 'ben,cup,2018-01-05', 'ana,jug,2018-01-01', 'cleo,mug,2018-01-09']
    const folder = await folderOf({
      'short.csv': ['customer_id,product_id,timestamp', rows[1], rows[2], ''].join('\n'),
      'interactions.csv': ['customer_id,product_id,timestamp', ...rows, ''].join('\n'),
    })
    const file = await storeOf(join(folder, 'short.csv'))
    await storeOf(folder, {}, file)
    expect(plain(await readStore(file))).toEqual(plain(await readDataset(folder)))
  })
})

describe('what happened after an import', () => {
  const START = Date.UTC(2018, 0, 10)

  test('is in the data set: purchases follow, and returns take units off', async () => {
    const folder = await folderOf({
      'interactions.csv':
        'customer_id,product_id,timestamp,quantity\nana,mug,2018-01-02,3\nben,cup,2018-01-03,1\n',
    })
    const file = await storeOf(folder)
    const events = openEvents(file)
    await events.append([
      { customer: 'dan', product: 'kettle', kind: 'PURCHASE', at: START, price: 20, quantity: 2 },
      { customer: 'ana', product: 'mug', kind: 'RETURN', at: START, quantity: 1 },
      { customer: 'ben', product: 'cup', kind: 'RETURN', at: START },
      { customer: 'ana', product: 'cup', kind: 'VIEW', at: START },
      { visitor: 'somebody', product: 'cup', kind: 'PURCHASE', at: START },
    ])
    await events.close()
    const dataset = plain(await readStore(file))
    expect(dataset).toMatchObject({
      customers: ['ana', 'ben', 'dan'],
      products: ['mug', 'cup', 'kettle'],
      interactions: {
        count: 2,
        customer: Uint32Array.of(0, 2),
        product: Uint32Array.of(0, 2),
        quantity: Float32Array.of(2, 2),
        price: Float64Array.of(NaN, 20),
      },
      orders: { count: 2, timestamp: Float64Array.of(Date.UTC(2018, 0, 2), START) },
    })
    // These are no longer the files.
    expect(dataset.fingerprint).not.toBe((await readDataset(folder)).fingerprint)
  })

  test('is in the data set: the catalogue as it is now', async () => {
    const folder = await folderOf({
      'interactions.csv': 'customer_id,product_id,timestamp\nana,mug,2018-01-02\n',
      'products.csv': 'product_id,category,weight\nmug,kitchen,1\npot,garden,2\n',
    })
    const file = await storeOf(folder)
    const catalogue = openCatalogue(file)
    await catalogue.upsert([
      {
        sku: 'new',
        category: 'toys',
        attributes: [
          { name: 'weight', value: '7' },
          { name: 'age', value: '3' },
        ],
      },
      { sku: 'pot', category: 'kitchen' },
    ])
    await catalogue.close()
    expect(plain(await readStore(file))).toMatchObject({
      products: ['mug', 'pot', 'new'],
      category: { labels: ['kitchen', 'toys'], codes: Int32Array.of(0, 0, 1) },
      numeric: [
        { name: 'weight', values: Float64Array.of(1, 2, 7) },
        { name: 'age', values: Float64Array.of(NaN, NaN, 3) },
      ],
    })
  })

  test('of a store without imports makes a data set too', async () => {
    const file = temporaryFile('store.sqlite')
    const events = openEvents(file)
    await events.append([
      { customer: 'ben', product: 'cup', kind: 'PURCHASE', at: START + 1, orderId: 'o' },
      { customer: 'ana', product: 'mug', kind: 'PURCHASE', at: START },
      { customer: 'ben', product: 'mug', kind: 'PURCHASE', at: START + 2, orderId: 'o' },
    ])
    await events.close()
    expect(plain(await readStore(file))).toMatchObject({
      customers: ['ana', 'ben'],
      products: ['mug', 'cup'],
      interactions: { customer: Uint32Array.of(0, 1, 1), order: Uint32Array.of(0, 1, 1) },
      orders: { count: 2, timestamp: Float64Array.of(START, START + 1) },
    })
  })
})

test.each([
  ['no store', () => join(dirname(temporaryFile('x')), 'none.sqlite'), 'does not exist'],
  ['a file that is none', () => import.meta.filename, 'cannot be read'],
  [
    'a store without purchases',
    async () => {
      const file = temporaryFile('store.sqlite')
      const catalogue = openCatalogue(file)
      await catalogue.upsert([{ sku: 'mug' }])
      await catalogue.close()
      return file
    },
    'holds no purchase of a customer: there is nothing to train on',
  ],
])('%s is a clear error', async (_, file, message) => {
  await expect(readStore(await file())).rejects.toThrow(message)
})

test('reading stops when it is aborted', async () => {
  const folder = await folderOf({
    'interactions.csv': 'customer_id,product_id,timestamp\nana,mug,2018-01-02\n',
  })
  const file = await storeOf(folder)
  await expect(readStore(file, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
})

test('an erased customer is in no data set', async () => {
  const file = temporaryFile('store.sqlite')
  const path = temporaryFile('interactions.csv')
  writeFileSync(path, 'customer_id,product_id,timestamp\nana,mug,2018-01-02\nben,cup,2018-01-03\n')
  await storeOf(path, {}, file)
  const events = openEvents(file)
  await events.erase('ana')
  await events.close()
  expect(plain(await readStore(file))).toMatchObject({ customers: ['ben'], interactions: { count: 1 } })
})
