import { type FragmentType, graphql, readFragment } from './gql/index.ts'
import { go } from './navigation.tsx'

const pickerFragment = graphql(/* GraphQL */ `
  fragment CustomerPicker on CustomerConnection {
    edges {
      node {
        externalId
        segment
      }
    }
  }
`)

interface Props {
  customers: FragmentType<typeof pickerFragment> | undefined
  chosen: string | undefined
}

/** Who is shopping. In a shop of your own the session says so, not the visitor. */
export function CustomerPicker({ customers, chosen }: Props) {
  const known = readFragment(pickerFragment, customers)?.edges.map(({ node }) => node) ?? []
  const isKnown = known.some(({ externalId }) => externalId === chosen)
  return (
    <label className="picker">
      Shopping as
      <select value={chosen} onChange={({ target }) => go({ customer: target.value })}>
        {chosen !== undefined && !isKnown && <option>{chosen}</option>}
        {known.map(({ externalId, segment }) => (
          <option key={externalId} value={externalId}>
            {segment === null ? externalId : `${externalId} · ${segment}`}
          </option>
        ))}
      </select>
    </label>
  )
}
