import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Dataset } from '../../src/data/dataset.ts'
import { type ReadOptions, readDataset } from '../../src/data/read.ts'
import { failureOf, folderOf } from './folders.ts'

async function read(content: string, options: ReadOptions = {}): Promise<Dataset> {
  return readDataset(await folderOf({ 'interactions.csv': content }), options)
}

/** What is left: customer, product, units, and the day of January 2024. */
function left({ customers, products, interactions, orders }: Dataset): (string | number)[][] {
  return Array.from(interactions.customer, (customer, i) => {
    const time = orders.timestamp[interactions.order[i]]
    return [
      customers.at(customer),
      products.at(interactions.product[i]),
      interactions.quantity[i],
      Number.isNaN(time) ? 0 : new Date(time).getUTCDate(),
    ]
  })
}

const sum = (of: readonly number[]) => of.reduce((total, units) => total + units, 0)

const HEADER = 'customer_id,product_id,timestamp,quantity,order_id,order_status\n'
const at = (day: number) => `2024-01-${String(day).padStart(2, '0')}`
const row = (who: string, what: string, day: number, units: number, order: string, status = '') =>
  `${who},${what},${at(day)},${units},${order},${status}\n`

describe('Returned units', () => {
  test('are taken off what the same customer bought of the same product', async () => {
    const dataset = await read(
      HEADER +
        row('ann', 'cup', 1, 3, 'a') +
        row('bob', 'cup', 1, 3, 'b') +
        row('ann', 'mug', 1, 3, 'a') +
        row('ann', 'cup', 5, -1, 'C1'),
    )
    expect(left(dataset)).toEqual([
      ['ann', 'cup', 2, 1],
      ['bob', 'cup', 3, 1],
      ['ann', 'mug', 3, 1],
    ])
    expect(dataset.orders.count).toBe(2)
    expect(dataset.warnings).toBeUndefined()
  })

  test('are taken off the latest purchases before them, and of the same order first', async () => {
    const bought =
      row('ann', 'cup', 1, 2, 'a') + row('ann', 'cup', 10, 2, 'b') + row('ann', 'cup', 20, 2, 'c')
    expect(left(await read(HEADER + row('ann', 'cup', 15, -3, 'C1') + bought))).toEqual([
      ['ann', 'cup', 1, 1],
      ['ann', 'cup', 2, 20],
    ])
    expect(left(await read(`${HEADER}${bought}${row('ann', 'cup', 25, -3, 'a')}`))).toEqual([
      ['ann', 'cup', 2, 10],
      ['ann', 'cup', 1, 20],
    ])
  })

  test('leave no purchase of which nothing is left, nor its order, which is cancelled', async () => {
    const dataset = await read(
      HEADER + row('ann', 'cup', 1, 2, 'a') + row('bob', 'mug', 2, 1, 'b') + row('ann', 'cup', 9, -2, 'C1'),
    )
    expect(left(dataset)).toEqual([['bob', 'mug', 1, 2]])
    expect(dataset.orders).toEqual({
      count: 1,
      customer: Uint32Array.of(1),
      timestamp: Float64Array.of(Date.UTC(2024, 0, 2)),
    })
    expect(dataset.cancelled).toEqual({
      count: 1,
      customer: Uint32Array.of(0),
      timestamp: Float64Array.of(Date.UTC(2024, 0, 1)),
    })
  })

  test('that nobody bought are left out, with a warning', async () => {
    const dataset = await read(
      HEADER + row('ann', 'cup', 5, 2, 'a') + row('ann', 'cup', 1, -1, 'C0') + row('bob', 'cup', 9, -4, 'C1'),
    )
    expect(left(dataset)).toEqual([['ann', 'cup', 2, 5]])
    expect(dataset.warnings).toEqual([
      expect.stringMatching(/interactions\.csv: 5 units were returned .* not bought before/),
    ])
    const error = await failureOf(read(HEADER + row('ann', 'cup', 1, -1, 'C0')))
    expect(error.message).toMatch(/holds no interaction/)
  })

  test('of fractions leave no rounding behind', async () => {
    const dataset = await read(
      'customer_id,product_id,quantity\nann,tea,0.3\nbob,tea,1\nann,tea,-0.1\nann,tea,-0.2\n',
    )
    expect(left(dataset)).toEqual([['bob', 'tea', 1, 0]])
    expect(dataset.warnings).toBeUndefined()
  })

  test('never leave more than was bought, nor lose units: by the sums of any rows', async () => {
    const rows = fc.array(
      fc.tuple(
        fc.constantFrom('a', 'b'),
        fc.constantFrom('x', 'y'),
        fc.integer({ min: 1, max: 28 }),
        fc.integer({ min: -4, max: 5 }).filter(Boolean),
        fc.constantFrom('1', '2', '3'),
      ),
      { minLength: 1, maxLength: 12 },
    )
    await fc.assert(
      fc.asyncProperty(rows, async (lines) => {
        const text = lines
          .map(([who, what, day, units, order]) => row(who, what, day, units, `${who}${order}`))
          .join('')
        const folder = await folderOf({ 'interactions.csv': `${HEADER}${row('z', 'z', 1, 1, 'z')}${text}` })
        const dataset = await readDataset(folder)
        const bought = sum(lines.map(([, , , units]) => Math.max(0, units)))
        const returned = sum(lines.map(([, , , units]) => Math.max(0, -units)))
        const [, unmatched = '0'] = /: (\d+) units were returned/.exec(dataset.warnings?.join() ?? '') ?? []
        expect(sum([...dataset.interactions.quantity]) - 1).toBe(bought - (returned - Number(unmatched)))
        expect(dataset.interactions.quantity.every((units) => units > 0)).toBe(true)
        expect(new Set(dataset.interactions.order).size).toBe(dataset.orders.count)
      }),
      { numRuns: 50 },
    )
  })
})

describe('Cancelled orders', () => {
  const content =
    HEADER +
    row('ann', 'cup', 1, 1, 'a', 'Cancelled') +
    row('ann', 'mug', 1, 1, 'a', 'cancelled') +
    row('bob', 'cup', 2, 1, 'b', 'complete') +
    row('bob', 'mug', 2, 1, 'b', 'refunded') +
    row('cy', 'cup', 3, 1, 'c', 'on its way')

  test('are no purchases; rows of others that were cancelled are none either', async () => {
    const dataset = await read(content)
    expect(left(dataset)).toEqual([
      ['bob', 'cup', 1, 2],
      ['cy', 'cup', 1, 3],
    ])
    expect(dataset.cancelled).toEqual({
      count: 1,
      customer: Uint32Array.of(0),
      timestamp: Float64Array.of(Date.UTC(2024, 0, 1)),
    })
  })

  test('count where that is asked for; returned units do not', async () => {
    const dataset = await read(`${content}${row('cy', 'cup', 4, -1, 'C1')}`, { countCancelled: true })
    expect(dataset.interactions.count).toBe(4)
    expect(dataset).not.toHaveProperty('cancelled')
  })

  test('are known by a column of another name where that is said', async () => {
    const dataset = await read(content.replace('order_status', 'State'), {
      columns: { order_status: 'State' },
    })
    expect(dataset.interactions.count).toBe(2)
  })

  test('without ids are what one customer ordered at one time', async () => {
    const dataset = await read(
      'customer_id,product_id,timestamp,order_status\nann,cup,2024-01-01,failed\nann,mug,2024-01-01,failed\nann,cup,2024-01-02,\n',
    )
    expect(dataset.cancelled?.count).toBe(1)
    expect(dataset.interactions.count).toBe(1)
  })
})
