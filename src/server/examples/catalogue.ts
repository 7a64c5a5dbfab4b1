import type { ExampleValues } from './values.ts'

/** Searching, the model, and setting availability. */

export const searchExample = ({
  text,
}: ExampleValues): string => `# Products by words of name, category, SKU and labels; the last word may be
# incomplete.
query Search {
  searchProducts(text: ${text}, first: 5) {
    edges { node { sku name category popularity } }
    pageInfo { hasNextPage endCursor }
  }
}
`

export const searchCustomersExample = ({
  segment,
}: ExampleValues): string => `# Customers by a part of their id, or by their segment. If the server
# requires keys, this needs one of scope "admin".
query Customers {
  searchCustomers(text: ${segment}, first: 3) {
    edges { node {
      externalId
      segment
      features { recencyDays frequency monetary averageOrderValue distinctProducts }
      purchases(first: 2) { edges { node { quantity lastPurchasedAt product { sku name } } } }
    } }
  }
}
`

export const modelExample = (): string => `# The model that is serving, and its customer segments.
query Model {
  modelInfo {
    version
    preset
    blend
    factors
    iterations
    lossByIteration
    sourceWeights { source discovery nextOrder }
    customers
    products
    interactions
    dataFingerprint
    latestPurchaseAt
    servingSince
  }
  segments { name customers share profile { recencyDays frequency monetary } }
}
`

export const availabilityExample = ({
  bestseller,
}: ExampleValues): string => `# It applies from the next request on: with hidden: true the product disappears
# from all other tabs. If the server requires keys, this needs one of scope "write".
mutation Availability {
  setProductAvailability(
    input: { products: [{ sku: ${bestseller}, hidden: false, inStock: true, validUntil: null }] }
  ) {
    ... on SetProductAvailabilityPayload {
      products { sku availability { isShown hidden inStock validFrom validUntil } }
    }
    ... on UnknownProductError { message skus }
    ... on InvalidInputError { message path }
  }
}
`
