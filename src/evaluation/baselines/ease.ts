import { transpose } from '../../kernels/csr.ts'
import type { Csr, Kernels } from '../../kernels/kernels.ts'
import { Work } from '../../kernels/work.ts'
import type { LinkedProducts } from '../../model/linked-products.ts'
import { linkedProducts } from '../../model/linked-products.ts'
import type { System } from '../system.ts'
import { UnsuitableDataError } from '../system.ts'
import { checkParameter } from './parameter.ts'
import { invertPositiveDefinite } from './positive-definite-inverse.ts'
import { popularityOrder, purchasesOf } from './purchases.ts'
import { scoredLists } from './scored-lists.ts'

/**
 * How many products a matrix may have that the core inverts, in single precision and on all threads: 1 GiB, and two
 * minutes on two cores.
 */
const MOST_PRODUCTS = 16_384

/** The most customers of a matrix that is inverted here, in double precision: 288 MB, and three minutes. */
const MOST_CUSTOMERS = 6000

/** Scores no greater than this are the rounding of an inverse, and no scores. */
const ROUNDING = 1e-9
/** Of the core, whose weights are about 1 at most and in single precision. */
const SINGLE_ROUNDING = 1e-6

/** How large the matrices may be that are inverted. */
export interface EaseLimits {
  readonly products: number
  readonly customers: number
}

/**
 * EASE, the linear model of each product by all others (Steck 2019, arXiv:1905.03375), solved exactly and separately
 * wherever co-purchase links products. The products that a score above 0 speaks for come first, then what is popular.
 * A product says nothing for itself (the model's constraint), so that under `next-order` it is bought again only by
 * the company it keeps.
 * @param lambda  λ > 0, the regularization
 * @param kernels  stay open for as long as the system and what it fits
 * @throws {RangeError} for any other λ
 * @throws {UnsuitableDataError} by `fit`, where both matrices that could be inverted would be larger than the limits
 */
