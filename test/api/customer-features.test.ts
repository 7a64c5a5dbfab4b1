import { describe, expect, test } from 'vitest'
import { goods, LINES, ORDERS } from './grocery.ts'
import { servingGrocery } from './serving.ts'

const { ask } = await servingGrocery()

const FEATURES =
  'recencyDays frequency monetary averageOrderValue distinctProducts reviewScore deliveryDelayDays'

async function featuresOf(externalId: string): Promise<any> {
  const query = `{ customer(externalId: "${externalId}") { ... on Customer { segment features { ${FEATURES} } } } }`
  const { data, errors } = await ask(query)
  expect(errors).toBeUndefined()
  return data.customer
}

describe('what a customer is known by', () => {
  test('by hand: ann', async () => {
    // Three orders of 2 + 4, 2 + 4 + 5 and 2·8 + 2; the latest a day before the shop's; two reviews, two deliveries.
    expect(await featuresOf('ann')).toEqual({
      segment: 'Households',
      features: {
        recencyDays: 1,
        frequency: 3,
        monetary: 35,
        averageOrderValue: 11.66667,
        distinctProducts: 4,
        reviewScore: 4.5,
        deliveryDelayDays: -0.5,
      },
    })
  })

  test('by hand: dan, whose delivery nobody timed', async () => {
    expect(await featuresOf('dan')).toEqual({
      segment: 'Households',
      features: {
        recencyDays: 25,
        frequency: 1,
        monetary: 14,
        averageOrderValue: 14,
        distinctProducts: 2,
        reviewScore: 3,
        deliveryDelayDays: null,
      },
    })
  })

  test('is null for a customer without purchases', async () => {
    const { segment, features } = await featuresOf('hal')
    expect(segment).toBeNull()
    expect(Object.values(features)).toEqual(Array(7).fill(null))
  })
})

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

describe('the segments', async () => {
  const { data, errors } = await ask(
    `{ segments { name customers share profile { ${FEATURES} } } modelInfo { segments { name profile { frequency } } } }`,
  )

  test('have sizes and shares that sum to all who bought', () => {
    expect(errors).toBeUndefined()
    expect(data.segments.map(({ name, customers }: any) => [name, customers])).toEqual([
      ['Households', 7],
      ['Tin lovers', 12],
    ])
    expect(data.segments.map(({ share }: any) => share)).toEqual([
      expect.closeTo(7 / 19, 12),
      expect.closeTo(12 / 19, 12),
    ])
  })

  test('have the means of what their customers are known by', () => {
    const [households, tinLovers] = data.segments.map(({ profile }: any) => profile)
    // The latest orders of ann, ben, cat, dan, eve, fay and gus; how many orders; how many different products.
    expect(households.recencyDays).toBeCloseTo(mean([1, 0, 6, 25, 10, 21, 20]), 5)
    expect(households.frequency).toBeCloseTo(mean([3, 2, 2, 1, 3, 1, 1]), 5)
    expect(households.distinctProducts).toBeCloseTo(mean([4, 4, 3, 2, 2, 3, 5]), 5)
    // Only ann and dan wrote reviews, and only ann's deliveries were timed.
    expect(households.reviewScore).toBeCloseTo(mean([4.5, 3]), 5)
    expect(households.deliveryDelayDays).toBeCloseTo(-0.5, 5)
    expect(tinLovers).toMatchObject({
      frequency: 2,
      distinctProducts: 3,
      reviewScore: null,
      deliveryDelayDays: null,
    })
    // Their second orders are on days 14 to 25.
    expect(tinLovers.recencyDays).toBeCloseTo(30 - mean([14, 25]), 5)
    const spent = LINES.filter(({ customer }) => customer.startsWith('tin')).reduce(
      (sum, { sku, quantity }) => sum + quantity * goods(sku).price!,
      0,
    )
    expect(tinLovers.monetary).toBeCloseTo(spent / 12, 5)
    expect(ORDERS.filter(({ customer }) => customer.startsWith('tin'))).toHaveLength(24)
  })

  test('are those of the model', () => {
    expect(data.modelInfo.segments).toEqual(
      data.segments.map(({ name, profile: { frequency } }: any) => ({ name, profile: { frequency } })),
    )
  })
})
