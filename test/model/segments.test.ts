import { describe, expect, test } from 'vitest'
import { csrFromTriples } from '../../src/kernels/csr.ts'
import type { SegmentProfile } from '../../src/model/model.ts'
import type { Naming } from '../../src/model/segments.ts'
import { segmentCustomers } from '../../src/model/segments.ts'
import type { Sale, Shelf } from './small-shop.ts'
import { smallShop } from './small-shop.ts'

function segmentsOf(
  sales: readonly Sale[],
  {
    seed = 1,
    naming,
    former,
    ...shelf
  }: Shelf & { seed?: number; naming?: Naming; former?: readonly SegmentProfile[] } = {},
) {
  const dataset = smallShop(sales, shelf)
  const { customer, product, quantity } = dataset.interactions
  const histories = csrFromTriples(dataset.customers.size, dataset.products.size, customer, product, quantity)
  const { segments, segmentProfiles } = segmentCustomers(dataset, histories, seed, naming, former)
  const segmentOf = (id: string) => segments.labels[segments.codes[dataset.customers.indexOf(id)]]
  return { segments, segmentProfiles, segmentOf }
}

const FEATURES: Readonly<Record<string, string>> = {
  Frequent: 'frequency',
  Value: 'monetary',
  Recent: 'recencyDays',
  Reviews: 'reviewScore',
  Deliveries: 'deliveryDelayDays',
}

/** Holds what segments are called against what their customers are like. */
function expectTrue(profiles: readonly SegmentProfile[]): void {
  for (const { name, means } of profiles) {
    for (const said of name.split(', ')) {
      const [, place = '1', end, what] = /^(?:(\d)\w+ )?(Most|Least|Highest|Lowest|Latest) (\w+)$/.exec(said)!
      const feature = FEATURES[what]
      const known = profiles.map((other) => other.means[feature]).filter((mean) => mean != null)
      // Recency counts days, of which the most recent have the fewest.
      const fromTheTop = ['Most', 'Highest', 'Latest'].includes(end) !== (what === 'Recent')
      const ranked = known.toSorted((a, b) => (fromTheTop ? b - a : a - b))
      expect([said, means[feature]]).toEqual([said, ranked[Number(place) - 1]])
    }
  }
}

/** Customers of five kinds, as many as said of each, with a little spread; `unsaid` is NaN for all. */
function plantedSales(kinds: Readonly<Record<string, number>>, unsaid: Partial<Sale> = {}): Sale[] {
  const shapes: Readonly<Record<string, Partial<Sale>>> = {
    loyal: { price: 20, day: 300, reviewScore: 4, deliveryDelayDays: -5 },
    rich: { price: 900, day: 310, reviewScore: 4, deliveryDelayDays: -5 },
    cross: { price: 25, day: 320, reviewScore: 1, deliveryDelayDays: 9 },
    recent: { price: 24, day: 590, reviewScore: 5, deliveryDelayDays: -6 },
    silent: { price: 22, day: 20, reviewScore: 5, deliveryDelayDays: -6 },
  }
  return Object.entries(kinds).flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, i) => {
      const { price = 0, day = 0, ...shape } = shapes[kind]
      const sale = {
        ...shape,
        customer: `${kind} ${i}`,
        product: 'p',
        price: price + (i % 5),
        day: day + (i % 7),
        ...unsaid,
      }
      return kind === 'loyal' ? [sale, { ...sale, product: 'q', day: sale.day - 30 }] : [sale]
    }).flat(),
  )
}

const kinds = { silent: 40, recent: 30, cross: 15, loyal: 10, rich: 5 }

