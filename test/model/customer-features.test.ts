import { describe, expect, test } from 'vitest'
import { csrFromTriples } from '../../src/kernels/csr.ts'
import {
  CUSTOMER_FEATURES,
  customerFeatures,
  featureMatrix,
  featuresOfCustomer,
} from '../../src/model/customer-features.ts'
import type { Sale } from './small-shop.ts'
import { smallShop } from './small-shop.ts'

function featuresOf(sales: readonly Sale[], customers: readonly string[] = []) {
  const dataset = smallShop(sales, { customers })
  const { customer, product, quantity } = dataset.interactions
  return customerFeatures(
    dataset,
    csrFromTriples(dataset.customers.size, dataset.products.size, customer, product, quantity),
  )
}

describe('customerFeatures', () => {
  test('are what the customer did, over all their orders', () => {
    const features = featuresOf([
      {
        customer: 'ana',
        product: 'p',
        order: 'o1',
        day: 10,
        price: 5,
        quantity: 2,
        reviewScore: 5,
        deliveryDelayDays: -4,
      },
      { customer: 'ana', product: 'q', order: 'o1', day: 10, price: 8 },
      { customer: 'ana', product: 'p', order: 'o2', day: 30, price: 6, reviewScore: 2, deliveryDelayDays: 2 },
      { customer: 'bo', product: 'q', order: 'o3', day: 40, price: 7, reviewScore: 4, deliveryDelayDays: 1 },
    ])
    expect(features).toEqual({
      recencyDays: Float64Array.of(10, 0),
      frequency: Float64Array.of(2, 1),
      monetary: Float64Array.of(24, 7),
      averageOrderValue: Float64Array.of(12, 7),
      distinctProducts: Float64Array.of(2, 1),
      reviewScore: Float64Array.of(3.5, 4),
      deliveryDelayDays: Float64Array.of(-1, 1),
    })
  })

  test('are unknown for those who never bought', () => {
    const features = featuresOf([{ customer: 'bo', product: 'p', day: 1, price: 2 }], ['ana'])
    for (const values of Object.values(features)) expect(values[0]).toBeNaN()
  })

  test('are unknown where the shop does not say, and skip what it does not say of one order', () => {
    const features = featuresOf([
      { customer: 'ana', product: 'p', price: 3, day: 5 },
      { customer: 'ana', product: 'p' },
      { customer: 'bo', product: 'p' },
    ])
    expect(features.recencyDays).toEqual(Float64Array.of(0, NaN))
    expect(features.monetary).toEqual(Float64Array.of(3, NaN))
    expect(features.reviewScore).toEqual(Float64Array.of(NaN, NaN))
    expect(features.frequency).toEqual(Float64Array.of(2, 1))
  })
})

describe('featureMatrix', () => {
  const features = featuresOf(
    [
      { customer: 'ana', product: 'p', price: 24.1, day: 3 },
      { customer: 'ana', product: 'q', price: 8.03, day: 5.25 },
      { customer: 'bo', product: 'p' },
    ],
    ['window shopper'],
  )
  const matrix = featureMatrix(features)

  test('is a row a customer and a column a feature', () => {
    expect(matrix).toMatchObject({ rows: 3, columns: 7 })
    const { data } = matrix
    CUSTOMER_FEATURES.forEach((feature, column) => {
      const values = Float32Array.of(data[column], data[7 + column], data[14 + column])
      expect(values).toEqual(Float32Array.from(features[feature]))
    })
  })

  test('is read back without the digits that single precision adds, null where unknown', () => {
    expect(featuresOfCustomer(matrix, 1)).toEqual({
      recencyDays: 0,
      frequency: 2,
      monetary: 32.13,
      averageOrderValue: 16.065,
      distinctProducts: 2,
      reviewScore: null,
      deliveryDelayDays: null,
    })
    expect(featuresOfCustomer(matrix, 2)).toMatchObject({ recencyDays: null, frequency: 1, monetary: null })
    expect(new Set(Object.values(featuresOfCustomer(matrix, 0)))).toEqual(new Set([null]))
  })

  test('spells every unknown by the same bytes, whatever computation it came from', () => {
    const otherNaN = new Float64Array(BigUint64Array.of(0xfff8_0000_0000_0001n).buffer)
    const unknown = Object.fromEntries(CUSTOMER_FEATURES.map((feature) => [feature, otherNaN]))
    const { data } = featureMatrix(unknown as typeof features)
    expect(new Set(new Uint32Array(data.buffer))).toEqual(new Set([0x7fc0_0000]))
  })
})