export function ease(
  { lambda }: { readonly lambda: number },
  kernels: Kernels,
  limits: EaseLimits = { products: MOST_PRODUCTS, customers: MOST_CUSTOMERS },
): System {
  checkParameter('lambda', lambda, lambda > 0 && lambda < Infinity, 'a finite number above 0')
  return {
    name: 'EASE',
    isRandom: false,
    async fit(train, _seed, work = new Work()) {
      const purchases = purchasesOf(train)
      const components = linkedProducts(purchases)
      const ways = components.map((component) => cheaperWay(component, limits))
      /** Per product its component, −1 none, and its place there. */
      const componentOf = new Int32Array(purchases.columns).fill(-1)
      const placeOf = new Uint32Array(purchases.columns)
      components.forEach(({ products }, c) =>
        products.forEach((product, place) => {
          componentOf[product] = c
          placeOf[product] = place
        }),
      )
      const solutions: EaseSolution[] = []
      const close = () => solutions.forEach((solution) => solution.close())
      try {
        for (const [c, component] of components.entries()) {
          solutions.push(await SOLVE[ways[c]](component, lambda, kernels, work))
        }
      } catch (error) {
        close()
        throw error
      }
      const lists = scoredLists(purchases.columns, popularityOrder(purchases), ({ history }, scores) => {
        for (const c of new Set(history.map(({ product }) => componentOf[product]))) {
          if (c < 0) continue
          const bought = history.filter(({ product }) => componentOf[product] === c)
          const { products } = components[c]
          const { rounding } = solutions[c]
          const found = solutions[c].scores(bought.map(({ product }) => placeOf[product]))
          for (let place = 0; place < found.length; place++) {
            if (found[place] > rounding) scores.add(products[place], found[place])
          }
        }
      })
      return { ...lists, close }
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
 * needs one of customers × customers. The cheaper is taken; the result is the same.
 *
 * Legend: X the purchases, 1 where customer v bought product j, else 0; x_u, h a history in the same form; λ > 0.
 */

/** A fitted component. */
interface EaseSolution {
  /**
   * Of a history the score of each of the linked products; both by their places among them. Written over at the next
   * call.
   * @param history  places, each once
   */
  scores(history: readonly number[]): Float32Array | Float64Array
  /** What is not greater is the rounding of a score of 0. */
  readonly rounding: number
  close(): void
}

type Way = 'products' | 'customers'

const SOLVE: Readonly<
  Record<Way, (linked: LinkedProducts, lambda: number, kernels: Kernels, work: Work) => Promise<EaseSolution>>
> = {
  products: (linked, lambda, kernels, work) => solveByProducts(linked, lambda, kernels, work.signal),
  customers: (linked, lambda, _kernels, work) => solveByCustomers(linked, lambda, work),
}

/**
 * Which matrix to invert: the one that takes less time of those that are within the limits.
 * @throws {UnsuitableDataError} where neither is
 */
export function cheaperWay({ purchases }: LinkedProducts, limits: EaseLimits): Way {
  const { rows: customers, columns: products } = purchases
  const possible: [Way, number][] = []
  // In seconds, on two cores. An inverse here takes 0.75 ns · m³, and as many lists as there are customers as much
  // again; the core takes about 0.025 ns · n³, and some hundredths of a second to begin.
  if (products <= limits.products) possible.push(['products', 0.03 + 2.5e-11 * products ** 3])
  if (customers <= limits.customers) possible.push(['customers', 1.5e-9 * customers ** 3])
  if (possible.length === 0) {
    throw new UnsuitableDataError(
      `EASE would have to invert a matrix of ${products} × ${products} products, where ${limits.products} are the ` +
        `limit, or of ${customers} × ${customers} customers, where ${limits.customers} are: fewer products or ` +
        'customers are linked in a smaller data set',
    )
  }
  return possible.reduce((best, other) => (other[1] < best[1] ? other : best))[0]
}

/** The solution by P itself, in the core. */
export async function solveByProducts(
  { purchases, loners }: LinkedProducts,
  lambda: number,
  kernels: Kernels,
  signal?: AbortSignal,
): Promise<EaseSolution> {
  const model = await kernels.openEase({
    interactions: withLoners(purchases, loners),
    regularization: lambda,
    neighbours: 0,
    ...(signal && { signal }),
  })
  const scores = new Float32Array(purchases.columns)
  return {
    rounding: SINGLE_ROUNDING,
    scores(history) {
      model.scores(Uint32Array.from(history), scores)
      return scores
    },
    close: () => model.close(),
  }
}

/** The purchases with a row more for each customer of one product. */
function withLoners(purchases: Csr, loners: Float64Array): Csr {
  const { rows, columns, indptr, indices } = purchases
  const alone = loners.reduce((sum, count) => sum + count, 0)
  const bounds = new Uint32Array(rows + alone + 1)
  const products = new Uint32Array(indices.length + alone)
  bounds.set(indptr)
  products.set(indices)
  for (let row = rows; row < rows + alone; row++) bounds[row + 1] = bounds[row] + 1
  let at = indices.length
  loners.forEach((count, product) => {
    products.fill(product, at, at + count)
    at += count
  })
  const values = new Float32Array(products.length).fill(1)
  return { rows: rows + alone, columns, indptr: bounds, indices: products, values }
}

/** The solution by M⁻¹: Σ_i h_i B_ij = h_j − (P h)_j / P_jj, and P only ever stands before a vector. */
export async function solveByCustomers(
  { purchases, loners }: LinkedProducts,
  lambda: number,
  work = new Work(),
): Promise<EaseSolution> {
  const { rows: m, columns: n } = purchases
  const { indptr, indices } = transpose(purchases)
  const diagonal = loners.map((count) => count + lambda)
  const inverse = new Float64Array(m * m)
  for (let v = 0; v < m; v++) inverse[v * m + v] = 1
  for (let j = 0; j < n; j++) {
    const turn = work.pause()
    if (turn) await turn
    for (let a = indptr[j]; a < indptr[j + 1]; a++) {
      const row = indices[a] * m
      for (let b = indptr[j]; b < indptr[j + 1]; b++) inverse[row + indices[b]] += 1 / diagonal[j]
    }
  }
  await invertPositiveDefinite(inverse, m, work)
  /** P_jj. */
  const own = new Float64Array(n)
  for (let j = 0; j < n; j++) {
    const turn = work.pause()
    if (turn) await turn
    let sum = 0
    for (let a = indptr[j]; a < indptr[j + 1]; a++) {
      const row = indices[a] * m
      for (let b = indptr[j]; b < indptr[j + 1]; b++) sum += inverse[row + indices[b]]
    }
    own[j] = (1 - sum / diagonal[j]) / diagonal[j]
  }
  const scores = new Float64Array(n)
  /** X D⁻¹ h, and M⁻¹ times that. */
  const shared = new Float64Array(m)
  const weighed = new Float64Array(m)
  return {
    rounding: ROUNDING,
    scores(history) {
      shared.fill(0)
      weighed.fill(0)
      for (const i of history) {
        for (let a = indptr[i]; a < indptr[i + 1]; a++) shared[indices[a]] += 1 / diagonal[i]
      }
      for (let v = 0; v < m; v++) {
        const amount = shared[v]
        if (amount === 0) continue
        const row = v * m
        for (let w = 0; w < m; w++) weighed[w] += amount * inverse[row + w]
      }
      scores.fill(0)
      for (const i of history) scores[i] = 1
      for (let j = 0; j < n; j++) {
        let sum = 0
        for (let a = indptr[j]; a < indptr[j + 1]; a++) sum += weighed[indices[a]]
        scores[j] -= (scores[j] - sum) / diagonal[j] / own[j]
      }
      return scores
    },
    close() {},
  }
}