describe('segmentCustomers', () => {
  test.each([0, 1, 2, 3, 4_294_967_295])('finds the kinds of customers there are, from seed %i', (seed) => {
    const { segmentProfiles, segmentOf } = segmentsOf(plantedSales(kinds), { seed })
    expect(Object.fromEntries(segmentProfiles.map(({ name, customers }) => [name, customers]))).toEqual({
      // Of late orders and of 22 … 26 each, the least of all.
      'Least Recent, Lowest Value': 40,
      'Most Recent': 30,
      'Lowest Reviews, Latest Deliveries': 15,
      'Most Frequent': 10,
      'Highest Value': 5,
    })
    expect(segmentOf('rich 3')).toBe('Highest Value')
    expect(segmentOf('loyal 9')).toBe('Most Frequent')
  })

  test('are called as in the notebook where that is asked for', () => {
    const { segmentProfiles } = segmentsOf(plantedSales(kinds), { naming: 'notebook' })
    expect(Object.fromEntries(segmentProfiles.map(({ name, customers }) => [name, customers]))).toEqual({
      'Silent Satisfied': 40,
      'Engaged Enthusiasts': 30,
      'Dissatisfied / At Risk': 15,
      'Repeat Loyalists': 10,
      'High-Value Buyers': 5,
    })
  })

  test('the same seed gives the same segments', () => {
    const sales = plantedSales({ silent: 30, recent: 28, cross: 25 })
    expect(segmentsOf(sales, { seed: 5 })).toMatchObject({
      segments: segmentsOf(sales, { seed: 5 }).segments,
    })
  })

  test('profiles say what the customers of a segment are like', () => {
    const rich = segmentsOf(plantedSales(kinds)).segmentProfiles.find(({ name }) => name === 'Highest Value')
    // Prices 900 … 904 on days 310 … 314; the shop's latest day is 596.
    expect(rich?.means).toEqual({
      recencyDays: 284,
      frequency: 1,
      monetary: 902,
      averageOrderValue: 902,
      distinctProducts: 1,
      reviewScore: 4,
      deliveryDelayDays: -5,
    })
  })

  test('without reviews and delivery dates names are of recency, frequency and value, and other means unknown', () => {
    const sales = plantedSales(kinds, { reviewScore: NaN, deliveryDelayDays: NaN })
    const { segmentProfiles } = segmentsOf(sales)
    const words = /^((Most|Least) (Recent|Frequent)|(Highest|Lowest) Value|\d(nd|rd|th) .*)(, .*)?$/
    expect(segmentProfiles).toHaveLength(4)
    for (const { name } of segmentProfiles) expect(name).toMatch(words)
    expectTrue(segmentProfiles)
    for (const { means } of segmentProfiles)
      expect(means).toMatchObject({ reviewScore: null, deliveryDelayDays: null })
  })

  test('without timestamps nobody is called recent', () => {
    const sales = plantedSales(kinds, { day: NaN })
    const names = segmentsOf(sales).segmentProfiles.map(({ name }) => name)
    expect(names).toHaveLength(4)
    expect(names.join()).not.toMatch(/Recent/)
  })

  test.each([1, 2])(
    '%i customers are fewer than the names that money and time would give, and stay together',
    (count) => {
      const sales = Array.from({ length: count }, (_, i) => ({
        customer: `c${i}`,
        product: 'p',
        price: i,
        day: i * i,
      }))
      expect(segmentsOf(sales)).toMatchObject({
        segments: { labels: ['All Customers'] },
        segmentProfiles: [{ name: 'All Customers', customers: count }],
      })
    },
  )

  test('customers who are all alike are one segment', () => {
    const sales = Array.from({ length: 50 }, (_, i) => ({ customer: `c${i}`, product: 'p' }))
    expect(segmentsOf(sales).segmentProfiles).toMatchObject([{ name: 'All Customers', customers: 50 }])
  })

  test('those who never bought are in none', () => {
    const { segments } = segmentsOf(plantedSales(kinds), { customers: ['window shopper'] })
    expect(segments.codes[0]).toBe(-1)
    expect(Math.min(...segments.codes.subarray(1))).toBe(0)
  })

  test('segments that the shop gives are kept, and profiled', () => {
    const given = { name: 'segment', labels: ['Gold', 'Grey'], codes: Int32Array.of(1, 0, -1) }
    const { segments, segmentProfiles } = segmentsOf(
      [
        { customer: 'ana', product: 'p', price: 3 },
        { customer: 'bo', product: 'p', price: 5 },
        { customer: 'cy', product: 'p', price: 7 },
      ],
      { segments: given },
    )
    expect(segments).toBe(given)
    expect(segmentProfiles).toMatchObject([
      { name: 'Gold', customers: 1, means: { monetary: 5 } },
      { name: 'Grey', customers: 1, means: { monetary: 3 } },
    ])
  })
})

describe('the segments of a model that is trained again', () => {
  const before = segmentsOf(plantedSales(kinds))

  test.each([1, 2, 3, 4])(
    'have the order and the names of the former ones, whatever the seed (%i)',
    (seed) => {
      const grown = { ...kinds, recent: 45, rich: 7 }
      const after = segmentsOf(plantedSales(grown), { seed, former: before.segmentProfiles })
      expect(after.segments.labels).toEqual(before.segments.labels)
      for (const kind of Object.keys(kinds))
        expect(after.segmentOf(`${kind} 0`)).toBe(before.segmentOf(`${kind} 0`))
    },
  )

  test('lose names that are no longer true, and keep those that are', () => {
    // The customers who bought lately have become those who pay the most.
    const sales = plantedSales(kinds).map((sale) =>
      sale.customer.startsWith('recent') ? Object.assign({}, sale, { price: 3000 }) : sale,
    )
    const after = segmentsOf(sales, { former: before.segmentProfiles })
    expectTrue(after.segmentProfiles)
    expect(after.segmentOf('rich 0')).not.toMatch(/(^|, )Highest Value/)
    expect(after.segmentOf('cross 0')).toBe(before.segmentOf('cross 0'))
  })

  test('are found anew where there were others', () => {
    const others = before.segmentProfiles.slice(0, 2)
    expect(segmentsOf(plantedSales(kinds), { former: others }).segments.labels).toEqual(
      before.segments.labels,
    )
  })
})
