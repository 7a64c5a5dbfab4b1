import { transpose } from '../../kernels/csr.ts'
import type { Csr } from '../../kernels/kernels.ts'
import type { System } from '../system.ts'
import { UnsuitableDataError } from '../system.ts'
import { checkParameter } from './parameter.ts'
import { invertPositiveDefinite } from './positive-definite-inverse.ts'
import { popularityOrder, purchasesOf } from './purchases.ts'
import { scoredLists } from './scored-lists.ts'

/** The largest matrix that is inverted: 6,000 × 6,000 numbers are 288 MB and, where few are 0, take some minutes. */
const LARGEST = 6000

/** What is not greater than this is the rounding of an inverse, and no score. */
const ROUNDING = 1e-9

/**
 * EASE, the linear model of each product by all others (Steck 2019, arXiv:1905.03375; solveEase), solved exactly
 * and separately wherever co-purchase links products. The products that a score above 0 speaks for come first, then
 * what is popular. A product says nothing for itself (the model's constraint), so that under `next-order` it is bought
 * again only by the company it keeps.
 * @param lambda  λ > 0, the regularization
 * @param largest  of the linked products, or of their customers of two products or more, how many may be too many
 * @throws {RangeError} for any other
 * @throws {UnsuitableDataError} by `fit`, where the matrix to invert would be larger
 */
export function ease({ lambda }: { readonly lambda: number }, largest = LARGEST): System {
  checkParameter('lambda', lambda, lambda > 0 && lambda < Infinity, 'a finite number above 0')
  return {
    name: 'EASE',
    isRandom: false,
    async fit(train) {
      const purchases = purchasesOf(train)
      const components = linkedProducts(purchases)
      const size = Math.max(0, ...components.map(easeSize))
      if (size > largest) {
        throw new UnsuitableDataError(
          `EASE would have to invert a matrix of ${size} × ${size} numbers, and ${largest} × ${largest} is the limit: ` +
            'fewer products or customers are linked in a smaller data set',
        )
      }
      /** Per product its component, −1 none, and its place there. */
      const componentOf = new Int32Array(purchases.columns).fill(-1)
      const placeOf = new Uint32Array(purchases.columns)
      components.forEach(({ products }, c) =>
        products.forEach((product, place) => {
          componentOf[product] = c
          placeOf[product] = place
        }),
      )
      const solutions = components.map((component) => solveEase(component, lambda))
      return scoredLists(purchases.columns, popularityOrder(purchases), ({ history }, scores) => {
        for (const c of new Set(history.map(({ product }) => componentOf[product]))) {
          if (c < 0) continue
          const bought = history.filter(({ product }) => componentOf[product] === c)
          const { products } = components[c]
          solutions[c](bought.map(({ product }) => placeOf[product])).forEach((score, place) => {
            if (score > ROUNDING) scores.add(products[place], score)
          })
        }
      })
    },
  }
}

/**
 * EASE (Steck 2019, arXiv:1905.03375) in closed form, over products that co-purchase links:
 *
 *   P = (XᵀX + λI)⁻¹,   B_ij = −P_ij / P_jj,   B_jj = 0,   score(u, j) = Σ_i x_ui B_ij
 *
 * XᵀX needs a matrix of products × products inverted, which a catalogue soon makes too large. But customers of one
 * product only add to its diagonal, D = λI + diag(loners), and what remains of X has a row for each other customer: by
 * Woodbury's identity
 *
 *   P = D⁻¹ − D⁻¹Xᵀ M⁻¹ X D⁻¹,   M = I + X D⁻¹ Xᵀ
 *
 * needs one of customers × customers. The smaller is taken; the result is the same.
 *
 * Legend: X the purchases, 1 where customer v bought product j, else 0; x_u, h a history likewise; λ > 0.
 */

/**
 * Of a history the score of each of the linked products; both by their places among them.
 * @param history  places, each once
 */
type EaseSolution = (history: readonly number[]) => Float64Array

/** How large a matrix is inverted: products or customers, whichever are fewer. */
function easeSize({ purchases: { rows, columns } }: LinkedProducts): number {
  return Math.min(rows, columns)
}

/** The solution by the smaller of the two matrices. @param lambda  λ > 0 */
function solveEase(linked: LinkedProducts, lambda: number): EaseSolution {
  const { rows, columns } = linked.purchases
  return columns <= rows ? solveByProducts(linked, lambda) : solveByCustomers(linked, lambda)
}

/** The solution by P itself. */
export function solveByProducts({ purchases, loners }: LinkedProducts, lambda: number): EaseSolution {
  const { rows, columns: n, indptr, indices } = purchases
  const p = new Float64Array(n * n)
  for (let j = 0; j < n; j++) p[j * n + j] = lambda + loners[j]
  for (let v = 0; v < rows; v++) {
    for (let a = indptr[v]; a < indptr[v + 1]; a++) {
      for (let b = indptr[v]; b < indptr[v + 1]; b++) p[indices[a] * n + indices[b]]++
    }
  }
  invertPositiveDefinite(p, n)
  return (history) => {
    const scores = new Float64Array(n)
    for (const i of history) {
      for (let j = 0; j < n; j++) if (j !== i) scores[j] -= p[i * n + j] / p[j * n + j]
    }
    return scores
  }
}

/** The solution by M⁻¹: Σ_i h_i B_ij = h_j − (P h)_j / P_jj, and P only ever stands before a vector. */
export function solveByCustomers({ purchases, loners }: LinkedProducts, lambda: number): EaseSolution {
  const { rows: m, columns: n } = purchases
  const buyers = transpose(purchases)
  const buyersOf = (j: number) => buyers.indices.subarray(buyers.indptr[j], buyers.indptr[j + 1])
  const diagonal = loners.map((count) => count + lambda)
  const inverse = new Float64Array(m * m)
  for (let v = 0; v < m; v++) inverse[v * m + v] = 1
  for (let j = 0; j < n; j++) {
    for (const v of buyersOf(j)) for (const w of buyersOf(j)) inverse[v * m + w] += 1 / diagonal[j]
  }
  invertPositiveDefinite(inverse, m)
  const own = diagonal.map((d, j) => {
    let sum = 0
    for (const v of buyersOf(j)) for (const w of buyersOf(j)) sum += inverse[v * m + w]
    return (1 - sum / d) / d
  })
  return (history) => {
    const bought = new Float64Array(n)
    const weighed = new Float64Array(m)
    for (const i of history) {
      bought[i] = 1
      for (const v of buyersOf(i)) {
        for (let w = 0; w < m; w++) weighed[w] += inverse[v * m + w] / diagonal[i]
      }
    }
    return bought.map((h, j) => {
      const sum = buyersOf(j).reduce((total, v) => total + weighed[v], 0)
      return h - (h - sum) / diagonal[j] / own[j]
    })
  }
}

/** Products of which each leads to every other by customers who bought two of them; there are always two or more. */
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
