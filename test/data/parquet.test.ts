/** Data sets in Parquet: what is written is read back, by the same rules as CSV. */
import { mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Dataset } from '../../src/data/dataset.ts'
import { readDataset } from '../../src/data/read.ts'
import { exportDataset, writeParquet, type WrittenColumn } from '../../src/data/write-parquet.ts'
import { failureOf, folderOf } from './folders.ts'

const SHOP = {
  'interactions.csv': `customer_id,product_id,order_id,timestamp,quantity,price,seller_id
ana,tea,o1,2024-01-02T03:04:05.678Z,2,3.5,north
ana,cup,o1,2024-01-02T03:04:05.678Z,1,,south
größe,tea,o2,,0.1,3.25,
`,
  'products.csv': `product_id,product_name,category,weight,colour
never sold,,kitchen,3,red
tea,Tea 🫖,drinks,0.1,green
cup,Cup,kitchen,,red
`,
}

/** What a data set says of each purchase, by ids. */
function purchasesOf({ interactions, customers, products, orders, sellers }: Dataset) {
  return Array.from({ length: interactions.count }, (_, i) => ({
    customer: customers.at(interactions.customer[i]),
    product: products.at(interactions.product[i]),
    order: interactions.order[i],
    time: orders.timestamp[interactions.order[i]],
    quantity: interactions.quantity[i],
    price: interactions.price[i],
    seller: interactions.seller && interactions.seller[i] >= 0 ? sellers!.at(interactions.seller[i]) : null,
  }))
}

function catalogueOf({ products, productNames, category, categorical, numeric }: Dataset) {
  return {
    ids: Array.from({ length: products.size }, (_, i) => products.at(i)),
    names: productNames && Array.from({ length: products.size }, (_, i) => productNames.at(i)),
    category: [...category.codes].map((code) => category.labels[code]),
    categorical: categorical.map(({ name, labels, codes }) => [name, [...codes].map((code) => labels[code])]),
    numeric,
  }
}

test('An export reads back as the same purchases of the same products, in their order', async () => {
  const folder = await folderOf(SHOP)
  const dataset = await readDataset(folder)
  const out = join(folder, 'out')
  await exportDataset(dataset, out)
  const back = await readDataset(out)
  expect(purchasesOf(back)).toEqual(purchasesOf(dataset))
  expect(purchasesOf(back)[0]).toEqual({
    customer: 'ana',
    product: 'tea',
    order: 0,
    time: Date.UTC(2024, 0, 2, 3, 4, 5, 678),
    quantity: 2,
    price: 3.5,
    seller: 'north',
  })
  expect(catalogueOf(back)).toEqual(catalogueOf(dataset))
  for (const name of await readdir(out)) expect((await stat(join(out, name))).mode & 0o777).toBe(0o600)
})

test('Any purchases read back as they are', async () => {
  const folder = await folderOf()
  // U+FFFD is refused: it is what a wrong encoding leaves.
  const id = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .filter((text) => text.trim() !== '' && !text.includes('\uFFFD'))
  const sale = fc.record({
    customer: id,
    product: id,
    quantity: fc.integer({ min: 1, max: 1000 }),
    at: fc.option(fc.integer({ min: 1e12, max: 1.7e12 })),
  })
  let round = 0
  await fc.assert(
    fc.asyncProperty(fc.array(sale, { minLength: 1 }), async (sales) => {
      const path = join(folder, `${round++}.parquet`)
      await writeParquet(
        path,
        [
          { name: 'customer_id', type: 'STRING', at: (i) => sales[i].customer },
          { name: 'product_id', type: 'STRING', at: (i) => sales[i].product },
          { name: 'quantity', type: 'INT32', at: (i) => sales[i].quantity },
          {
            name: 'timestamp',
            type: 'TIMESTAMP',
            at: (i) => (sales[i].at === null ? null : new Date(sales[i].at)),
          },
        ],
        sales.length,
      )
      const found = purchasesOf(await readDataset(path))
      expect(
        found.map(({ customer, product, quantity, time }) => ({ customer, product, quantity, time })),
      ).toEqual(sales.map(({ at, ...rest }) => ({ ...rest, time: at ?? NaN })))
    }),
    { numRuns: 30 },
  )
})

