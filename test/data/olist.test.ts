import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { CategoricalColumn, Dataset } from '../../src/data/dataset.ts'
import { type ReadOptions, readDataset } from '../../src/data/read.ts'
import { failureOf, folderOf } from './folders.ts'
import { OLIST_FILES, type OlistFile, olistWith } from './olist-files.ts'

async function read(files: Readonly<Record<string, string>>, options: ReadOptions = {}): Promise<Dataset> {
  return readDataset(await folderOf(files), options)
}

function ids(table: Dataset['customers']): string[] {
  return Array.from({ length: table.size }, (_, i) => table.at(i))
}

function labels({ codes, labels: names }: CategoricalColumn): (string | undefined)[] {
  return [...codes].map((code) => names[code])
}

describe('The small Olist data set', () => {
  test('has people for customers: first those who bought, in the order of the items, then the others', async () => {
    const dataset = await read(OLIST_FILES)
    expect(dataset.adapter).toBe('olist')
    expect(ids(dataset.customers)).toEqual(['bob', 'ana', 'dora', 'cleo'])
    expect(dataset.customers.indexOf('ana')).toBe(1)
  })

  test('has one interaction for each item, as they stand in the file', async () => {
    const { interactions, products } = await read(OLIST_FILES)
    expect(interactions.count).toBe(4)
    expect([...interactions.customer]).toEqual([0, 1, 1, 1])
    expect([...interactions.product].map((product) => products.at(product))).toEqual(['p2', 'p1', 'p1', 'p3'])
    expect([...interactions.order]).toEqual([0, 1, 1, 2])
    expect([...interactions.quantity]).toEqual([1, 1, 1, 1])
    expect([...interactions.price]).toEqual([10.5, 99.9, 99.9, Number.NaN])
    expect(interactions).not.toHaveProperty('seller')
  })

  test('has the orders that hold items, in the order of the items; times are UTC', async () => {
    const { orders } = await read(OLIST_FILES)
    expect(orders.count).toBe(3)
    expect([...orders.customer]).toEqual([0, 1, 1])
    expect([...orders.timestamp]).toEqual([Number.NaN, Date.UTC(2018, 0, 1, 10), Date.UTC(2018, 1, 1)])
    expect([...(orders.deliveryDelayDays ?? [])]).toEqual([Number.NaN, -4.5, 2])
    expect(orders.reviewScore).toBeUndefined()
  })

  test.each(['canceled', 'unavailable'])(
    'leaves out orders that are %s, as if nothing had been ordered',
    async (status) => {
      const files = olistWith('olist_orders_dataset.csv', 'o1,c1,delivered', `o1,c1,${status}`)
      const { interactions, orders, cancelled, customers, products } = await read(files)
      expect([...interactions.product].map((product) => products.at(product))).toEqual(['p2', 'p3'])
      expect([...interactions.order]).toEqual([0, 1])
      expect([...orders.timestamp]).toEqual([Number.NaN, Date.UTC(2018, 1, 1)])
      // p1 stays in the catalogue. Cleo's cancelled order holds no item.
      expect(ids(products)).toEqual(['p1', 'p2', 'p3'])
      expect(cancelled).toEqual({
        count: 1,
        customer: Uint32Array.of(customers.indexOf('ana')),
        timestamp: Float64Array.of(Date.UTC(2018, 0, 1, 10)),
      })
    },
  )

  test('puts who bought nothing that was kept behind those who did', async () => {
    const files = olistWith('olist_orders_dataset.csv', 'o3,c3,shipped', 'o3,c3,canceled')
    expect(ids((await read(files)).customers)).toEqual(['ana', 'dora', 'bob', 'cleo'])
  })

  test('counts cancelled orders where that is asked for, under another fingerprint', async () => {
    const files = olistWith('olist_orders_dataset.csv', 'o3,c3,shipped', 'o3,c3,canceled')
    const counted = await read(files, { countCancelled: true })
    expect(counted.interactions.count).toBe(4)
    expect(ids(counted.customers)).toEqual(['bob', 'ana', 'dora', 'cleo'])
    expect(counted).not.toHaveProperty('cancelled')
    expect(counted.fingerprint).not.toBe((await read(files)).fingerprint)
  })

  test('does not know what was cancelled where the file has no status', async () => {
    const unknown = await read(olistWith('olist_orders_dataset.csv', 'order_status', 'state'))
    expect(unknown).not.toHaveProperty('cancelled')
    expect(unknown.interactions.count).toBe(4)
  })

  test('of cancelled orders alone is an error that says so', async () => {
    const orders = OLIST_FILES['olist_orders_dataset.csv'].replaceAll(/delivered,|shipped,/g, 'canceled,')
    const error = await failureOf(
      read({
        ...OLIST_FILES,
        'olist_orders_dataset.csv': orders.replace('canceled,customer', 'delivered,customer'),
      }),
    )
    expect(error.message).toMatch(/items_dataset.csv: holds only line items of cancelled orders/)
  })

  test('has products with the English category, or the shop’s own where the translation lacks it', async () => {
    const { products, category, categorical, productNames } = await read(OLIST_FILES)
    expect(ids(products)).toEqual(['p1', 'p2', 'p3'])
    expect(labels(category)).toEqual(['health_beauty', 'pc_gamer', undefined])
    expect(category.codes[2]).toBe(-1)
    expect(category.untranslated).toEqual(['pc_gamer'])
    expect(categorical).toEqual([])
    expect(productNames).toBeUndefined()
  })

  test('has the five measures, unknown where they are blank', async () => {
    const { numeric } = await read(OLIST_FILES)
    expect(numeric.map(({ name, values }) => [name, Array.from(values)].flat())).toEqual([
      ['product_weight_g', 200, 300.5, Number.NaN],
      ['product_length_cm', 20, 30, Number.NaN],
      ['product_height_cm', 10, 20, Number.NaN],
      ['product_width_cm', 5, 10, Number.NaN],
      ['product_photos_qty', 1, 2, Number.NaN],
    ])
  })

  test('gives the same fingerprint for the same bytes, another for others', async () => {
    const [one, same, other] = await Promise.all([
      read(OLIST_FILES),
      read(OLIST_FILES),
      read(olistWith('olist_customers_dataset.csv', 'lima', 'roma')),
    ])
    expect(one.fingerprint).toMatch(/^[0-9a-f]{64}$/)
    expect(same.fingerprint).toBe(one.fingerprint)
    expect(other.fingerprint).not.toBe(one.fingerprint)
  })

  test('is read alike with CRLF line ends and byte-order marks', async () => {
    const windows = Object.fromEntries(
      Object.entries(OLIST_FILES).map(([file, text]) => [file, `\uFEFF${text.replaceAll('\n', '\r\n')}`]),
    )
    const { fingerprint: _, ...expected } = await read(OLIST_FILES)
    expect(await read(windows)).toMatchObject(expected)
  })
})

