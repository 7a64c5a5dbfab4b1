import type { Dataset } from '../../src/data/dataset.ts'
import { idTableOf, stringColumnOf } from '../../src/data/ids.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import type { Kernels } from '../../src/kernels/kernels.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { configure } from '../../src/model/configuration.ts'
import { fitModel } from '../../src/model/fit.ts'

const CATEGORIES = ['bed_bath_table', 'garden_tools', 'toys', 'watches_gifts']
const PRODUCTS = 48
const CUSTOMERS = 60

/** The customer who never bought anything. */
export const COLD_CUSTOMER = 'customer-cold'

/** A product without a name and without a category, that nobody bought. */
export const BARE_PRODUCT = 'ffffffffffffffffffffffffffffffff'

export const sku = (number: number) => `sku-${number}`
export const customerId = (number: number) => `customer-${number}`

/**
 * A shop small enough to reason about: product p is of category p mod 4, customer c likes category c mod 4 and
 * bought four different products of it and one of the next category, the first of them twice.
 */
export function smallShop(): Dataset {
  const lines = Array.from({ length: CUSTOMERS }, (_, customer) => purchasesOf(customer)).flat()
  const products = [...Array.from({ length: PRODUCTS }, (_, product) => sku(product)), BARE_PRODUCT]
  return {
    adapter: 'interactions',
    customers: idTableOf([...Array.from({ length: CUSTOMERS }, (_, c) => customerId(c)), COLD_CUSTOMER]),
    products: idTableOf(products),
    interactions: {
      count: lines.length,
      customer: Uint32Array.from(lines, ({ customer }) => customer),
      product: Uint32Array.from(lines, ({ product }) => product),
      order: Uint32Array.from(lines, (_, line) => line),
      quantity: Float32Array.from(lines, ({ quantity }) => quantity),
      price: Float64Array.from(lines, ({ product }) => 10 + product),
    },
    orders: {
      count: lines.length,
      customer: Uint32Array.from(lines, ({ customer }) => customer),
      timestamp: Float64Array.from(lines, (_, line) => Date.UTC(2018, 0, 1) + line * 3_600_000),
    },
    category: {
      name: 'category',
      labels: CATEGORIES,
      codes: Int32Array.from(products, (id, product) =>
        id === BARE_PRODUCT ? -1 : product % CATEGORIES.length,
      ),
    },
    categorical: [],
    numeric: [],
    productNames: stringColumnOf(
      products.map((id, product) => (id === BARE_PRODUCT ? '' : `Product No. ${product}`)),
    ),
    quarantined: 0,
    fingerprint: 'a'.repeat(64),
  }
}

function purchasesOf(customer: number): { customer: number; product: number; quantity: number }[] {
  const liked = [0, 1, 2, 3].map((step) => productOf(customer, Math.floor(customer / 4) + step * step))
  return [...liked, productOf(customer + 1, customer)].map((product, place) => ({
    customer,
    product,
    quantity: place === 0 ? 2 : 1,
  }))
}

/** The product at a place of a category; places beyond the last count on from the first. */
function productOf(category: number, place: number): number {
  return (place * 4 + (category % 4)) % PRODUCTS
}

/** A recommender over the small shop; `kernels` may be watched or made to fail. */
export async function smallRecommender(kernels: Kernels = referenceKernels()): Promise<Recommender> {
  const model = await fitModel(smallShop(), configure('default', { factors: 8, iterations: 5 }), kernels)
  // Lists are told apart by what single customers bought; what is left out of that has tests of its own.
  return new Recommender(model, kernels, { leastCustomers: 1 })
}