const columns = (rows: readonly (readonly [string, string])[]): WrittenColumn[] => [
  { name: 'customer_id', type: 'STRING', at: (i) => rows[i][0] },
  { name: 'product_id', type: 'STRING', at: (i) => rows[i][1] },
]

/** Writes parts of interactions as Spark does. */
async function partsOf(
  parts: Readonly<Record<string, readonly (readonly [string, string])[]>>,
): Promise<string> {
  const folder = await folderOf()
  const table = join(folder, 'interactions.parquet')
  await mkdir(table)
  for (const [name, rows] of Object.entries(parts))
    await writeParquet(join(table, name), columns(rows), rows.length)
  return folder
}

test('A folder of parts is one table, in the order of their names; marks of its writer are passed over', async () => {
  const folder = await partsOf({ 'part-1.parquet': [['ben', 'cup']], 'part-0.parquet': [['ana', 'tea']] })
  await writeFile(join(folder, 'interactions.parquet', '_SUCCESS'), '')
  await writeFile(join(folder, 'interactions.parquet', '.part-0.parquet.crc'), 'crc')
  const found = purchasesOf(await readDataset(folder))
  expect(found.map(({ customer, product }) => [customer, product])).toEqual([
    ['ana', 'tea'],
    ['ben', 'cup'],
  ])
})

test('A bad value is told with its part, row and column', async () => {
  const folder = await partsOf({
    'a.parquet': [['ana', 'tea']],
    'b.parquet': [
      ['ben', 'cup'],
      ['', 'tea'],
    ],
  })
  const error = await failureOf(readDataset(folder))
  expect(error).toMatchObject({ row: 2, column: 'customer_id', value: '' })
  expect(error.message).toBe(
    `${join(folder, 'interactions.parquet', 'b.parquet')}, row 2, column customer_id: "" is blank: every row needs one`,
  )
})

test.each([
  [{}, 'holds no file that is named *.parquet: was it written?'],
  [
    { 'a.parquet': [['ana', 'tea']] as const, 'b.parquet': 'damaged' },
    'b.parquet: cannot be read as Parquet',
  ],
])('Parts that cannot be read are an error: %#', async (parts, message) => {
  const folder = await partsOf({})
  for (const [name, content] of Object.entries(parts)) {
    const path = join(folder, 'interactions.parquet', name)
    if (typeof content === 'string') await writeFile(path, content)
    else await writeParquet(path, columns(content), content.length)
  }
  expect((await failureOf(readDataset(folder))).message).toContain(message)
})

test('Parts with different columns, and a missing column, are an error', async () => {
  const folder = await partsOf({ 'a.parquet': [['ana', 'tea']] })
  const other = join(folder, 'interactions.parquet', 'b.parquet')
  await writeParquet(other, columns([['ana', 'tea']]).slice(0, 1), 1)
  expect((await failureOf(readDataset(folder))).message).toContain(
    `${other}: has the columns customer_id, and ${join(folder, 'interactions.parquet', 'a.parquet')} customer_id, product_id`,
  )
  await rename(other, join(folder, 'interactions.parquet', 'a.parquet'))
  expect((await failureOf(readDataset(folder))).message).toContain('lacks product_id')
})

test('A folder with interactions twice is an error', async () => {
  const folder = await partsOf({ 'a.parquet': [['ana', 'tea']] })
  await writeFile(join(folder, 'interactions.csv'), SHOP['interactions.csv'])
  expect((await failureOf(readDataset(folder))).message).toContain(
    'holds interactions.csv and interactions.parquet: name one of them',
  )
})

test('An export takes a new or empty folder alone, and leaves nothing where it ends early', async () => {
  const folder = await folderOf(SHOP)
  const dataset = await readDataset(folder)
  expect((await failureOf(exportDataset(dataset, folder))).message).toBe(
    `${folder}: is not empty: choose another folder`,
  )
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(exportDataset(dataset, join(folder, 'out'), signal)).rejects.toThrow('enough')
  expect((await readdir(folder)).sort()).toEqual(['interactions.csv', 'products.csv'])
  await mkdir(join(folder, 'out'))
  await exportDataset(dataset, join(folder, 'out'))
  expect((await readdir(join(folder, 'out'))).sort()).toEqual(['interactions.parquet', 'products.parquet'])
})
