import { type FragmentType, graphql, isFragmentReady, readFragment } from './gql/index.ts'
import { ProductTile } from './ProductTile.tsx'
import { Because, Why } from './Reasons.tsx'
import { nameOf } from './words.ts'

const cardFragment = graphql(/* GraphQL */ `
  fragment RecommendationCard on Recommendation {
    product {
      name
      sku
      ...ProductTile
    }
    reasons(first: 5) {
      ...Reason
    }
    ...Explanation @defer
  }
`)

const explanationFragment = graphql(/* GraphQL */ `
  fragment Explanation on Recommendation {
    explanation {
      text
      source
    }
  }
`)

interface Props {
  recommendation: FragmentType<typeof cardFragment>
  /** Whether the explanation may still come. */
  waiting: boolean
}

export function RecommendationCard({ recommendation, waiting }: Props) {
  const card = readFragment(cardFragment, recommendation)
  return (
    <article className="card">
      <ProductTile product={card.product} />
      <Because reasons={card.reasons} />
      <div className="explanation">
        {isFragmentReady(cardFragment, explanationFragment, card) ? (
          <Explanation recommendation={card} />
        ) : (
          waiting && <span className="lines" aria-hidden="true" />
        )}
      </div>
      <Why reasons={card.reasons} of={nameOf(card.product)} />
    </article>
  )
}

/** The reasons in words, or nothing where they could not be written. */
function Explanation({ recommendation }: { recommendation: FragmentType<typeof explanationFragment> }) {
  const { explanation } = readFragment(explanationFragment, recommendation)
  if (explanation === null) return null
  return (
    <p className="arriving">
      {explanation.text}
      {explanation.source === 'LLM_UNVERIFIED' && <small> Written by a language model, unchecked.</small>}
    </p>
  )
}
