import { describe, expect, test } from 'vitest'
import { csrFromTriples } from '../../src/kernels/csr.ts'
import { customerFeatures } from '../../src/model/customer-features.ts'
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
