import { useQuery } from 'urql'
import { graphql } from './gql/index.ts'
import { Rail } from './Rail.tsx'
import { Failure, Loading, Notice } from './Status.tsx'

const forYouQuery = graphql(/* GraphQL */ `
  query ForYou($customer: String!) {
    customer(externalId: $customer) {
      ... on Customer {
        recommendations(first: 6) {
          strategy
          ...Rail
        }
      }
      ... on DomainError {
        message
      }
    }
  }
`)

/** What to recommend to a customer: the list at once, its explanations as they are written. */
export function ForYou({ customer }: { customer: string }) {
  const [{ data, error, hasNext }, again] = useQuery({ query: forYouQuery, variables: { customer } })
  if (!data) return error ? <Failure error={error} again={again} /> : <Loading />
  if (data.customer.__typename !== 'Customer') {
    return (
      <Notice title="We do not know this customer">{data.customer.message} Choose another one above.</Notice>
    )
  }
  const { recommendations } = data.customer
  return (
    <>
      <title>{`For ${customer} · Storefront`}</title>
      <h1 id="heading">For you</h1>
      <p className="lead">
        {recommendations.strategy === 'POPULARITY'
          ? 'We have yet to learn what you like. This is what sells.'
          : 'Chosen by what you bought. Ask any of them why.'}
      </p>
      <Rail list={recommendations} waiting={hasNext} />
      {error?.networkError && <Failure error={error} again={again} />}
    </>
  )
}
