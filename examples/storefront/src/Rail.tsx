import { type FragmentType, graphql, readFragment } from './gql/index.ts'
import { RecommendationCard } from './RecommendationCard.tsx'

const railFragment = graphql(/* GraphQL */ `
  fragment Rail on RecommendationConnection {
    edges {
      node {
        rank
        ...RecommendationCard
      }
    }
  }
`)

interface Props {
  list: FragmentType<typeof railFragment>
  /** Whether explanations are still to come. */
  waiting: boolean
}

/** A list of recommendations, best first. */
export function Rail({ list, waiting }: Props) {
  const { edges } = readFragment(railFragment, list)
  if (edges.length === 0) return <p className="quiet">Nothing to recommend here yet.</p>
  return (
    <ol className="rail" aria-busy={waiting}>
      {edges.map(({ node }) => (
        <li key={node.rank}>
          <RecommendationCard recommendation={node} waiting={waiting} />
        </li>
      ))}
    </ol>
  )
}
