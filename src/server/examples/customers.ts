import type { ExampleValues } from './values.ts'

/** Lists for a known customer, or an unknown one. */

export const recommendationsExample = ({
  customer,
}: ExampleValues): string => `# What to recommend to a customer, and why: the amounts of the reasons sum
# to the hybrid score.
query ForYou {
  customer(externalId: ${customer}) {
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
              ... on PopularInCategoryReason { category sales { units days until } }
              ... on PopularWithSellerReason { seller sales { units days until } }
              ... on PopularReason { sales { units days until } }
              ... on ViewedReason { product { name } viewedAt }
              ... on InCartReason { product { name } addedAt }
            }
            decisivePurchases(first: 3) { outcome purchases { product { name } } }
            explanation { text }
          }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
    ... on NotFoundError { message }
  }
}
`

export const againExample = ({
  customer,
}: ExampleValues): string => `# What the customer may want to buy again, and what customers with the same
# purchases also bought.
query BuyAgain {
  customer(externalId: ${customer}) {
    ... on Customer {
      buyAgain(first: 3) {
        edges { node {
          product { sku name category }
          reasons { ... on BoughtBeforeReason { purchase { quantity lastPurchasedAt } } }
        } }
      }
      alsoBought(first: 3) {
        edges { node {
          product { sku name category }
          reasons(first: 1) { ... on BoughtTogetherReason { customers purchase { product { name } } } }
          explanation { text }
        } }
      }
    }
  }
}
`

export function basketExample({ basket }: ExampleValues): string {
  const history = basket.map((sku) => `{ sku: ${sku} }`).join(', ')
  return `# A basket of somebody who is not named: try other SKUs. The list is made of
# those that are known, and notes name the others.
query Basket {
  recommend(input: { history: [${history}], list: FOR_YOU }, first: 3) {
    ... on RecommendationConnection {
      strategy
      notes { kind subject message }
      edges {
        node {
          rank
          product { sku name category price }
          scores { hybrid }
          explanation { text }
        }
      }
    }
    ... on InvalidInputError { message path }
    ... on StaleCursorError { message }
  }
}
`
}

export const rankingExample = ({
  customer,
  bestseller,
  category,
}: ExampleValues): string => `# The same list in another order. Scores show what was done to each
# product. Add explorationRate and a seed to show some random products.
query Ranking {
  customer(externalId: ${customer}) {
    ... on Customer {
      recommendations(
        first: 5
        includePurchased: true
        ranking: {
          diversity: 0.3
          maxPerCategory: 3
          boosts: [{ multiplier: 1.5, filter: ${category ? `{ categories: { anyOf: [${category}] } }` : '{ inStock: true }'} }]
          pins: [{ sku: ${bestseller}, position: 2 }]
        }
      ) {
        edges { node {
          rank
          product { sku category }
          scores { placement hybrid boost final similarityAbove }
        } }
      }
    }
  }
}
`

export const pagingExample = ({
  customer,
}: ExampleValues): string => `# Pages: pass an endCursor as "after" for the next page, a startCursor as
# "before", with "last", for the previous one. After a retrain a cursor gives
# an error of code STALE_CURSOR, never a page that skips something.
query Paging {
  customer(externalId: ${customer}) {
    ... on Customer {
      firstThree: recommendations(first: 3) { ...page }
      lastThree: recommendations(last: 3) { ...page }
    }
  }
}

fragment page on RecommendationConnection {
  edges { cursor node { rank product { sku } } }
  pageInfo { hasPreviousPage hasNextPage startCursor endCursor }
}
`

export const deferredExample = ({
  customer,
}: ExampleValues): string => `# The list comes at once; the explanations follow when they are written.
query Deferred {
  customer(externalId: ${customer}) {
    ... on Customer {
      recommendations(first: 3) {
        edges { node {
          product { sku name }
          ... @defer { explanation { text source evidence { key reason { __typename share } } } }
        } }
      }
    }
  }
}
`

export const manyExample = ({
  customer,
  others,
}: ExampleValues): string => `# Many customers at once, at most 100: for a newsletter. An unknown customer
# gives an error in its place.
query Many {
  recommendations(externalIds: [${[customer, ...others].join(', ')}, "nobody"], first: 2) {
    ... on CustomerRecommendations {
      customer { externalId }
      recommendations { edges { node { product { sku } explanation(locale: PT_BR) { text } } } }
    }
    ... on UnknownCustomerError { message }
  }
}
`
