import type { ExampleValues } from './values.ts'

/** Lists for a product's page, and for the pages of the shop. */

export const productPageExample = ({
  product,
}: ExampleValues): string => `# A product page: what goes with the product, what might be bought instead,
# and the nearest products in the model.
query ProductPage {
  product(sku: ${product}) {
    ... on Product {
      name
      category
      price
      boughtTogether: recommendations(intent: COMPLEMENTARY, first: 3) {
        edges { node {
          product { sku name category }
          reasons { ... on SameOrderReason { orders } }
          explanation { text }
        } }
      }
      related: recommendations(intent: RELATED, first: 3) {
        edges { node {
          product { sku name price }
          reasons { ... on ResemblanceReason { similarity sharedAttributes { attribute value } } }
        } }
      }
      neighbours(by: CO_PURCHASE, first: 3) { edges { similarity node { sku name } } }
    }
    ... on NotFoundError { message }
  }
}
`

export function sellingExample({ category, price }: ExampleValues): string {
  const inCategory = `
  category(name: ${category}) {
    ... on Category {
      productCount
      unitsSold
      popular(first: 3${price === null ? '' : `, filter: { price: { max: ${price} } }`}) {
        edges { node { product { sku name price popularity } } }
      }
    }
    ... on NotFoundError { message }
  }
  categories(first: 5) { edges { node { name unitsSold } } }`
  return `# What sold recently before the latest purchase (units count half for every 30 days of age), and what
# sold best in a category, up to the price of the best seller.
query Selling {
  trending(first: 3) {
    edges { node {
      product { sku name category }
      scores { hybrid }
      reasons { ... on PopularReason { sales { units days until } } }
    } }
  }${category === null ? '' : inCategory}
}
`
}

export function filterExample({ category, price, bestseller }: ExampleValues): string {
  const conditions = [
    'minPopularity: 1',
    ...(price === null ? [] : [`price: { min: 0, max: ${price} }`]),
    `not: { include: [${bestseller}] }`,
  ]
  const either =
    category === null ? '' : `\n      or: [{ categories: { anyOf: [${category}] } }, { minPopularity: 3 }]`
  return `# Filters act before a list is ranked: a page is full whenever enough
# products pass. The second field lists the names for "attributes".
query Filters {
  products(
    first: 5
    filter: {
      ${conditions.join('\n      ')}${either}
    }
  ) {
    edges { node { sku name category price popularity availability { inStock } } }
  }
  productAttributes { name range { min max } }
}
`
}
