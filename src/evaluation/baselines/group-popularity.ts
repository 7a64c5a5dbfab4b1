/**
 * What is popular in the groups of products that a customer buys from: their categories, or their sellers.
 *
 *   score(u, j) = p_j · Σ_g w_ug a_jg,   w_ug = Σ_i r_ui a_ig
 *
 * Legend: p_j the popularity of product j (`decayedBuyersOf`); a_jg the share of product j that belongs to group g,
 * its shares summing to 1, or all 0 where nothing is known; r_ui how many of product i customer u bought.
 */
import type { Dataset } from '../../data/dataset.ts'
import { csrFromTriples, transpose } from '../../kernels/csr.ts'
import type { Csr } from '../../kernels/kernels.ts'
import type { System } from '../system.ts'
import { UnsuitableDataError } from '../system.ts'
import { checkPositive } from './parameter.ts'
import { decayedBuyersOf, popularityOrder, purchasesOf } from './purchases.ts'
import { scoredLists } from './scored-lists.ts'

interface Recency {
  /** The half-life of popularity within a group; Infinity: purchases do not age. */
  readonly halfLifeDays: number
}

/**
 * What is popular in the categories of the history, each category weighing as many pieces as were bought in it; after
 * that, and for a history without a category, what is popular.
 * @param recency  halfLifeDays > 0
 * @throws {RangeError} for any other
 * @throws {UnsuitableDataError} by `fit`, where no product has a category
 */
export function categoryPopularity(recency: Recency): System {
  return groupPopularity('category popularity', recency, categoriesOf)
}

/**
 * What is popular from the sellers of the history; after that, and for a history whose sellers are unknown, what is
 * popular. A history states the products bought, not their sellers: a product that several sell is each one's in
 * proportion to the pieces sold.
 * @param recency  halfLifeDays > 0
 * @throws {RangeError} for any other
 * @throws {UnsuitableDataError} by `fit`, if the shop names no seller
 */
export function sellerPopularity(recency: Recency): System {
  return groupPopularity('seller popularity', recency, sellersOf)
}

function groupPopularity(name: string, { halfLifeDays }: Recency, sharesOf: (train: Dataset) => Csr): System {
  checkPositive('halfLifeDays', halfLifeDays)
  return {
    name,
    isRandom: false,
    async fit(train) {
      const groups = sharesOf(train)
      const members = transpose(groups)
      const purchases = purchasesOf(train)
      const popularity = decayedBuyersOf(train, purchases, halfLifeDays)
      return scoredLists(groups.rows, popularityOrder(purchases), ({ history }, scores) => {
        for (const { product, quantity } of history) {
          eachEntry(groups, product, (group, weight) =>
            eachEntry(members, group, (member, share) => {
              // What nobody bought is not popular anywhere.
              if (popularity[member] > 0) scores.add(member, quantity * weight * share * popularity[member])
            }),
          )
        }
      })
    },
  }
}

/** Products × categories: 1 at each product's category. @throws {UnsuitableDataError} where there is none */
function categoriesOf({ category: { codes, labels } }: Dataset): Csr {
  const known = Uint32Array.from(codes.keys()).filter((product) => codes[product] >= 0)
  if (known.length === 0) {
    throw new UnsuitableDataError(
      'no product has a category: add a products file with a column named category',
    )
  }
  return csrFromTriples(
    codes.length,
    labels.length,
    known,
    known.map((product) => codes[product]),
  )
}

/** Products × sellers: each seller's part of the pieces sold. @throws {UnsuitableDataError} where there is none */
function sellersOf({ interactions, products, sellers }: Dataset): Csr {
  const { product, quantity, seller } = interactions
  const known = Uint32Array.from(product.keys()).filter((i) => seller !== undefined && seller[i] >= 0)
  if (seller === undefined || sellers === undefined || known.length === 0) {
    throw new UnsuitableDataError(
      'the shop names no seller: add a column named seller_id to the interactions',
    )
  }
  const sold = csrFromTriples(
    products.size,
    sellers.size,
    known.map((i) => product[i]),
    known.map((i) => seller[i]),
    Float64Array.from(known, (i) => quantity[i]),
  )
  return withUnitRowSums(sold)
}

function withUnitRowSums(matrix: Csr): Csr {
  const { rows, indptr } = matrix
  const values = matrix.values.slice()
  for (let row = 0; row < rows; row++) {
    const entries = values.subarray(indptr[row], indptr[row + 1])
    const total = entries.reduce((sum, value) => sum + value, 0)
    entries.forEach((value, e) => (entries[e] = value / total))
  }
  return { ...matrix, values }
}

function eachEntry(
  { indptr, indices, values }: Csr,
  row: number,
  visit: (column: number, value: number) => void,
): void {
  for (let e = indptr[row]; e < indptr[row + 1]; e++) visit(indices[e], values[e])
}
