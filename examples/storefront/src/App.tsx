import { useEffect, useRef } from 'react'
import { useQuery } from 'urql'
import { CustomerPicker } from './CustomerPicker.tsx'
import { ForYou } from './ForYou.tsx'
import { graphql } from './gql/index.ts'
import { Link, usePlace } from './navigation.tsx'
import { ProductPage } from './ProductPage.tsx'
import { Failure, Loading, Notice } from './Status.tsx'

const shopQuery = graphql(/* GraphQL */ `
  query Shop {
    customers(first: 20) {
      ...CustomerPicker
      edges {
        node {
          externalId
        }
      }
    }
  }
`)

export function App() {
  const place = usePlace()
  const [{ data, error }, again] = useQuery({ query: shopQuery })
  const customer = place.customer ?? data?.customers.edges[0]?.node.externalId
  const main = useFocusOnArrival(place.product)
  return (
    <>
      <a className="skip" href="#main">
        Skip to the products
      </a>
      <header className="top">
        <Link className="brand" to={{ customer: place.customer }}>
          <img src="/icon.svg" alt="" width="28" height="28" /> Storefront
        </Link>
        <CustomerPicker customers={data?.customers} chosen={customer} />
      </header>
      <main ref={main} id="main" tabIndex={-1} aria-labelledby="heading">
        {place.product ? (
          <ProductPage key={place.product} sku={place.product} />
        ) : customer ? (
          <ForYou key={customer} customer={customer} />
        ) : error ? (
          <Failure error={error} again={again} />
        ) : data ? (
          <Notice title="Nobody shops here yet">There is nobody to recommend anything to.</Notice>
        ) : (
          <Loading />
        )}
      </main>
      <footer className="foot">
        Every reason on this page is a term of the score that ranked the product.
      </footer>
    </>
  )
}

/** Moves the focus to where a link has led, so that users of a screen reader follow the page, too. */
function useFocusOnArrival(product: string | undefined) {
  const main = useRef<HTMLElement>(null)
  const shown = useRef(product)
  useEffect(() => {
    if (shown.current !== product) main.current?.focus({ preventScroll: true })
    shown.current = product
  }, [product])
  return main
}
