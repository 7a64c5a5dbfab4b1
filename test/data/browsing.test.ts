import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { INTEREST_KINDS, sessionsOf } from '../../src/data/browsing.ts'
import { readDataset, type ReadOptions } from '../../src/data/read.ts'
import { failureOf, folderOf } from './folders.ts'

const SALES = 'customer_id,product_id,timestamp\nana,mug,2018-01-01\n'

/** A shop with one purchase, and these events. */
const shopOf = (events: string) => folderOf({ 'interactions.csv': SALES, 'events.csv': events })

async function browsingOf(events: string, options: ReadOptions = {}) {
  const { browsing } = await readDataset(await shopOf(events), options)
  return browsing!
}

const HEADER = 'customer_id,visitor_id,product_id,kind,timestamp\n'

describe('events.csv', () => {
  test('holds views and cart entries of customers and visitors', async () => {
    const { count, kind, person, isVisitor, customers, visitors, product, products, timestamp } =
      await browsingOf(
        `${HEADER}ana,,mug,VIEW,2018-01-02 10:00:00\n,v1,cup,CART,1514890800\nben,,mug,CART,2018-01-03`,
      )
    const rows = Array.from({ length: count }, (_, i) => [
      isVisitor[i] ? visitors.at(person[i]) : customers.at(person[i]),
      products.at(product[i]),
      INTEREST_KINDS[kind[i]],
      new Date(timestamp[i]).toISOString(),
    ])
    expect(rows).toEqual([
      ['ana', 'mug', 'VIEW', '2018-01-02T10:00:00.000Z'],
      ['v1', 'cup', 'CART', '2018-01-02T11:00:00.000Z'],
      ['ben', 'mug', 'CART', '2018-01-03T00:00:00.000Z'],
    ])
  })

  test('may be missing, and then nothing is known of views', async () => {
    const dataset = await readDataset(await folderOf({ 'interactions.csv': SALES }))
    expect(dataset.browsing).toBeUndefined()
  })

  test('changes nothing that is known of purchases, but the fingerprint', async () => {
    const {
      browsing: _,
      fingerprint: __,
      ...plain
    } = await readDataset(await folderOf({ 'interactions.csv': SALES }))
    const { browsing, fingerprint, ...rest } = await readDataset(
      await shopOf(`${HEADER}ana,,never sold,VIEW,2018-01-02`),
    )
    expect(JSON.stringify(rest)).toBe(JSON.stringify(plain))
    expect(browsing!.count).toBe(1)
    expect(fingerprint).not.toBe(__)
  })

  test('stands beside interactions whose columns have other names', async () => {
    const folder = await folderOf({
      'sales.csv': 'who,product_id\nana,mug\n',
      'events.csv': `${HEADER}ana,,mug,VIEW,2018-01-02`,
    })
    const { browsing } = await readDataset(join(folder, 'sales.csv'), { columns: { customer_id: 'who' } })
    expect(browsing!.customers.at(0)).toBe('ana')
  })

  test('may be the name of the interactions themselves', async () => {
    const folder = await folderOf({ 'events.csv': SALES })
    expect((await readDataset(join(folder, 'events.csv'))).browsing).toBeUndefined()
  })

  test.each([
    ['ana,,mug,LIKE,2018-01-02', 'kind', 'LIKE', 'is no kind of event: write VIEW or CART or RETURN'],
    [',,mug,VIEW,2018-01-02', 'customer_id', '', 'is blank, and so is visitor_id'],
    ['ana,v1,mug,VIEW,2018-01-02', 'visitor_id', 'v1', 'is given, and so is the customer "ana"'],
    ['ana,,mug,VIEW,', 'timestamp', '', 'is blank: every event needs a time'],
    ['ana,,mug,VIEW,yesterday', 'timestamp', 'yesterday', 'is not a time'],
    ['ana,,,VIEW,2018-01-02', 'product_id', '', 'is blank'],
  ])('has a bad row: %s', async (row, column, value, problem) => {
    const folder = await shopOf(`${HEADER}ana,,mug,VIEW,2018-01-02\n${row}\n`)
    const error = await failureOf(readDataset(folder))
    expect(error).toMatchObject({ file: join(folder, 'events.csv'), line: 3, column, value })
    expect(error.message).toContain(problem)
    const quarantineFile = join(folder, 'bad.csv')
    const { browsing, quarantined } = await readDataset(folder, { lenient: true, quarantineFile })
    expect([browsing!.count, quarantined]).toEqual([1, 1])
  })

  test('needs a column of people', async () => {
    const folder = await folderOf({ 'interactions.csv': SALES })
    writeFileSync(join(folder, 'events.csv'), 'product_id,kind,timestamp\nmug,VIEW,2018-01-02\n')
    expect((await failureOf(readDataset(folder))).message).toContain(
      'lacks a column customer_id or visitor_id',
    )
  })
})

/** Sessions in short: who, and the products. */
const inShort = async (events: string) => {
  const browsing = await browsingOf(events)
  return sessionsOf(browsing).map(
    ({ customer, visitor, events: all }) =>
      `${customer ?? visitor}: ${all.map(({ product }) => browsing.products.at(product)).join(' ')}`,
  )
}

const viewAt = (time: string, who: string, product: string) => `${who},,${product},VIEW,2018-01-01 ${time}`

describe('sessions', () => {
  test('are those of the file, by the time of their first event', async () => {
    const rows = ['s2,ana,b,VIEW,2018-01-02', 's1,ana,c,VIEW,2018-01-03', 's2,ana,a,CART,2018-01-01']
    expect(
      await inShort(
        `session_id,customer_id,product_id,kind,timestamp\n${rows.join('\n')}\ns2,ben,d,VIEW,2018-01-02`,
      ),
    ).toEqual(['ana: a b', 'ben: d', 'ana: c'])
  })

  test('end with a pause of more than half an hour where the file names none', async () => {
    const rows = [
      viewAt('10:30:00', 'ana', 'b'),
      viewAt('10:00:00', 'ana', 'a'),
      viewAt('11:00:01', 'ana', 'c'),
    ]
    expect(await inShort(HEADER + [...rows, viewAt('10:20:00', 'ben', 'd')].join('\n'))).toEqual([
      'ana: a b',
      'ben: d',
      'ana: c',
    ])
  })
})
