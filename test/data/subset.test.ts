import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Dataset } from '../../src/data/dataset.ts'
import { readDataset } from '../../src/data/read.ts'
import { interactionsWhere, keepInteractions } from '../../src/data/subset.ts'
import { fitModel } from '../../src/model/fit.ts'
import { configure } from '../../src/model/configuration.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { folderOf } from './folders.ts'

const HEADER = 'customer_id,product_id,timestamp,quantity,price,seller_id\n'

async function read(rows: readonly string[], products?: string): Promise<Dataset> {
  const files = {
    'interactions.csv': HEADER + rows.map((row) => `${row}\n`).join(''),
    ...(products !== undefined && { 'products.csv': products }),
  }
  return readDataset(await folderOf(files))
}

function ids(table: Dataset['customers']): string[] {
  return Array.from({ length: table.size }, (_, i) => table.at(i))
}

const SALES = [
  'ann,tea,2018-01-01,1,4,s1',
  'bob,cup,2018-01-02,2,9,s2',
  'ann,pot,2018-01-03,1,20,s1',
  'cat,tea,2018-01-04,3,5,s3',
]

const SHELF = `product_id,title,category,material,grams
never,Nothing,Void,air,0
pot,Teapot,Kitchen,clay,900
cup,Mug,Kitchen,glass,300
tea,Green tea,Food,leaf,100
kettle,Kettle,Kitchen,leaf,1000
jug,Jug,Food,glass,500
bowl,Bowl,Void,clay,250
plate,Plate,Kitchen,air,400
`

describe('A subset of the interactions', () => {
  test('holds the customers, products, orders and sellers that these name, in the order in which they do', async () => {
    const subset = keepInteractions(await read(SALES), (i) => i !== 0)
    expect(ids(subset.customers)).toEqual(['bob', 'ann', 'cat'])
    expect(ids(subset.products)).toEqual(['cup', 'pot', 'tea'])
    expect(ids(subset.sellers!)).toEqual(['s2', 's1', 's3'])
    expect(subset.interactions).toEqual({
      count: 3,
      customer: Uint32Array.of(0, 1, 2),
      product: Uint32Array.of(0, 1, 2),
      order: Uint32Array.of(0, 1, 2),
      quantity: Float32Array.of(2, 1, 3),
      price: Float64Array.of(9, 20, 5),
      seller: Int32Array.of(0, 1, 2),
    })
    expect(subset.orders).toEqual({
      count: 3,
      customer: Uint32Array.of(0, 1, 2),
      timestamp: Float64Array.of(Date.UTC(2018, 0, 2), Date.UTC(2018, 0, 3), Date.UTC(2018, 0, 4)),
    })
  })

  test('says of its products what the shop says, and nothing of any other', async () => {
    const subset = keepInteractions(await read(SALES, SHELF), (i) => i !== 2)
    expect(ids(subset.products)).toEqual(['tea', 'cup'])
    expect(subset.category).toEqual({
      name: 'category',
      labels: ['Food', 'Kitchen'],
      codes: Int32Array.of(0, 1),
    })
    expect(subset.categorical).toEqual([
      { name: 'material', labels: ['leaf', 'glass'], codes: Int32Array.of(0, 1) },
    ])
    expect(subset.numeric).toEqual([{ name: 'grams', values: Float64Array.of(100, 300) }])
    expect([0, 1].map((product) => subset.productNames?.at(product))).toEqual(['Green tea', 'Mug'])
  })

  test('has the whole catalogue where that is asked for, every product under its own index', async () => {
    const dataset = await read(SALES, SHELF)
    const subset = keepInteractions(dataset, (i) => i === 1, { keepCatalogue: true })
    expect(ids(subset.products)).toEqual(ids(dataset.products))
    expect(subset.interactions.product).toEqual(Uint32Array.of(dataset.products.indexOf('cup')))
    expect(subset.category).toEqual(dataset.category)
    expect(subset.numeric).toEqual(dataset.numeric)
    expect(ids(subset.customers)).toEqual(['bob'])
  })

  test('keeps the segments, reviews and deliveries of its customers and orders', async () => {
    const dataset: Dataset = {
      ...(await read(SALES)),
      segments: { name: 'segment', labels: ['new', 'loyal', 'lost'], codes: Int32Array.of(1, 2, -1) },
    }
    const orders = {
      ...dataset.orders,
      reviewScore: Float32Array.of(1, 2, 3, Number.NaN),
      deliveryDelayDays: Float32Array.of(-4, -3, -2, -1),
    }
    const subset = keepInteractions({ ...dataset, orders }, (i) => i === 2 || i === 3)
    expect(subset.segments).toEqual({ name: 'segment', labels: ['loyal'], codes: Int32Array.of(0, -1) })
    expect(subset.orders.reviewScore).toEqual(Float32Array.of(3, Number.NaN))
    expect(subset.orders.deliveryDelayDays).toEqual(Float32Array.of(-2, -1))
  })

  test('lists the labels without a translation that are still in use', async () => {
    const dataset = await read(SALES, SHELF)
    const category = { ...dataset.category, untranslated: ['Kitchen', 'Void', 'Food'] }
    const subset = keepInteractions({ ...dataset, category }, () => true)
    expect(subset.category.untranslated).toEqual(['Food', 'Kitchen'])
  })

  test('of nothing is empty', async () => {
    const subset = keepInteractions(await read(SALES, SHELF), () => false)
    expect(subset.interactions.count).toBe(0)
    expect([subset.customers.size, subset.products.size, subset.orders.count]).toEqual([0, 0, 0])
  })

  test('shares no memory with the data set it was made of', async () => {
    const dataset = await read(SALES, SHELF)
    const subset = keepInteractions(dataset, () => true)
    subset.interactions.customer.fill(7)
    subset.numeric[0].values.fill(7)
    subset.category.codes.fill(7)
    expect(dataset.interactions.customer).toEqual(Uint32Array.of(0, 1, 0, 2))
    expect(Math.max(...dataset.numeric[0].values)).toBe(1000)
  })

  test('names the interactions that are asked for', async () => {
    const dataset = await read(SALES)
    const { quantity } = dataset.interactions
    expect(interactionsWhere(dataset, (i) => quantity[i] > 1)).toEqual(Uint32Array.of(1, 3))
  })
})

