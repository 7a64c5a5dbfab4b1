import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readRatings } from '../../src/data/ratings.ts'
import { type ReadOptions, readDataset } from '../../src/data/read.ts'
import { strayTimes } from '../../src/data/stray-times.ts'
import { failureOf, folderOf } from './folders.ts'
import { OLIST_FILES, type OlistFile, olistWith } from './olist-files.ts'

const rows = (line: (i: number) => string) => Array.from({ length: 30 }, (_, i) => line(i)).join('')

const NOW = Date.UTC(2024, 5, 15, 12)
const DAY = 86_400_000

const withLine = (line: string) => ({
  'interactions.csv': `customer_id,product_id,timestamp,quantity,price\nann,cup,2024-01-01,1,9\n${line}\n`,
})

async function read(files: Readonly<Record<string, string>>, options: ReadOptions = {}) {
  return readDataset(await folderOf(files), { now: NOW, ...options })
}

describe.each([
  ['1e39', /"1e39" is too large: it must be at most 1000000000/],
  ['1e9999', /"1e9999" is too large/],
  ['1000000001', /is too large/],
  ['1e-50', /"1e-50" is too small: it must be at least 0.000001/],
  ['1e-9999', /"1e-9999" is too small/],
  ['-1e39', /is too large/],
  ['0', /is 0: nothing was bought/],
  ['0e5', /is 0: nothing was bought/],
  ['NaN', /is not a number/],
  ['Infinity', /is not a number/],
])('A quantity of %s', (quantity, problem) => {
  test('is a bad row', async () => {
    const error = await failureOf(read(withLine(`bob,cup,2024-01-02,${quantity},9`)))
    expect(error).toMatchObject({ name: 'DataError', line: 3, column: 'quantity', value: quantity })
    expect(error.message).toMatch(problem)
  })

  test('is set aside where bad rows are', async () => {
    const folder = await folderOf(withLine(`bob,cup,2024-01-02,${quantity},9`))
    const quarantineFile = join(folder, 'aside.csv')
    const dataset = await readDataset(folder, { now: NOW, lenient: true, quarantineFile })
    expect(dataset).toMatchObject({ quarantined: 1, interactions: { count: 1 } })
    expect(readFileSync(quarantineFile, 'utf8')).toContain(`,3,quantity,${quantity},`)
  })
})

describe('A price', () => {
  test.each([
    ['1e39', /"1e39" is too large: it must be at most 1000000000000000/],
    ['1e308', /is too large/],
    ['1e9999', /is too large/],
    ['1e-50', /is too small/],
    ['1e-9999', /is too small/],
    ['-1', /is negative/],
  ])('of %s is a bad row', async (price, problem) => {
    const error = await failureOf(read(withLine(`bob,cup,2024-01-02,2,${price}`)))
    expect(error).toMatchObject({ line: 3, column: 'price', value: price })
    expect(error.message).toMatch(problem)
    const olist = olistWith('olist_order_items_dataset.csv', 'o1,1,p1,99.90', `o1,1,p1,${price}`)
    expect(await failureOf(read(olist))).toMatchObject({ line: 3, column: 'price', value: price })
  })

  test.each(['0', '0.00', '1e-6', '1e15', ''])('of "%s" is none', async (price) => {
    const { interactions } = await read(withLine(`bob,cup,2024-01-02,2,${price}`))
    expect(interactions.price[1]).toBe(price === '' ? NaN : Number(price))
  })
})

