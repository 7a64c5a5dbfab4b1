/**
 * What goes with a product that somebody is interested in: with n_ij the customers who bought i and j, and f content
 * features,
 *
 *   s_ij = n_ij / √(n_i n_j) + max(0, cos(f_i, f_j)) / 10
 *
 * the first for the partners of i (model/partners.ts), the second for the LIKE products of its category that are most
 * like it: these are alike in content far more than they share customers, so that content counts a tenth. What was never
 * bought has the second alone.
 */
import { contentCosine } from '../model/content.ts'
import type { ItemSide } from '../model/model.ts'
import type { Coverage } from './coverage.ts'
import { bestAmong } from './top-products.ts'

/** Products of a category that are associated by content. */
const LIKE = 50

/** One part in so many. */
const CONTENT_COUNTS = 10

/** Products whose likenesses are kept: at most 800 bytes each. To find them takes a pass over a category. */
const KEPT = 10_000

/** Products with what associates them, each once. */
export interface Associations {
  readonly products: readonly number[]
  /** Above 0, parallel to the products. */
  readonly values: readonly number[]
}

/** What goes with a product, either way. */
export interface AssociationsOf {
  /** @param least  pairs that fewer customers bought do not count (buyers.ts) */
  byCustomers(product: number, least: number): Associations
  byContent(product: number): Associations
}

/** @returns the associations of a model's products */
export function associationsIn(
  { partners, content, category: { codes, labels } }: ItemSide,
  { content: covered }: Coverage,
): AssociationsOf {
  const { users, indptr, indices, together } = partners
  const members = labels.map(() => [] as number[])
  codes.forEach((category, product) => {
    if (category >= 0 && covered[product]) members[category].push(product)
  })
  const kept = new Map<number, Associations>()

  function byCustomers(product: number, least: number): Associations {
    const products: number[] = []
    const values: number[] = []
    for (let entry = indptr[product]; entry < indptr[product + 1]; entry++) {
      if (together[entry] < least) continue
      products.push(indices[entry])
      values.push(together[entry] / Math.sqrt(users[product] * users[indices[entry]]))
    }
    return { products, values }
  }

  function byContent(product: number): Associations {
    const former = kept.get(product)
    if (former) return former
    const others = covered[product] ? (members[codes[product]] ?? []) : []
    const cosines = others.map((other) => (other === product ? 0 : contentCosine(content, product, other)))
    const products = bestAmong(others, cosines, LIKE)
    const values = products.map((other) => (other === product ? 0 : contentCosine(content, product, other)))
    const end = values.findIndex((value) => value <= 0)
    const made = {
      products: end < 0 ? products : products.slice(0, end),
      values: (end < 0 ? values : values.slice(0, end)).map((value) => value / CONTENT_COUNTS),
    }
    if (kept.size === KEPT) kept.delete(kept.keys().next().value!)
    kept.set(product, made)
    return made
  }

  return { byCustomers, byContent }
}
