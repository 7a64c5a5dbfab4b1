import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { CategoricalColumn, Dataset } from '../../src/data/dataset.ts'
import { type ReadOptions, readDataset } from '../../src/data/read.ts'
import { failureOf, folderOf, REAL_DATA } from './folders.ts'

async function read(
  interactions: string,
  products?: string,
  columns?: ReadOptions['columns'],
): Promise<Dataset> {
  const files = {
    'interactions.csv': interactions,
    ...(products !== undefined && { 'products.csv': products }),
  }
  return readDataset(await folderOf(files), columns && { columns })
}

function ids(table: Dataset['customers']): string[] {
  return Array.from({ length: table.size }, (_, i) => table.at(i))
}

function labels({ codes, labels: names }: CategoricalColumn): (string | undefined)[] {
  return [...codes].map((code) => names[code])
}

describe('A file of interactions', () => {
  test('needs no more than customer_id and product_id: each row is an order', async () => {
    const dataset = await read('customer_id,product_id\nu2,b\nu1,a\nu2,b\n')
    expect(dataset.adapter).toBe('interactions')
    expect(ids(dataset.customers)).toEqual(['u2', 'u1'])
    expect(ids(dataset.products)).toEqual(['b', 'a'])
    expect(dataset.interactions).toEqual({
      count: 3,
      customer: Uint32Array.of(0, 1, 0),
      product: Uint32Array.of(0, 1, 0),
      order: Uint32Array.of(0, 1, 2),
      quantity: Float32Array.of(1, 1, 1),
      price: Float64Array.of(Number.NaN, Number.NaN, Number.NaN),
    })
    expect(dataset.orders).toEqual({
      count: 3,
      customer: Uint32Array.of(0, 1, 0),
      timestamp: Float64Array.of(Number.NaN, Number.NaN, Number.NaN),
    })
    expect(dataset.category).toEqual({ name: 'category', labels: [], codes: Int32Array.of(-1, -1) })
    expect(dataset).toMatchObject({ categorical: [], numeric: [], quarantined: 0 })
    expect(dataset).not.toHaveProperty('productNames')
    expect(dataset).not.toHaveProperty('segments')
  })

  test('may say how many at what price', async () => {
    const { interactions } = await read(
      'product_id,price,quantity,customer_id\na,2.5,3,u\nb,0,,u\nc,,0.5,u\n',
    )
    expect([...interactions.quantity]).toEqual([3, 1, 0.5])
    expect([...interactions.price]).toEqual([2.5, 0, Number.NaN])
  })

  test('may say when: what one customer bought at one time is an order, an unknown time another', async () => {
    const { interactions, orders } = await read(`customer_id,product_id,timestamp
u1,a,2018-01-01
u2,a,2018-01-01
u1,b,2018-01-01T00:00:00Z
u1,c,1514764800
u1,c,2018-01-01 02:00:00+01:00
u1,d,
u1,e,
`)
    expect([...interactions.order]).toEqual([0, 1, 0, 0, 2, 3, 4])
    expect([...orders.timestamp]).toEqual([
      1514764800000,
      1514764800000,
      1514768400000,
      Number.NaN,
      Number.NaN,
    ])
    expect([...orders.customer]).toEqual([0, 1, 0, 0, 0])
  })

  test('may name orders: their time is that of their first row', async () => {
    const { interactions, orders } = await read(`customer_id,product_id,timestamp,order_id
u1,a,2018-01-01,x
u2,a,2018-01-01,y
u1,b,2018-01-02,x
u1,b,2018-01-01,z
`)
    expect([...interactions.order]).toEqual([0, 1, 0, 2])
    expect(orders).toEqual({
      count: 3,
      customer: Uint32Array.of(0, 1, 0),
      timestamp: Float64Array.of(1514764800000, 1514764800000, 1514764800000),
    })
  })

  test('may name sellers: whom the shop leaves blank is unknown', async () => {
    const { interactions, sellers } = await read(
      'seller_id,customer_id,product_id\ns2,u,a\n,u,b\ns1,v,a\n s2,v,b\ns2,v,c\n',
    )
    expect([...(interactions.seller ?? [])]).toEqual([0, -1, 1, 2, 0])
    expect(sellers && ids(sellers)).toEqual(['s2', 's1', ' s2'])
  })

  test.each([
    ['has no column of them', 'customer_id,product_id\nu,a\n'],
    ['leaves it blank throughout', 'customer_id,product_id,seller_id\nu,a,\nu,b, \n'],
  ])('has no sellers where it %s', async (_, content) => {
    const dataset = await read(content)
    expect(dataset).not.toHaveProperty('sellers')
    expect(dataset.interactions).not.toHaveProperty('seller')
  })

  test('is found by its folder, or by its own name', async () => {
    const folder = await folderOf({ 'interactions.csv': 'customer_id,product_id\nu,a\n' })
    expect((await readDataset(folder)).interactions.count).toBe(1)
    await rename(join(folder, 'interactions.csv'), join(folder, 'sales.csv'))
    expect((await readDataset(join(folder, 'sales.csv'))).interactions.count).toBe(1)
  })

  test('may have other column names', async () => {
    const columns = { customer_id: 'userId', product_id: 'movieId', price: 'paid', seller_id: 'shop' }
    const dataset = await read('userId,movieId,paid,price,shop\nu,m,1,2,s\n', undefined, columns)
    expect(ids(dataset.customers)).toEqual(['u'])
    expect([...dataset.interactions.price]).toEqual([1])
    expect(dataset.sellers?.indexOf('s')).toBe(0)
  })

  test.each([
    ['a blank customer', 'customer_id,product_id\n,a\n', 2, 'customer_id', '', 'is blank'],
    ['a blank product', 'customer_id,product_id\nu,\n', 2, 'product_id', '', 'is blank'],
    ['a blank order', 'customer_id,product_id,order_id\nu,a,\n', 2, 'order_id', '', 'is blank'],
    [
      'a bad time',
      'customer_id,product_id,timestamp\nu,a,2018-02-30\n',
      2,
      'timestamp',
      '2018-02-30',
      'is not a time',
    ],
    ['a bad quantity', 'customer_id,product_id,quantity\nu,a,two\n', 2, 'quantity', 'two', 'is not a number'],
    ['a quantity of 0', 'customer_id,product_id,quantity\nu,a,0\n', 2, 'quantity', '0', 'nothing was bought'],
    ['a negative price', 'customer_id,product_id,price\nu,a,-1\n', 2, 'price', '-1', 'is negative'],
    [
      'an order of two customers',
      'customer_id,product_id,order_id\nu,a,x\nv,a,x\n',
      3,
      'order_id',
      'x',
      'belongs to another customer',
    ],
  ])('with %s is an error', async (_, content, line, column, value, problem) => {
    const error = await failureOf(read(content))
    expect(error).toMatchObject({ name: 'DataError', line, column, value })
    expect(error.message).toContain(`interactions.csv, line ${line}, column ${column}`)
    expect(error.message).toContain(problem)
  })

  test('leaves no trace of a bad row when it is read leniently', async () => {
    const folder = await folderOf({
      'interactions.csv':
        'customer_id,product_id,quantity,order_id,seller_id\nu,a,1,x,s\nv,b,0,y,t\nw,c,1,x,t\nu,d,1,x,r\n',
    })
    const dataset = await readDataset(folder, { lenient: true, quarantineFile: join(folder, 'aside.csv') })
    expect(dataset.quarantined).toBe(2)
    expect(ids(dataset.customers)).toEqual(['u'])
    expect(ids(dataset.products)).toEqual(['a', 'd'])
    expect(dataset.sellers && ids(dataset.sellers)).toEqual(['s', 'r'])
    expect(dataset.orders.count).toBe(1)
  })

  test('without a row is an error', async () => {
    const error = await failureOf(read('customer_id,product_id\n'))
    expect(error).toMatchObject({ name: 'DataError' })
    expect(error.message).toMatch(/interactions\.csv: holds no interaction/)
  })

  test('and its products, when both lack columns: all are named at once', async () => {
    const error = await failureOf(read('customer,product_id\n', 'id\n'))
    expect(error.message).toMatch(/products\.csv, line 1: lacks product_id/)
    expect(error.message).toMatch(/interactions\.csv, line 1: lacks customer_id/)
  })

  test.each([
    [
      'a column that cannot be renamed',
      { rating: 'stars' },
      'rating cannot be renamed; what can is customer_id, product_id',
    ],
    ['a column that is not there', { timestamp: 'when' }, 'lacks when'],
    ['a products file that is not there', { products: 'movies.csv' }, 'movies.csv: does not exist'],
    ['a category where there is no products file', { category: 'genres' }, 'products.csv: does not exist'],
  ])('with %s is an error', async (_, columns, problem) => {
    const error = await failureOf(read('customer_id,product_id\nu,a\n', undefined, columns))
    expect(error).toMatchObject({ name: 'DataError' })
    expect(error.message).toContain(problem)
  })
})

