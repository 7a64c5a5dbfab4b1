import type { CategoricalColumn, Dataset } from '../data/dataset.ts'

/**
 * The seller of each product: the one it was most often bought from, in line items; of several the one the shop
 * named first. −1 where none is known, no labels where the shop names no sellers.
 */
export function productSellers({ interactions, products, sellers }: Dataset): CategoricalColumn {
  const codes = new Int32Array(products.size).fill(-1)
  if (!interactions.seller || !sellers) return { name: 'seller', labels: [], codes }
  const labels = Array.from({ length: sellers.size }, (_, seller) => sellers.at(seller))
  // A pair as one number: exact up to 2⁵³.
  const sold = new Map<number, number>()
  interactions.seller.forEach((seller, i) => {
    if (seller < 0) return
    const pair = interactions.product[i] * sellers.size + seller
    sold.set(pair, (sold.get(pair) ?? 0) + 1)
  })
  const most = new Uint32Array(products.size)
  for (const [pair, count] of sold) {
    const product = Math.floor(pair / sellers.size)
    const seller = pair % sellers.size
    if (count < most[product] || (count === most[product] && seller > codes[product])) continue
    most[product] = count
    codes[product] = seller
  }
  return { name: 'seller', labels, codes }
}
