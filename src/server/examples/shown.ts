import type { Model } from '../../model/model.ts'

/** What the examples are about, as GraphQL writes it. */
export interface Shown {
  /** A customer with enough purchases to give several reasons. */
  readonly customer: string
  /** Two others. */
  readonly others: readonly string[]
  /** What the customer has in a basket. */
  readonly basket: readonly string[]
  /** The product that goes with most others in orders; of a shop that knows no baskets the best seller. */
  readonly product: string
  readonly bestseller: string
  /** What the best seller costs at most, where that is known. */
  readonly price: string | null
  /** The best seller's category, where it has one. */
  readonly category: string | null
  /** A word that finds the best seller, and others maybe. */
  readonly text: string
  /** The group that the customer belongs to. */
  readonly segment: string
}

/** In place of what a shop has: words to replace. */
export const PLACEHOLDERS: Shown = {
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

/** Chooses what the examples of a model are about. */
export function shownIn(model: Model): Shown {
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
    product: sku(companionable(model) ?? bestseller),
    bestseller: sku(bestseller),
    price: Number.isNaN(price) ? null : String(Math.ceil(price)),
    category: label === undefined ? null : literal(label),
    text: literal((model.productNames?.at(bestseller) || label || products.at(bestseller)).split(' ')[0]),
    segment,
  }
}

/** Words to replace in a model that holds no customers. */
function customersIn(model: Model): Pick<Shown, 'customer' | 'others' | 'segment'> & { bought: number[] } {
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
function exampleCustomer({ histories }: Model): number {
  const sizes = Array.from(
    { length: histories.rows },
    (_, c) => histories.indptr[c + 1] - histories.indptr[c],
  )
  const rich = sizes.findIndex((size) => size >= 3)
  return rich >= 0 ? rich : indexOfLargest(sizes)
}

function productsOf({ histories }: Model, customer: number): number[] {
  return [...histories.indices.subarray(histories.indptr[customer], histories.indptr[customer + 1])]
}

/** The product that most orders hold together with one other; undefined where no order holds two. */
function companionable({ baskets: { together } }: Model): number | undefined {
  if (together.values.length === 0) return undefined
  const most = indexOfLargest(together.values)
  return together.indptr.findIndex((begin) => begin > most) - 1
}

function indexOfLargest(values: ArrayLike<number>): number {
  let largest = 0
  for (let index = 1; index < values.length; index++) if (values[index] > values[largest]) largest = index
  return largest
}

/** A GraphQL string that is also safe inside the page's script, where "</script>" would end it. */
function literal(text: string): string {
  return JSON.stringify(text).replaceAll('<', '\\u003c')
}
