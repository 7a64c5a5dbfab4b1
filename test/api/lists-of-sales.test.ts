import { describe, expect, test } from 'vitest'
import { DAY, DAY_0, GOODS, LATEST, LINES } from './grocery.ts'
import { listed, scoresOf } from './listed.ts'
import { servingGrocery } from './serving.ts'

const serving = await servingGrocery()

const unitsIn = (lines: readonly { quantity: number }[]) =>
  lines.reduce((sum, { quantity }) => sum + quantity, 0)
const atDay = (day: number) => `at: "${new Date(DAY_0 + day * DAY).toISOString()}", `

interface Sales {
  readonly score: number
  /** Of the last 30 days. */
  readonly units: number
}

/** Each order that holds a product counts, half for every 30 days since; units are what people are told. */
function salesAt(day: number, sku: string): Sales {
  const lines = LINES.filter((line) => line.sku === sku && line.day <= day)
  const orders = new Map(lines.map((line) => [`${line.customer} ${line.day}`, day - line.day]))
  return {
    score: [...orders.values()].reduce((sum, ago) => sum + 2 ** (-ago / 30), 0),
    units: unitsIn(lines.filter((line) => day - line.day < 30)),
  }
}

describe('trending', () => {
  test.each([
    ['of the latest order', 30, ''],
    ['of day 12', 12, atDay(12)],
    ['of day 54', 54, atDay(54)],
    ['of day 31, when day 1 is a whole 30 days ago', 31, atDay(31)],
  ])(
    'counts what sold in the last 30 days, and what before, less and less: as %s',
    async (_what, day, at) => {
      const list = await listed(serving, `list: trending(${at} first: 100) LIST`, 'TRENDING', 'popularity')
      const selling = GOODS.filter(({ sku }) => salesAt(day, sku).units > 0).map(({ sku }) => sku)
      expect(list.map(({ sku }) => sku).toSorted()).toEqual(selling.toSorted())
      list.forEach(({ sku, score, reasons }, place) => {
        const { score: expected, units } = salesAt(day, sku)
        expect([sku, score]).toEqual([sku, expect.closeTo(expected, 6)])
        expect(reasons[0].sales).toEqual({ units, days: 30 })
        if (place > 0) expect(score).toBeLessThanOrEqual(list[place - 1].score)
      })
    },
  )

  test('by hand: bread leads, which seven orders hold from day 1 to day 30, eight loaves of it', async () => {
    const [{ sku, score, reasons }] = await listed(
      serving,
      'list: trending(first: 1) LIST',
      'TRENDING',
      'popularity',
    )
    const decayed = [1, 2, 8, 9, 20, 29, 30].reduce((sum, day) => sum + 2 ** (-(30 - day) / 30), 0)
    expect([sku, score]).toEqual(['bread', expect.closeTo(decayed, 6)])
    expect(reasons[0].sales).toEqual({ units: 8, days: 30 })
  })

  // Far moments are moments, too: 0 × 2^1200 is none of a list's numbers.
  test.each([
    ['0001-01-01', 0],
    ['1924-01-01', 0],
    ['2024-02-20', 1],
    ['2118-12-31', 0],
    ['9999-12-31', 0],
  ])('is answered as of %s', async (day, least) => {
    const { data, errors } = await serving.ask(`{ trending(at: "${day}T00:00:00Z", first: 10) { edges { node {
      scores { hybrid } reasons { amount ... on PopularReason { sales { units days since until } } } } } } }`)
    expect(errors).toBeUndefined()
    const { edges } = data.trending
    expect(Math.min(1, edges.length)).toBe(least)
    for (const { node } of edges) {
      expect(node.scores.hybrid).toBeGreaterThan(0)
      // The data ends before the moment does.
      expect(node.reasons[0].sales).toMatchObject({
        since: '2024-01-21T00:00:00.000Z',
        until: new Date(LATEST).toISOString(),
      })
    }
  })

  test('is empty before anything was sold, and a year after', async () => {
    for (const day of [-1, 395])
      expect(await listed(serving, `list: trending(${atDay(day)}) LIST`, 'TRENDING', 'popularity')).toEqual(
        [],
      )
  })
})

const popularIn = (name: string, args = '') =>
  `category(name: "${name}") { ... on Category { list: popular${args} LIST } }`

const dairy = async (filter: string) =>
  (await listed(serving, popularIn('dairy', `(filter: ${filter})`), 'POPULARITY', 'popularity')).map(
    ({ sku }) => sku,
  )

describe('popular in a category', () => {
  test('by all orders ever, what never sold last', async () => {
    const list = await listed(serving, popularIn('bakery'), 'POPULARITY', 'popularity')
    expect(scoresOf(list)).toEqual([
      ['bread', 7],
      ['rolls', 1],
      ['croissant', 1],
    ])
    expect(list[1].reasons[0]).toMatchObject({ __typename: 'PopularReason', sales: { units: 4, days: null } })
    expect(scoresOf(await listed(serving, popularIn('household'), 'POPULARITY', 'popularity'))).toEqual([
      ['soap', 0],
    ])
  })

  test('a filter holds besides', async () => {
    expect(await dairy('{ price: { max: 4 } }')).toEqual(['butter', 'milk', 'creme'])
    expect(await dairy('{ categories: { anyOf: ["dairy", "bakery"] } }')).toEqual([
      'butter',
      'milk',
      'cheese',
      'creme',
    ])
    expect(await dairy('{ categories: { anyOf: ["bakery"] } }')).toEqual([])
    expect(await dairy('{ categories: { noneOf: ["dairy"] } }')).toEqual([])
  })
})