describe('The products file beside it', () => {
  const interactions = 'customer_id,product_id\nu,c\nu,sold-only\n'

  test('lists products first, sold or not; nothing is known of those that are only sold', async () => {
    const dataset = await read(
      interactions,
      'product_id,category,weight,name\na,x,1,A\nb,,,\nc,y,2.5,"C, c"\n',
    )
    expect(ids(dataset.products)).toEqual(['a', 'b', 'c', 'sold-only'])
    expect([...dataset.interactions.product]).toEqual([2, 3])
    expect(dataset.category.name).toBe('category')
    expect(labels(dataset.category)).toEqual(['x', undefined, 'y', undefined])
    expect(dataset.numeric).toEqual([
      { name: 'weight', values: Float64Array.of(1, Number.NaN, 2.5, Number.NaN) },
    ])
    expect([0, 1, 2, 3].map((product) => dataset.productNames?.at(product))).toEqual(['A', '', 'C, c', ''])
  })

  test('gives measures, categories and what is of no use, by what its columns hold', async () => {
    const rows = ['product_id,year,colour,link,empty,size,category']
    for (let i = 0; i < 8; i++)
      rows.push(`p${i},${2000 + i},${i % 2 ? 'red' : 'blue'},http://${i},,${i ? i : 'L'},${i % 3}`)
    const dataset = await read(interactions, rows.join('\n'))
    expect(dataset.numeric.map(({ name }) => name)).toEqual(['year'])
    // The column named category is the category, even of numbers, and wherever it stands.
    expect(dataset.category).toMatchObject({ name: 'category', labels: ['0', '1', '2'] })
    expect(dataset.categorical).toEqual([
      { name: 'colour', labels: ['blue', 'red'], codes: Int32Array.of(0, 1, 0, 1, 0, 1, 0, 1, -1, -1) },
    ])
  })

  test('has for category the first categorical column, where none is named so', async () => {
    const rows = ['product_id,title,brand,colour', 'a,A,x,red', 'b,B,x,red', 'c,C,y,red', 'd,D,y,red']
    const dataset = await read(interactions, rows.join('\n'))
    expect(dataset.category).toMatchObject({ name: 'brand', labels: ['x', 'y'] })
    expect(dataset.categorical.map(({ name }) => name)).toEqual(['colour'])
    expect(dataset.productNames?.at(0)).toBe('A')
  })

  test('has no category of more than a thousand values', async () => {
    const rows = Array.from({ length: 2002 }, (_, i) => `p${i},l${i % 1001},k${i % 1000}`)
    const dataset = await read(interactions, `product_id,many,most\n${rows.join('\n')}\n`)
    expect(dataset.category).toMatchObject({ name: 'most' })
    expect(dataset.category.labels.length).toBe(1000)
    expect(dataset.categorical).toEqual([])
  })

  test('may have other column names', async () => {
    const columns = { product_id: 'sku', category: 'kind', product_name: 'label' }
    const dataset = await read('customer_id,sku\nu,a\n', 'kind,label,name,sku\nK,L,N,a\n', columns)
    expect(labels(dataset.category)).toEqual(['K'])
    expect(dataset.productNames?.at(0)).toBe('L')
  })

  test('with a product twice is an error', async () => {
    const error = await failureOf(read(interactions, 'product_id,x\na,1\nb,2\na,3\n'))
    expect(error.message).toMatch(/products\.csv, line 4, column product_id: "a" repeats line 2/)
  })

  test('with a column twice is an error', async () => {
    const error = await failureOf(read(interactions, 'product_id,x,x\na,1,2\n'))
    expect(error.message).toMatch(/products\.csv, line 1, column x: appears twice in the header/)
  })
})

const MOVIES = join(REAL_DATA, 'ml-latest-small')
const missing = !existsSync(MOVIES)
if (missing) console.warn(`SKIPPED: ${MOVIES} is missing, so nothing is checked on MovieLens`)

test.skipIf(missing)(
  `MovieLens reads as interactions, its movies as products${missing ? ' (SKIPPED: it is missing)' : ''}`,
  async () => {
    const columns = { customer_id: 'userId', product_id: 'movieId', products: 'movies.csv' }
    const dataset = await readDataset(join(MOVIES, 'ratings.csv'), { columns })
    expect(dataset.interactions.count).toBe(100_004)
    expect(dataset.customers.size).toBe(671)
    expect(dataset.products.size).toBe(9125)
    expect(dataset.productNames?.at(dataset.products.indexOf('1'))).toBe('Toy Story (1995)')
    expect(dataset.category.name).toBe('genres')
    // The first line of the file: 1,31,2.5,1260759144.
    expect(dataset.orders.timestamp[dataset.interactions.order[0]]).toBe(1260759144000)
  },
)
