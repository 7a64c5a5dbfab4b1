import { useQuery } from 'urql'
import { graphql } from './gql/index.ts'
import { Link, usePlace } from './navigation.tsx'
import { Picture } from './Picture.tsx'
import { Rail } from './Rail.tsx'
import { Failure, Loading, Notice } from './Status.tsx'
import { count, nameOf, priced, titled } from './words.ts'

const productQuery = graphql(/* GraphQL */ `
  query ProductPage($sku: String!) {
    product(sku: $sku) {
      ... on Product {
        sku
        name
        category
        price
        imageUrl
        popularity
        together: recommendations(intent: COMPLEMENTARY, first: 3) { ...Rail }
        related: recommendations(intent: RELATED, first: 3) { ...Rail }
      }
      ... on DomainError { message }
    }
  }
`)

/** A product, with what is bought with it and what is like it. */
export function ProductPage({ sku }: { sku: string }) {
  const { customer } = usePlace()
  const [{ data, error, hasNext }, again] = useQuery({ query: productQuery, variables: { sku } })
  if (!data) return error ? <Failure error={error} again={again} /> : <Loading />
  const { product } = data
  if (product.__typename !== 'Product') return <Notice title="We do not sell this">{product.message}</Notice>
  return (
    <>
      <title>{`${nameOf(product)} · Storefront`}</title>
      <Link className="back" to={{ customer }}>
        ← For you
      </Link>
      <div className="product">
        <Picture sku={product.sku} category={product.category} imageUrl={product.imageUrl} />
        <div>
          {product.category !== null && <p className="category">{titled(product.category)}</p>}
          <h1 id="heading">{nameOf(product)}</h1>
          {product.price !== null && <p className="price">{priced(product.price)}</p>}
          <p className="quiet">{count(product.popularity, 'unit')} sold</p>
        </div>
      </div>
      <section aria-labelledby="together">
        <h2 id="together">Frequently bought together</h2>
        <Rail list={product.together} waiting={hasNext} />
      </section>
      <section aria-labelledby="related">
        <h2 id="related">Related products</h2>
        <Rail list={product.related} waiting={hasNext} />
      </section>
      {error?.networkError && <Failure error={error} again={again} />}
    </>
  )
}
