import type { Model } from '../model/model.ts'

/** Queries for GraphiQL's tabs, with ids of this model, so that each returns a real answer. */
export function exampleQueries(model: Model): string[] {
  const customer = exampleCustomer(model)
  const bestseller = indexOfLargest(model.popularity)
  const bought = productsOf(model, customer).slice(0, 2)
  const basket = bought.length > 0 ? bought : [bestseller]
  return [
    recommendationsExample(model.customers.at(customer)),
    similarExample(model.products.at(bestseller)),
    basketExample(basket.map((product) => model.products.at(product))),
  ]
}

function recommendationsExample(externalId: string): string {
  return `# What to recommend to a customer, and why:
# the reasons' amounts sum to the hybrid score.
query CustomerRecommendations {
  customer(externalId: ${literal(externalId)}) {
    ... on Customer {
      externalId
      segment
      recommendations(first: 3) {
        strategy
        edges {
          node {
            rank
            product { sku name category price }
            scores {
              hybrid
              collaborative { value weight contribution }
              content { value weight contribution }
            }
            reasons {
              __typename
              amount
              share
              ... on TasteReason { purchase { product { name } } }
              ... on ResemblanceReason {
                purchase { product { name } }
                similarity
                sharedAttributes { attribute value purchasedValue }
              }
              ... on BoughtTogetherReason { purchase { product { name } } customers }
              ... on PopularInCategoryReason { category sales { units days } }
              ... on PopularWithSellerReason { seller sales { units days } }
              ... on PopularReason { sales { units days } }
            }
            decisivePurchases(first: 3) { outcome purchases { product { name } } }
            explanation { text }
          }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
    ... on UnknownCustomerError { message }
  }
}
`
}

function similarExample(sku: string): string {
  return `# The products most similar in content to the shop's best seller.
query SimilarProducts {
  product(sku: ${literal(sku)}) {
    ... on Product {
      name
      category
      popularity
      similar(first: 5) {
        edges {
          rank
          similarity
          node { sku name category price }
        }
      }
    }
    ... on UnknownProductError { message }
  }
}
`
}

function basketExample(skus: string[]): string {
  const history = skus.map((sku) => `{ sku: ${literal(sku)} }`).join(', ')
  return `# A basket of somebody unknown: put other SKUs into it!
query BasketRecommendations {
  recommend(history: [${history}], first: 3) {
    ... on RecommendationConnection {
      strategy
      edges {
        node {
          rank
          product { sku name category price }
          scores { hybrid }
          explanation { text }
        }
      }
    }
    ... on UnknownProductError { message skus }
  }
}
`
}

/** The first customer with three different purchases, enough for reasons to weigh; else the one with the most. */
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

function indexOfLargest(values: ArrayLike<number>): number {
  let largest = 0
  for (let index = 1; index < values.length; index++) if (values[index] > values[largest]) largest = index
  return largest
}

/** A GraphQL string that is also safe inside the page's script, where "</script>" would end it. */
function literal(text: string): string {
  return JSON.stringify(text).replaceAll('<', '\\u003c')
}
