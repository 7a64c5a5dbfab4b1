/** Returns in events.csv. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Dataset } from '../../src/data/dataset.ts'
import { generateShop } from '../../src/data/demo-shop.ts'
import { readDataset } from '../../src/data/read.ts'
import { importDataset } from '../../src/store/import-dataset.ts'
import { openEvents } from '../../src/store/open-events.ts'
import { temporaryFile } from '../explanations/writer.ts'
import { failureOf, folderOf } from './folders.ts'
import { OLIST_FILES } from './olist-files.ts'

const HEADER = 'customer_id,visitor_id,product_id,kind,timestamp,quantity\n'

/** What is left: customer, product and units. */
const left = ({ customers, products, interactions }: Dataset) =>
  Array.from(interactions.customer, (customer, i) => [
    customers.at(customer),
    products.at(interactions.product[i]),
    interactions.quantity[i],
  ])

const rowsIn = (shop: string) => readFileSync(join(shop, 'events.csv'), 'utf8').trimEnd().split('\n')
const items = (shop: string) => readFileSync(join(shop, 'olist_order_items_dataset.csv'), 'utf8')
const units = ({ interactions }: Dataset) => interactions.quantity.reduce((sum, one) => sum + one, 0)

describe('a row of kind RETURN', () => {
  const SALES =
    'customer_id,product_id,timestamp,quantity\n' +
    'ana,mug,2018-01-01,2\nana,cup,2018-01-01,1\nben,mug,2018-01-02,1\nana,mug,2018-01-05,3\n'
  const shopOf = (events: string) => folderOf({ 'interactions.csv': SALES, 'events.csv': HEADER + events })

  test('takes units off what the customer bought before it, the latest first', async () => {
    const events = 'ana,,mug,RETURN,2018-01-03,1\nana,,mug,RETURN,2018-01-09,4\nana,,cup,VIEW,2018-01-03,\n'
    const dataset = await readDataset(await shopOf(events))
    // The first takes one of the two of 1 January; the second all three of 5 January, and then the other.
    expect(left(dataset)).toEqual([
      ['ana', 'cup', 1],
      ['ben', 'mug', 1],
    ])
    expect(dataset.cancelled).toMatchObject({ count: 1, timestamp: Float64Array.of(Date.UTC(2018, 0, 5)) })
    expect(dataset.browsing!.count).toBe(1)
    expect(dataset.warnings).toBeUndefined()
  })

  test('is of one unit unless it says how many', async () => {
    expect(left(await readDataset(await shopOf('ana,,mug,RETURN,2018-01-09,\n')))[3]).toEqual([
      'ana',
      'mug',
      2,
    ])
  })

  test('of what was not bought before is left out with a warning', async () => {
    const folder = await shopOf(
      'ben,,mug,RETURN,2018-01-01,\nben,,mug,RETURN,2018-01-09,2\neve,,vase,RETURN,2018-01-09,\n',
    )
    const dataset = await readDataset(folder)
    expect(left(dataset)).toHaveLength(3)
    expect(dataset.warnings).toEqual([
      `${join(folder, 'events.csv')}: 3 units were returned (rows of kind RETURN) that the same customer had not bought ` +
        'before, as far as the files go. These are left out: is a part of the history missing?',
    ])
  })

  test.each([
    [',v1,mug,RETURN,2018-01-09,', 'visitor_id', 'is a visitor: only a customer can return something'],
    ['ana,,mug,RETURN,2018-01-09,-1', 'quantity', 'is below 0: of a return write how many units came back'],
    ['ana,,mug,RETURN,2018-01-09,0', 'quantity', 'is 0'],
    ['ana,,mug,RETURN,,', 'timestamp', 'is blank: every event needs a time'],
  ])('is bad: %s', async (row, column, problem) => {
    const folder = await shopOf(`ana,,mug,VIEW,2018-01-02,\n${row}\n`)
    const error = await failureOf(readDataset(folder))
    expect(error).toMatchObject({ file: join(folder, 'events.csv'), line: 3, column })
    expect(error.message).toContain(problem)
  })

  test('may not leave nothing', async () => {
    const returns = ['ana,,mug', 'ana,,cup', 'ben,,mug'].map((what) => `${what},RETURN,2018-01-09,9\n`)
    const error = await failureOf(readDataset(await shopOf(returns.join(''))))
    expect(error.message).toContain('says that everything was returned: there is nothing to train on')
  })

  test('keeps what else is known of the other orders', async () => {
    const events = `${HEADER}ana,,p1,RETURN,2018-01-20,2\n`
    const reviews = 'review_id,order_id,review_score\nr1,o1,1\nr2,o2,4\n'
    const folder = await folderOf({
      ...OLIST_FILES,
      'olist_order_reviews_dataset.csv': reviews,
      'events.csv': events,
    })
    const { orders, cancelled, ...dataset } = await readDataset(folder)
    // Of ana's orders o2 is left, of which p3 was delivered two days late; of bob's nothing is known.
    expect(left({ orders, ...dataset })).toEqual([
      ['bob', 'p2', 1],
      ['ana', 'p3', 1],
    ])
    expect(orders.reviewScore).toEqual(Float32Array.of(Number.NaN, 4))
    expect(orders.deliveryDelayDays).toEqual(Float32Array.of(Number.NaN, 2))
    expect(cancelled!.count).toBe(1)
  })
})

test('a made-up shop with returns states them in events.csv alone, and its history is without them', async () => {
  const folder = dirname(temporaryFile('x'))
  const [plain, returning] = ['plain', 'returning'].map((name) => join(folder, name))
  const size = { customers: 400, products: 120, seed: 3 }
  await generateShop({ ...size, directory: plain })
  await generateShop({ ...size, directory: returning, returns: true })
  const returns = rowsIn(returning).filter((row) => row.includes(',RETURN,'))
  expect(rowsIn(returning).filter((row) => !row.includes(',RETURN,'))).toEqual(rowsIn(plain))
  expect(items(returning)).toBe(items(plain))

  const [before, after] = [await readDataset(plain), await readDataset(returning)]
  expect(returns.length).toBeGreaterThan(20)
  expect(after.warnings).toEqual(before.warnings)
  expect(units(after)).toBe(units(before) - returns.length)
  // Three of a hundred are given back, and of one category twenty.
  const category = (sku: string) =>
    before.category.labels[before.category.codes[before.products.indexOf(sku)]]
  const share = (isOften: boolean) => {
    const of = (skus: readonly string[]) =>
      skus.filter((sku) => (category(sku) === 'Cycling') === isOften).length
    return of(returns.map((row) => row.split(',')[3])) / of(left(before).map(([, sku]) => String(sku)))
  }
  expect(share(true)).toBeGreaterThan(0.1)
  expect(share(false)).toBeLessThan(0.06)

  const store = temporaryFile('shop.sqlite')
  await importDataset(await readDataset(returning, { keepColumns: true }), store)
  const events = openEvents(store)
  const [, who, , sku] = returns[0].split(',')
  const boughtIn = (dataset: Dataset) =>
    left(dataset).filter(([person, product]) => person === who && product === sku)
  const [history] = await events.histories([who], 1000)
  expect(history.filter(({ product }) => product === sku)).toHaveLength(boughtIn(before).length - 1)
  expect(boughtIn(after)).toHaveLength(boughtIn(before).length - 1)
  await events.close()
})