describe('A measure of a product', () => {
  test.each(['1e101', '1e-101', '1e9999', '1e-9999'])('of %s is a bad row', async (size) => {
    const olist = olistWith(
      'olist_products_dataset.csv',
      'p1,beleza_saude,1,200',
      `p1,beleza_saude,1,${size}`,
    )
    expect(await failureOf(read(olist))).toMatchObject({ line: 2, column: 'product_weight_g', value: size })
    const files = { ...withLine('bob,cup,,,'), 'products.csv': `product_id,grams\nmug,3\ncup,-${size}\n` }
    expect(await failureOf(read(files))).toMatchObject({ line: 3, column: 'grams', value: `-${size}` })
  })

  test('may be as large as a code of twenty digits', async () => {
    const files = { ...withLine('bob,cup,,,'), 'products.csv': 'product_id,code\nmug,12345678901234567000\n' }
    expect((await read(files)).numeric[0].values[0]).toBe(12345678901234567000)
  })
})

describe('A time', () => {
  test.each([
    ['2118-12-31 00:00:00', /is later than 2024-06-15.*--now/],
    ['2024-06-16 12:00:01', /is later than/],
    ['4102444800', /is later than/],
    ['0001-01-01', /is not a time|is before/],
    ['1899-12-30', /is before 1970-01-03: leave the field empty where the time is unknown/],
    ['1900-01-01', /is before/],
    ['1970-01-01', /is before/],
    ['1970-01-01 00:00:00', /is before/],
    ['1969-12-31T21:00:00-03:00', /is before/],
  ])('such as %s is a bad row', async (time, problem) => {
    const error = await failureOf(read(withLine(`bob,cup,${time},1,9`)))
    expect(error).toMatchObject({ name: 'DataError', line: 3, column: 'timestamp', value: time })
    expect(error.message).toMatch(problem)
  })

  test('may lie a day ahead: clocks differ', async () => {
    expect((await read(withLine('bob,cup,2024-06-16 12:00:00,1,9'))).interactions.count).toBe(2)
  })

  test('is measured by the clock where nothing is said', async () => {
    const [today, later] = [0, 3].map((days) => new Date(Date.now() + days * DAY).toISOString())
    expect((await readDataset(await folderOf(withLine(`bob,cup,${today},1,9`)))).interactions.count).toBe(2)
    const error = await failureOf(
      folderOf(withLine(`bob,cup,${later},1,9`)).then((folder) => readDataset(folder)),
    )
    expect(error.message).toMatch(/is later than/)
  })

  test.each<[OlistFile, string, string, string]>([
    ['olist_orders_dataset.csv', '2018-01-01 10:00:00', '2118-01-01 10:00:00', 'order_purchase_timestamp'],
    [
      'olist_orders_dataset.csv',
      '2018-01-05 12:00:00',
      '2118-01-05 12:00:00',
      'order_delivered_customer_date',
    ],
    [
      'olist_orders_dataset.csv',
      '2018-01-10 00:00:00',
      '2118-01-10 00:00:00',
      'order_estimated_delivery_date',
    ],
    [
      'olist_orders_dataset.csv',
      '2018-01-05 12:00:00',
      '1970-01-01 00:00:00',
      'order_delivered_customer_date',
    ],
  ])('of Olist’s orders, too: %s', async (file, from, to, column) => {
    expect(await failureOf(read(olistWith(file, from, to)))).toMatchObject({ line: 2, column, value: to })
  })

  test('that was promised may lie ahead', async () => {
    const promised = olistWith('olist_orders_dataset.csv', '2018-02-10 00:00:00', '2025-05-01 00:00:00')
    expect((await read(promised)).orders.count).toBe(3)
  })

  test('of a rating, too', async () => {
    const folder = await folderOf({
      'ratings.csv': 'userId,movieId,rating,timestamp\n1,31,5,1260759144\n1,32,5,4102444800\n',
      'movies.csv': 'movieId,title,genres\n31,A,Drama\n',
    })
    expect(await failureOf(readRatings(folder, { now: NOW }))).toMatchObject({ line: 3, column: 'timestamp' })
  })

  test('that is no number of milliseconds cannot be the present', async () => {
    for (const now of [NaN, Infinity, 1e300])
      expect(await failureOf(read(withLine('bob,cup,,1,9'), { now }))).toMatchObject({ name: 'RangeError' })
  })
})

