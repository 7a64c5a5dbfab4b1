import type { CustomerSide, ItemSide, Model } from '../../model/model.ts'

/** The values in the examples, as GraphQL literals. */
export interface ExampleValues {
  /** A customer with enough purchases to give several reasons. */
  readonly customer: string
  /** Two others. */
  readonly others: readonly string[]
  /** SKUs in the customer's basket. */
  readonly basket: readonly string[]
  /** The product most often bought together with another; the best seller if the data has no baskets. */
  readonly product: string
  readonly bestseller: string
  /** A price that the best seller does not exceed; null if its price is unknown. */
  readonly price: string | null
  /** The best seller's category; null if it has none. */
  readonly category: string | null
  /** A word that finds the best seller, and perhaps other products. */
  readonly text: string
  /** The group that the customer belongs to. */
  readonly segment: string
}

/** Placeholders for a shop's values. */
export const PLACEHOLDERS: ExampleValues = {
  customer: '"CUSTOMER_ID"',
  others: ['"CUSTOMER_ID_2"', '"CUSTOMER_ID_3"'],
  basket: ['"SKU"', '"SKU_2"'],
  product: '"SKU"',
  bestseller: '"SKU"',
  price: '100',
  category: '"CATEGORY"',
  text: '"WORD"',
  segment: '"SEGMENT"',
}

/** Chooses the values of a model's examples. */
export function exampleValues(model: Model): ExampleValues {
  const { products, category } = model
  const bestseller = indexOfLargest(model.popularity)
  const { customer, others, segment, bought } = customersIn(model)
  const label = category.labels[category.codes[bestseller]]
  const price = model.price[bestseller]
  const sku = (product: number) => literal(products.at(product))
  return {
    customer,
    others,
    basket: (bought.length > 0 ? bought : [bestseller]).map(sku),
    product: sku(oftenBoughtTogether(model) ?? bestseller),
    bestseller: sku(bestseller),
    price: Number.isNaN(price) ? null : String(Math.ceil(price)),
    category: label === undefined ? null : literal(label),
    text: literal((model.productNames?.at(bestseller) || label || products.at(bestseller)).split(' ')[0]),
    segment,
  }
}

/** The values about customers; placeholders if the model has none. */
function customersIn(
  model: Model,
): Pick<ExampleValues, 'customer' | 'others' | 'segment'> & { bought: number[] } {
  const { customers, segments } = model
  if (customers.size === 0) {
    const { customer, others, segment } = PLACEHOLDERS
    return { customer, others, segment, bought: [] }
  }
  const customer = exampleCustomer(model)
  return {
    customer: literal(customers.at(customer)),
    others: [1, 2].map((step) => literal(customers.at((customer + step) % customers.size))),
    segment: literal(segments.labels[segments.codes[customer]] ?? customers.at(customer)),
    bought: productsOf(model, customer).slice(0, 2),
  }
}

/** The first customer with three different purchases; else the one with the most. */
function exampleCustomer({ histories }: CustomerSide): number {
  const sizes = Array.from(
    { length: histories.rows },
    (_, c) => histories.indptr[c + 1] - histories.indptr[c],
  )
  const rich = sizes.findIndex((size) => size >= 3)
  return rich >= 0 ? rich : indexOfLargest(sizes)
}

function productsOf({ histories }: CustomerSide, customer: number): number[] {
  return [...histories.indices.subarray(histories.indptr[customer], histories.indptr[customer + 1])]
}

/** The product that most orders hold together with one other; undefined if no order holds two. */
function oftenBoughtTogether({ baskets: { together } }: ItemSide): number | undefined {
  if (together.values.length === 0) return undefined
  const most = indexOfLargest(together.values)
  return together.indptr.findIndex((begin) => begin > most) - 1
}

function indexOfLargest(values: ArrayLike<number>): number {
  let largest = 0
  for (let index = 1; index < values.length; index++) if (values[index] > values[largest]) largest = index
  return largest
}

/** A GraphQL string that is safe inside the page's script, which "</script>" would end. */
function literal(text: string): string {
  return JSON.stringify(text).replaceAll('<', '\\u003c')
}
