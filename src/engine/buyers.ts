/**
 * Who bought which product, and the floor under what is said about it. Where what goes with a product is asked without a
 * known customer, evidence that rests on one customer would tell what that customer bought: whoever asks for a product
 * that they alone bought is answered with the rest of their history (Calandrino et al. 2011, doi:10.1109/SP.2011.40).
 * So such evidence counts only where at least so many customers stand behind it.
 */
import type { ItemSide } from '../model/model.ts'
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

export function buyersOf({ sales: { buyers: counts } }: Pick<ItemSide, 'sales'>): Buyers {
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
