/**
 * A source of the blend: evidence of one kind on which products suit a customer. One file here owns what it says (its
 * value v), the calibration c that makes its values comparable with others', what it adds to the search, and what its
 * contributions come from. registry.ts lists them; nothing else names them.
 */
import type { RowSource } from '../../kernels/kernels.ts'
import type { LearnedSource } from '../../model/blend-weights.ts'
import type { BlendQuery } from '../ranking.ts'
import type { Cause } from '../reason.ts'
import type { HistoryEntry } from '../history-entry.ts'
import type { SourceScore } from '../recommendation.ts'
import type { ProductValues } from '../product-sums.ts'
import { bestAmong } from '../top-products.ts'

/** Whom a source is asked about. */
export interface Customer
  extends Pick<BlendQuery, 'taste' | 'history' | 'at' | 'leastCustomers' | 'parts' | 'interest'>,
    Partial<Pick<BlendQuery, 'includePurchased'>> {
  /** The history by product: sums over it in this order are the same to the last bit, whatever order it came in. */
  readonly ascending: readonly HistoryEntry[]
}

export interface Source {
  readonly name: LearnedSource
  /**
   * Of a dense source: a vector a product; c(v) is its inner product with the customer's vector, and what `addTo` adds.
   */
  readonly vectors?: RowSource
  /** So often `addTo` rounds one product's sum to single precision, at most. */
  readonly roundings: number
  /** Whether it says nothing of products that fewer customers bought than a query asks for (buyers.ts). */
  readonly needsBuyers: boolean
  /** What it says to one customer. */
  scores(customer: Customer): CustomerScores
}

/** What a source says to one customer. */
export interface CustomerScores {
  /** v; null where the source can say nothing of the product. */
  value(product: number): number | null
  /** c(v); 0 where it can say nothing. */
  calibrated(product: number): number
  /** Of a source without vectors: the least c(v) of any product, 0 or less. Left out: 0. */
  readonly least?: number
  /** Of a dense source: the customer's vector for its `vectors`; null where it says nothing to the customer. */
  readonly vector?: Float64Array | null
  /** Adds weight · c(v) to every product's sum, but for what `vectors` have of it: `least` or more. */
  addTo?(sums: Float32Array, weight: number): void
  /** What it adds to each product where that is the same for every customer: in place of `addTo`. The caller only reads. */
  sameForAll?(weight: number): Float32Array
  /** Of a source without vectors: the products of the greatest v, best first, ties to the lower index; at most `limit`. */
  best?(limit: number): number[]
  /** What its contribution to a product's score comes from: amounts that sum to it. Asked only where it is not 0. */
  causes(product: number, score: ContributedScore): Cause[]
}

/** The score of a source that said something. */
export type ContributedScore = SourceScore & { readonly contribution: number }

/** What a source says that speaks of some products alone. */
export interface SparseValues
  extends Required<Pick<CustomerScores, 'value' | 'calibrated' | 'addTo' | 'best'>> {
  /** Each product that it speaks of, once. */
  readonly products: ArrayLike<number>
}

/**
 * Values of products, calibrated.
 * @param knows  whether the source could say anything of a product
 * @param calibrate  c, 0 up to 0
 */
export function sparseValues(
  { products, values, of }: ProductValues,
  knows: (product: number) => boolean,
  calibrate: (v: number) => number,
): SparseValues {
  return {
    value: (product) => of(product) ?? (knows(product) ? 0 : null),
    calibrated: (product) => calibrate(of(product) ?? 0),
    products,
    best: (limit) => bestAmong(products, values, limit),
    addTo: (sums, weight) => {
      for (let i = 0; i < products.length; i++) sums[products[i]] += weight * calibrate(values[i])
    },
  }
}
