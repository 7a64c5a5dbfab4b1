import { createClient } from '../../../src/client/index.ts'
import { graphql } from '../generated/index.ts'

// A program as a shop would write it, typed by the committed schema alone: node client.ts URL CUSTOMER

const whyDocument = graphql(/* GraphQL */ `
  query Why($externalId: String!, $first: Int!) {
    customer(externalId: $externalId) {
      ... on Customer {
        recommendations(first: $first) {
          strategy
          edges {
            node {
              rank
              product { sku category }
              scores { hybrid content { value } }
              explanation { text generatedAt }
            }
          }
        }
      }
      ... on UnknownCustomerError { message externalId }
    }
  }
`)

const [url, externalId] = process.argv.slice(2)
const { customer } = await createClient({ url }).query(whyDocument, { externalId, first: 2 })

// @ts-expect-error A customer may be unknown: the types say so.
void customer.recommendations

if ('message' in customer) {
  console.log(JSON.stringify({ unknown: customer.externalId }))
} else {
  const { strategy, edges } = customer.recommendations
  const lines = edges.map(({ node: { rank, product, scores, explanation } }) => {
    const category: string | null = product.category
    const likeness: number | null = scores.content?.value ?? null
    return { rank, sku: product.sku, category, likeness, why: explanation?.text ?? null }
  })
  // @ts-expect-error Every way to make a list is known by name.
  if (strategy === 'MAGIC') throw new Error(strategy)
  console.log(JSON.stringify({ strategy, lines }))
}