const sale = fc
  .record({
    customer: fc.integer({ min: 0, max: 4 }),
    product: fc.integer({ min: 0, max: 5 }),
    day: fc.integer({ min: 1, max: 4 }),
    quantity: fc.constantFrom('', '1', '2.5'),
    price: fc.constantFrom('', '3', '7.5'),
    seller: fc.constantFrom('', 's1', 's2'),
  })
  .map(
    ({ customer, product, day, quantity, price, seller }) =>
      `u${customer},p${product},2018-01-0${day},${quantity},${price},${seller}`,
  )

describe('What was dropped leaves no trace', () => {
  test('a subset is what would have been read, had there been no other row', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ row: sale, kept: fc.boolean() }), { maxLength: 12 }),
        sale,
        async (rows, last) => {
          const all = [...rows, { row: last, kept: true }]
          const kept = all.filter((each) => each.kept).map(({ row }) => row)
          const subset = keepInteractions(await read(all.map(({ row }) => row)), (i) => all[i].kept)
          const { fingerprint: _, ...expected } = await read(kept)
          expect(subset).toMatchObject(expected)
          expect(Object.keys(subset).sort()).toEqual([...Object.keys(expected), 'fingerprint'].sort())
        },
      ),
      { numRuns: 60 },
    )
  })

  test('whatever is dropped, the rest is the same to the byte, its fingerprint included', async () => {
    const dropped = fc.array(sale, { maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ row: sale, before: dropped, instead: dropped }), { minLength: 1, maxLength: 8 }),
        async (rows) => {
          const subsetAmid = async (others: 'before' | 'instead') => {
            const all = rows.flatMap((each) => [
              ...each[others].map((row) => ({ row, kept: false })),
              { row: each.row, kept: true },
            ])
            return keepInteractions(await read(all.map(({ row }) => row)), (i) => all[i].kept)
          }
          expect(await subsetAmid('before')).toEqual(await subsetAmid('instead'))
        },
      ),
      { numRuns: 60 },
    )
  })

  test('every difference in what is kept makes another fingerprint', async () => {
    const fingerprint = async (rows: readonly string[], shelf = SHELF) =>
      keepInteractions(await read(rows, shelf), () => true).fingerprint
    const fingerprints = await Promise.all([
      fingerprint(SALES),
      fingerprint(SALES.toReversed()),
      fingerprint(SALES.slice(1)),
      ...[
        ['ann', 'dan'],
        ['tea', 'rum'],
        ['01-01', '01-05'],
        [',1,', ',7,'],
        [',4,', ',3,'],
        ['s1', 's9'],
      ].map(([from, to]) => fingerprint(SALES.map((row) => row.replace(from, to)))),
      fingerprint(SALES, SHELF.replace('tea,Green', 'tea,Black')),
      fingerprint(SALES, SHELF.replace('tea,Food', 'tea,Kitchen')),
      fingerprint(SALES, SHELF.replace('leaf,100', 'leaf,101')),
    ])
    expect(new Set(fingerprints).size).toBe(fingerprints.length)
    expect(await fingerprint(SALES)).toBe(fingerprints[0])
  })

  test('a model can be fitted to a subset', async () => {
    const subset = keepInteractions(await read(SALES, SHELF), (i) => i < 3)
    const configuration = configure('notebook', { factors: 2, iterations: 1 })
    const model = await fitModel(subset, configuration, referenceKernels())
    expect(model.summary).toMatchObject({
      interactions: 3,
      customers: 2,
      products: 3,
      dataFingerprint: subset.fingerprint,
    })
    // What was dropped was cheaper: ann paid 4 for tea, cat 5.
    expect(model.price).toEqual(Float64Array.of(4, 9, 20))
  })
})
