import type { Dataset } from '../data/dataset.ts'
import type { Csr, DenseMatrix } from '../kernels/kernels.ts'
import { DAY } from '../data/ranges.ts'

/** What customers are compared by, in the order of the published segments' description. */
export const CUSTOMER_FEATURES = [
  /** Days between the customer's latest order and the shop's latest. */
  'recencyDays',
  /** Orders. */
  'frequency',
  /** Money spent, in the shop's currency. */
  'monetary',
  'averageOrderValue',
  'distinctProducts',
  /** Mean over the customer's reviewed orders. */
  'reviewScore',
  /** Mean days between promised and actual delivery, negative = early. */
  'deliveryDelayDays',
] as const

/** The name of a feature of customers. */
export type CustomerFeature = (typeof CUSTOMER_FEATURES)[number]

/** One value per customer, NaN where unknown or never bought. */
export type CustomerFeatures = Readonly<Record<CustomerFeature, Float64Array>>

/**
 * @param histories  customers × products, the dataset's purchases
 * @param shopLatest  the time of the shop's latest order, in ms since 1970 UTC. Default: the dataset's
 */
export function customerFeatures(
  { orders, interactions, customers }: Pick<Dataset, 'orders' | 'interactions' | 'customers'>,
  histories: Csr,
  shopLatest?: number,
): CustomerFeatures {
  const size = customers.size
  const latest = new Float64Array(size).fill(NaN)
  const frequency = new Float64Array(size)
  orders.timestamp.forEach((time, order) => {
    const customer = orders.customer[order]
    frequency[customer]++
    if (!(time <= latest[customer]) && !Number.isNaN(time)) latest[customer] = time
  })
  const end =
    shopLatest ?? latest.reduce((most, time) => (time <= most || Number.isNaN(time) ? most : time), NaN)
  const monetary = sums(size, interactions.customer, interactions.price, interactions.quantity).total
  return {
    recencyDays: latest.map((time) => (end - time) / DAY),
    frequency: frequency.map((orderCount) => orderCount || NaN),
    monetary,
    averageOrderValue: monetary.map((total, customer) => total / frequency[customer]),
    distinctProducts: monetary.map((_, c) => histories.indptr[c + 1] - histories.indptr[c] || NaN),
    reviewScore: means(size, orders.customer, orders.reviewScore),
    deliveryDelayDays: means(size, orders.customer, orders.deliveryDelayDays),
  }
}

/** The features as a model keeps them: customers × features in their order, single precision, NaN unknown. */
export function featureMatrix(features: CustomerFeatures): DenseMatrix {
  const columns = CUSTOMER_FEATURES.length
  const rows = features.frequency.length
  const data = new Float32Array(rows * columns)
  CUSTOMER_FEATURES.forEach((feature, column) => {
    features[feature].forEach((value, customer) => {
      // The literal NaN has the same bytes everywhere, the NaN of a computation has not.
      data[customer * columns + column] = Number.isNaN(value) ? NaN : value
    })
  })
  return { rows, columns, data }
}

/** The features of a customer of whom nothing is known. */
export const UNKNOWN_FEATURES = Object.fromEntries(
  CUSTOMER_FEATURES.map((feature) => [feature, null]),
) as Readonly<Record<CustomerFeature, null>>

/**
 * What a model's feature matrix says of one customer, to the seven digits that single precision holds; null unknown.
 * @param customer  an index of the model's customers
 */
export function featuresOfCustomer(
  { columns, data }: DenseMatrix,
  customer: number,
): Readonly<Record<CustomerFeature, number | null>> {
  const entries = CUSTOMER_FEATURES.map((feature, column) => {
    const value = data[customer * columns + column]
    return [feature, Number.isNaN(value) ? null : Number(value.toPrecision(7))]
  })
  return Object.fromEntries(entries)
}

function means(size: number, customer: Uint32Array, values: ArrayLike<number> = []): Float64Array {
  const { total, count } = sums(size, customer, values)
  return total.map((sum, c) => sum / count[c])
}

/** Per customer the sum of the known values, NaN where there is none, and their number. */
function sums(size: number, customer: Uint32Array, values: ArrayLike<number>, times?: ArrayLike<number>) {
  const total = new Float64Array(size).fill(NaN)
  const count = new Uint32Array(size)
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue
    const value = values[i] * (times?.[i] ?? 1)
    const c = customer[i]
    total[c] = count[c]++ === 0 ? value : total[c] + value
  }
  return { total, count }
}
