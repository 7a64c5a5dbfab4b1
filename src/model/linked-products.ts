import type { Csr } from '../kernels/kernels.ts'

/** Products connected with each other by customers who bought two of them; always two or more. */
export interface LinkedProducts {
  /** Indices into the catalogue. */
  readonly products: Uint32Array
  /** A row for each customer of two or more of them: which, as places in `products`, all values 1. */
  readonly purchases: Csr
  /** Per product, the customers who bought nothing else. */
  readonly loners: Float64Array
}

/**
 * The connected components of co-purchase. Between products of two of them, or one of a customer who bought nothing
 * else, co-purchase knows nothing.
 * @param purchases  customers × products, each pair once
 */
export function linkedProducts(purchases: Csr): LinkedProducts[] {
  const { columns, indptr, indices } = purchases
  const customers = Uint32Array.from(indptr.subarray(1).keys()).filter((u) => indptr[u + 1] - indptr[u] > 1)
  const loners = new Float64Array(columns)
  indptr.subarray(1).forEach((end, u) => end - indptr[u] === 1 && loners[indices[indptr[u]]]++)
  const roots = rootsOf(purchases, customers)
  const productsOf = groupBy(Uint32Array.from(roots.keys()), (product) => roots[product])
  const customersOf = groupBy(customers, (customer) => roots[indices[indptr[customer]]])
  const places = new Uint32Array(columns)
  return Array.from(customersOf, ([root, members]) => {
    const products = Uint32Array.from(productsOf.get(root)!)
    products.forEach((product, place) => (places[product] = place))
    return {
      products,
      purchases: rowsAt(purchases, members, places, products.length),
      loners: Float64Array.from(products, (product) => loners[product]),
    }
  })
}

/** Per product one product that stands for its component (union-find: Tarjan 1975, doi:10.1145/321879.321884). */
function rootsOf({ columns, indptr, indices }: Csr, customers: Uint32Array): Uint32Array {
  const parents = Uint32Array.from({ length: columns }, (_, product) => product)
  const rootOf = (product: number) => {
    let at = product
    while (parents[at] !== at) {
      parents[at] = parents[parents[at]]
      at = parents[at]
    }
    return at
  }
  for (const customer of customers) {
    const root = rootOf(indices[indptr[customer]])
    for (let e = indptr[customer]; e < indptr[customer + 1]; e++) parents[rootOf(indices[e])] = root
  }
  return parents.map((_, product) => rootOf(product))
}

function groupBy(items: Uint32Array, groupOf: (item: number) => number): Map<number, number[]> {
  const groups = new Map<number, number[]>()
  for (const item of items) {
    const group = groupOf(item)
    const members = groups.get(group)
    if (members) members.push(item)
    else groups.set(group, [item])
  }
  return groups
}

/** Some rows of the purchases, products numbered by `places`, values 1. */
function rowsAt(
  { indptr, indices }: Csr,
  rows: readonly number[],
  places: Uint32Array,
  columns: number,
): Csr {
  const bounds = new Uint32Array(rows.length + 1)
  rows.forEach((row, r) => (bounds[r + 1] = bounds[r] + indptr[row + 1] - indptr[row]))
  const placed = new Uint32Array(bounds[rows.length])
  rows.forEach((row, r) =>
    placed.set(
      indices.subarray(indptr[row], indptr[row + 1]).map((product) => places[product]),
      bounds[r],
    ),
  )
  const values = new Float32Array(placed.length).fill(1)
  return { rows: rows.length, columns, indptr: bounds, indices: placed, values }
}
