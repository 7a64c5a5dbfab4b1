/**
 * Who bought which product, and the floor under what is told of it. Where what goes with a product is asked without a
 * known customer, evidence that rests on one customer would tell what that customer bought: whoever asks for a product
 * that they alone bought is answered with the rest of their history (Calandrino et al. 2011, doi:10.1109/SP.2011.40).
 * So such evidence counts only where at least so many customers stand behind it.
 */
import { transpose } from '../kernels/csr.ts'
import type { Csr } from '../kernels/kernels.ts'
import type { Model } from '../model/model.ts'
import type { ProductSet } from './product-set.ts'
import { intersection, productsWhere } from './product-set.ts'

/** Unless it is said otherwise: what a single customer bought does not show. */
export const DEFAULT_LEAST_CUSTOMERS = 2

/** Of lists for a known customer: every other one's purchases count. */
export const ANYBODY = 1

/** How many customers bought each product. */
export interface Buyers {
  /** Per product. */
  readonly counts: Uint32Array
  /** The products that at least so many bought, of a set; null: all of them. */
  boughtBy(least: number, among: ProductSet | null): ProductSet
  /** The others of the set. */
  boughtByFewer(least: number, among: ProductSet | null): ProductSet
}

export function buyersOf({ sales: { buyers: counts } }: Pick<Model, 'sales'>): Buyers {
  const sets = new Map<number, { many: ProductSet; few: ProductSet }>()

  function setsOf(least: number) {
    const former = sets.get(least)
    if (former) return former
    const made = {
      many: productsWhere(counts.length, (product) => counts[product] >= least),
      few: productsWhere(counts.length, (product) => counts[product] < least),
    }
    sets.set(least, made)
    return made
  }

  return {
    counts,
    boughtBy: (least, among) => intersection(setsOf(least).many, among),
    boughtByFewer: (least, among) => intersection(setsOf(least).few, among),
  }
}

/** Who bought each product. */
export interface CustomersOfProducts {
  /** Products × customers. */
  readonly byProduct: Csr
  /** Whether at least so many customers bought both of two products. */
  areShared(a: number, b: number, least: number): boolean
}

const known = new WeakMap<Csr, CustomersOfProducts>()

/** @param histories  customers × products; asked again about the same, it answers by what it has */
export function customersOf(histories: Csr): CustomersOfProducts {
  const former = known.get(histories)
  if (former) return former
  const made = customersByProduct(histories)
  known.set(histories, made)
  return made
}

function customersByProduct(histories: Csr): CustomersOfProducts {
  const byProduct = transpose(histories)
  const { indptr, indices } = byProduct
  return {
    byProduct,
    areShared(a, b, least) {
      let shared = 0
      let [i, j] = [indptr[a], indptr[b]]
      while (shared < least && i < indptr[a + 1] && j < indptr[b + 1]) {
        const [one, other] = [indices[i], indices[j]]
        if (one === other) shared++
        if (one <= other) i++
        if (other <= one) j++
      }
      return shared >= least
    },
  }
}
