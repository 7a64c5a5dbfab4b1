import type { Model } from '../../src/model/model.ts'
import { CUSTOMERS, GOODS, LINES } from './grocery.ts'

/** Cosines between the grocery's products by definition, from its orders and shelves. */

export type Cosine = (a: string, b: string) => number

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** A measure on a logarithmic scale, standardised over the products it is known of; 0, the mean, of the others. */
function measure(valueOf: (one: (typeof GOODS)[number]) => number | null): number[] {
  const logarithms = GOODS.map(valueOf).map((value) => (value === null ? null : Math.log(1 + value)))
  const known = logarithms.filter((value) => value !== null)
  const deviation = Math.sqrt(mean(known.map((value) => (value - mean(known)) ** 2)))
  return logarithms.map((value) => (value === null ? 0 : (value - mean(known)) / deviation))
}

/** The mean price paid is known where any was sold. */
const sold = new Set(LINES.map(({ sku }) => sku))
const measures = [measure(({ grams }) => grams), measure(({ sku, price }) => (sold.has(sku) ? price : null))]

/** By content: categories and brands weigh 1 each where they are the same, both measures together as much. */
export const byContent: Cosine = (a, b) => {
  const [one, other] = [a, b].map((sku) => GOODS.findIndex((candidate) => candidate.sku === sku))
  return product(one, other) / Math.sqrt(product(one, one) * product(other, other))
}

function product(a: number, b: number): number {
  const same = (label: 'category' | 'brand') =>
    Number(GOODS[a][label] !== null && GOODS[a][label] === GOODS[b][label])
  return same('category') + same('brand') + mean(measures.map((values) => values[a] * values[b]))
}

/** Whether anything is known of it that content is compared by. */
export const isDescribed = (sku: string) => {
  const i = GOODS.findIndex((one) => one.sku === sku)
  return product(i, i) > 0
}

const buyersOf = (sku: string) =>
  CUSTOMERS.filter((customer) => LINES.some((line) => line.sku === sku && line.customer === customer))

/** How many customers bought both. */
export const inCommon = (a: string, b: string) =>
  buyersOf(a).filter((customer) => buyersOf(b).includes(customer)).length

/** By the customers who bought them. */
export const byCustomers: Cosine = (a, b) => inCommon(a, b) / Math.sqrt(inCommon(a, a) * inCommon(b, b))

const inner = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0)

/** By a model's factors. */
export function byFactors({ products, itemFactors: { columns, data } }: Model): Cosine {
  const row = (sku: string) => {
    const at = products.indexOf(sku) * columns
    return Array.from(data.subarray(at, at + columns))
  }
  return (a, b) => inner(row(a), row(b)) / Math.sqrt(inner(row(a), row(a)) * inner(row(b), row(b)))
}
