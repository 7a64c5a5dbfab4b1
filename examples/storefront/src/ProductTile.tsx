import { type FragmentType, graphql, readFragment } from './gql/index.ts'
import { Link, usePlace } from './navigation.tsx'
import { Picture } from './Picture.tsx'
import { nameOf, priced, titled } from './words.ts'

const tileFragment = graphql(/* GraphQL */ `
  fragment ProductTile on Product {
    sku
    name
    category
    price
    imageUrl
  }
`)

/** A product, as a link to its page. */
export function ProductTile({ product }: { product: FragmentType<typeof tileFragment> }) {
  const { customer } = usePlace()
  const { sku, name, category, price, imageUrl } = readFragment(tileFragment, product)
  return (
    <Link className="tile" to={{ customer, product: sku }}>
      <Picture sku={sku} category={category} imageUrl={imageUrl} />
      <h3>{nameOf({ name, sku })}</h3>
      {category !== null && <span className="category">{titled(category)}</span>}
      {price !== null && <span className="price">{priced(price)}</span>}
    </Link>
  )
}
