import { expect } from 'vitest'
import type { Serving } from './serving.ts'

export const SET = /* GraphQL */ `
  mutation ($products: [ProductAvailabilityInput!]!) {
    setProductAvailability(input: { products: $products }) {
      __typename
      ... on SetProductAvailabilityPayload {
        products { sku availability { isShown hidden inStock validFrom validUntil } }
      }
      ... on UnknownProductError { message skus }
      ... on InvalidInputError { message path }
    }
  }
`

/** Of a product of which nothing was said. */
export const AVAILABLE = { isShown: true, hidden: false, inStock: true, validFrom: null, validUntil: null }

export const iso = (time: number) => new Date(time).toISOString()

/** Says what is available in a shop, and asks for it. */
export function setting({ ask }: Serving) {
  return {
    /** What the mutation returns. */
    async set(...products: object[]): Promise<any> {
      const { data, errors } = await ask(SET, { products })
      expect(errors).toBeUndefined()
      return data.setProductAvailability
    },
    async availabilityOf(sku: string): Promise<object> {
      const query = `{ product(sku: "${sku}") { ... on Product {
        availability { isShown hidden inStock validFrom validUntil }
      } } }`
      return (await ask(query)).data.product.availability
    },
    /** What the catalogue holds, as far as its first 100. */
    async skus(args = ''): Promise<string[]> {
      const { data } = await ask(`{ products(first: 100 ${args}) { edges { node { sku } } } }`)
      return data.products.edges.map(({ node }: { node: { sku: string } }) => node.sku)
    },
  }
}