describe('What may be there besides', () => {
  test('reviews: their mean by order, those of orders without items left out', async () => {
    const reviews = 'order_id,review_score\no1,4\no1,5\no4,1\no2,\n'
    const { orders } = await read({ ...OLIST_FILES, 'olist_order_reviews_dataset.csv': reviews })
    expect([...(orders.reviewScore ?? [])]).toEqual([Number.NaN, 4.5, Number.NaN])
  })

  test.each([
    ['customer_unique_id', 'customer_unique_id,segment_name\nana,Loyal\ncleo,Lost\nbob,\n'],
    ['customer_id', 'segment_name,customer_id\nLoyal,c1\nLoyal,c2\nLost,c4\n'],
  ])('segments, by %s', async (_, features) => {
    const { segments } = await read({ ...OLIST_FILES, 'customer_features.csv': features })
    expect(segments?.name).toBe('segment')
    expect(segments && labels(segments)).toEqual([undefined, 'Loyal', undefined, 'Lost'])
  })

  test('sellers, numbered as they first sell; unknown where the item names none', async () => {
    const items =
      'order_id,order_item_id,product_id,seller_id,price\no3,1,p2,s9,1\no1,1,p1,s1,1\no1,2,p1,,1\no2,1,p3,s9,1\n'
    const { interactions, sellers } = await read({ ...OLIST_FILES, 'olist_order_items_dataset.csv': items })
    expect([...(interactions.seller ?? [])]).toEqual([0, 1, -1, 0])
    expect(sellers && ids(sellers)).toEqual(['s9', 's1'])
  })

  test('names of products', async () => {
    const products = OLIST_FILES['olist_products_dataset.csv']
      .replace('_width_cm', '_width_cm,product_name')
      .replace('20,10,5', '20,10,5,"Cream, rich"')
      .replace('30,20,10', '30,20,10,')
      .replace('p3,,,,,,', 'p3,,,,,,,Box')
    const { productNames } = await read({ ...OLIST_FILES, 'olist_products_dataset.csv': products })
    expect([0, 1, 2].map((product) => productNames?.at(product))).toEqual(['Cream, rich', '', 'Box'])
  })
})