/** 30 orders, two days apart, from 1 January 2024 on, and these. */
const shop = (...days: string[]) => ({
  'interactions.csv': `customer_id,product_id,timestamp\n${[
    ...Array.from({ length: 30 }, (_, i) => new Date(Date.UTC(2023, 0, 1 + 2 * i)).toISOString()),
    ...days,
  ]
    .map((time, i) => `c${i},p${i % 4},${time}\n`)
    .join('')}`,
})

describe('The last or first few orders, far from all others', () => {
  test('are told of, with their lines and what to do', async () => {
    const heard: string[] = []
    const { warnings, interactions } = await read(shop('2024-02-01', '2024-02-01 08:00:00'), {
      onWarning: (warning) => heard.push(warning),
    })
    expect(heard).toEqual(warnings)
    expect(interactions.count).toBe(32)
    expect(warnings).toHaveLength(1)
    expect(warnings?.[0]).toMatch(
      /interactions\.csv: the last 2 orders lie 338 days after all others, which end on 2023-02-28 \(line 32: 2024-02-01, line 33: 2024-02-01\)/,
    )
    expect(warnings?.[0]).toMatch(/--now 2023-02-28/)
  })

  test('are bad rows where the present is said to be before them, as told', async () => {
    const folder = await folderOf(shop('2024-02-01'))
    const options = { now: Date.UTC(2023, 1, 28), lenient: true, quarantineFile: join(folder, 'aside.csv') }
    expect(await readDataset(folder, options)).toMatchObject({ quarantined: 1, interactions: { count: 30 } })
  })

  test('are told of at the beginning, too', async () => {
    const { warnings } = await read(shop('1998-02-01'))
    expect(warnings?.[0]).toMatch(
      /the first order lies \d+ days before all others, which begin on 2023-01-01 \(line 32: 1998-02-01\)/,
    )
  })

  test('are told of at both ends at once', async () => {
    expect((await read(shop('1998-02-01', '2024-05-01'))).warnings).toHaveLength(2)
  })

  test('name the lines of Olist’s orders', async () => {
    const files = {
      ...OLIST_FILES,
      'olist_orders_dataset.csv': `${OLIST_FILES['olist_orders_dataset.csv'].split('\n')[0]}\n${rows(
        (i) => `n${i},c1,delivered,${i === 7 ? 2023 : 2018}-01-0${1 + (i % 9)} 10:00:00,,\n`,
      )}`,
      'olist_order_items_dataset.csv': `order_id,order_item_id,product_id,price\n${rows((i) => `n${29 - i},1,p1,5\n`)}`,
    }
    expect((await read(files)).warnings).toEqual([
      expect.stringMatching(/olist_orders_dataset\.csv: the last order lies .*\(line 9: 2023-01-08\)/),
    ])
  })

  test.each<[string, (i: number) => number]>([
    ['a shop that sells all year', (i) => i],
    ['a shop that sells in December alone', (i) => 365 * Math.floor(i / 30) + (i % 30)],
    ['a shop of a few orders a year', (i) => 200 * i],
    ['one day', () => 0],
  ])('are none in %s', (_what, dayOf) => {
    for (const count of [1, 2, 5, 61, 95]) {
      const times = Float64Array.from({ length: count }, (_, i) => Date.UTC(2015) + DAY * dayOf(i))
      expect(strayTimes(times)).toEqual([])
    }
  })

  test('are found wherever they stand in the file, and never among the others', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 40, maxLength: 80 }),
        fc.integer({ min: 3000, max: 20_000 }),
        fc.nat(39),
        (days, typo, place) => {
          const times = Float64Array.from(days, (day) => day * DAY)
          times[place] = typo * DAY
          const found = strayTimes(times).filter(({ end }) => end === 'last')
          expect(found.map(({ orders }) => orders)).toEqual([[place]])
        },
      ),
    )
  })
})
