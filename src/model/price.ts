import type { Dataset } from '../data/dataset.ts'

/** Per product, over all pieces sold at a known price; NaN where there are none. */
export function meanPrice({ interactions, products }: Dataset): Float64Array {
  const spent = new Float64Array(products.size)
  const pieces = new Float64Array(products.size)
  interactions.price.forEach((price, i) => {
    if (Number.isNaN(price)) return
    spent[interactions.product[i]] += price * interactions.quantity[i]
    pieces[interactions.product[i]] += interactions.quantity[i]
  })
  return spent.map((total, product) => total / pieces[product])
}