describe('A bad row is an error with its place', () => {
  const customers = 'olist_customers_dataset.csv'
  const orders = 'olist_orders_dataset.csv'
  const items = 'olist_order_items_dataset.csv'
  const products = 'olist_products_dataset.csv'
  const translation = 'product_category_name_translation.csv'

  test.each<[string, OlistFile, string, string, number, string, string, string]>([
    ['a customer_id twice', customers, 'c4,', 'c1,', 7, 'customer_id', 'c1', 'repeats line 3'],
    ['no person', customers, 'c4,cleo', 'c4,', 7, 'customer_unique_id', '', 'is blank'],
    ['an order_id twice', orders, 'o4,', 'o2,', 5, 'order_id', 'o2', 'repeats line 3'],
    [
      'an unknown customer',
      orders,
      'c3',
      'c9',
      4,
      'customer_id',
      'c9',
      'is not a customer of olist_customers',
    ],
    [
      'a 30th of February',
      orders,
      '2018-02-01',
      '2018-02-30',
      3,
      'order_purchase_timestamp',
      '2018-02-30 00:00:00',
      'is not a date',
    ],
    [
      'a date in words',
      orders,
      '2018-01-05 12:00:00',
      'soon',
      2,
      'order_delivered_customer_date',
      'soon',
      'is not a date',
    ],
    [
      'a translation twice',
      translation,
      'beauty\n',
      'beauty\nbeleza_saude,x\n',
      3,
      'product_category_name',
      'beleza_saude',
      'repeats line 2',
    ],
    [
      'a blank translation',
      translation,
      'health_beauty',
      '',
      2,
      'product_category_name_english',
      '',
      'is blank',
    ],
    ['a product_id twice', products, 'p3', 'p1', 4, 'product_id', 'p1', 'repeats line 2'],
    ['a measure in words', products, '300.5', 'heavy', 3, 'product_weight_g', 'heavy', 'is not a number'],
    ['a negative measure', products, '300.5', '-1', 3, 'product_weight_g', '-1', 'is negative'],
    ['an unknown order', items, 'o2,1', 'o9,1', 5, 'order_id', 'o9', 'is not an order of olist_orders'],
    ['an unknown product', items, 'p3', 'p9', 5, 'product_id', 'p9', 'is not a product of olist_products'],
    ['an item of an order twice', items, 'o1,2', 'o1,1', 4, 'order_item_id', '1', 'repeats line 3'],
    ['a price in words', items, '10.50', 'R$ 10', 2, 'price', 'R$ 10', 'is not a number'],
    ['a negative price', items, '10.50', '-10.50', 2, 'price', '-10.50', 'is negative'],
  ])('%s', async (_, file, from, to, line, column, value, problem) => {
    const error = await failureOf(read(olistWith(file, from, to)))
    expect(error).toMatchObject({ name: 'DataError', line, column, value })
    expect(error.message).toContain(`${file}, line ${line}, column ${column}: ${JSON.stringify(value)}`)
    expect(error.message).toContain(problem)
  })

  test.each([
    [
      'a review of an unknown order',
      'olist_order_reviews_dataset.csv',
      'order_id,review_score\no9,1\n',
      'is not an order',
    ],
    [
      'a score of 6',
      'olist_order_reviews_dataset.csv',
      'order_id,review_score\no1,6\n',
      'is not a score from 1 to 5',
    ],
    [
      'a segment of an unknown person',
      'customer_features.csv',
      'customer_unique_id,segment_name\nzoe,A\n',
      'is not a customer',
    ],
    [
      'a second segment',
      'customer_features.csv',
      'customer_id,segment_name\nc1,A\nc2,B\n',
      'is in another segment already, "A"',
    ],
    [
      'segments of nobody',
      'customer_features.csv',
      'segment_name\nA\n',
      'lacks a column customer_unique_id or customer_id',
    ],
  ])('%s', async (_, file, content, problem) => {
    const error = await failureOf(read({ ...OLIST_FILES, [file]: content }))
    expect(error).toMatchObject({ name: 'DataError' })
    expect(error.message).toContain(file)
    expect(error.message).toContain(problem)
  })

  test('or is set aside when reading leniently, and with it what refers to it', async () => {
    const folder = await folderOf(olistWith(orders, '2018-02-01 00:00:00', '2018-02-30'))
    const quarantineFile = join(folder, 'aside.csv')
    const dataset = await readDataset(folder, { lenient: true, quarantineFile })
    expect(dataset.quarantined).toBe(2)
    expect(dataset.interactions.count).toBe(3)
    expect(ids(dataset.customers)).toEqual(['bob', 'ana', 'dora', 'cleo'])
    const aside = await readFile(quarantineFile, 'utf8')
    expect(aside.split('\n').map((line) => line.split(',').slice(1, 4).join(' '))).toEqual([
      'line column value',
      '3 order_purchase_timestamp 2018-02-30',
      '5 order_id o2',
      '',
    ])
  })
})

describe('A folder is an error', () => {
  test('when files and columns are missing: all of them are named at once', async () => {
    const {
      'olist_products_dataset.csv': _,
      'product_category_name_translation.csv': __,
      ...files
    } = OLIST_FILES
    const items = 'order_id,order_item_id,sku,price\n'
    const error = await failureOf(read({ ...files, 'olist_order_items_dataset.csv': items }))
    expect(error.name).toBe('DataError')
    expect(error.message).toContain('olist_products_dataset.csv: does not exist')
    expect(error.message).toContain('product_category_name_translation.csv: does not exist')
    expect(error.message).toMatch(/olist_order_items_dataset\.csv, line 1: lacks product_id: /)
  })

  test('when no order holds an item', async () => {
    const items = { 'olist_order_items_dataset.csv': 'order_id,order_item_id,product_id,price\n' }
    const error = await failureOf(read({ ...OLIST_FILES, ...items }))
    expect(error.message).toMatch(/olist_order_items_dataset\.csv: holds no line item/)
  })

  test('when its columns are to be renamed', async () => {
    const error = await failureOf(read(OLIST_FILES, { columns: { price: 'preco' } }))
    expect(error.message).toContain('is an Olist data set, whose columns cannot be renamed')
  })
})
