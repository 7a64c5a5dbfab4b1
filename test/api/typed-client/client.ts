import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { print } from 'graphql'
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
const { customer } = await ask(whyDocument, { externalId, first: 2 })

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

async function ask<Result, Variables>(
  document: TypedDocumentNode<Result, Variables>,
  variables: Variables,
): Promise<Result> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query: print(document), variables }),
  })
  const { data, errors } = (await response.json()) as { data: Result; errors?: { message: string }[] }
  if (errors) throw new Error(errors.map(({ message }) => message).join('\n'))
  return data
}
