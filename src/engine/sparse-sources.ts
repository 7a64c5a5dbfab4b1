/**
 * What the sources other than the collaborative one and content add to the scores of a customer: each a calibrated
 * value (learned-sources.ts), 0 or more, and 0 for most of the catalogue but for popularity.
 */
import type { LearnedSource, SourceWeights } from '../model/blend-weights.ts'
import { LEARNED_SOURCES } from '../model/blend-weights.ts'
import type { HeardCoPurchase } from './co-purchase.ts'
import type { Heard } from './heard.ts'
import type { HeardNearest } from './nearest.ts'
import type { SalesAt } from './recent-sales.ts'
import type { HeardShelf } from './shelf.ts'

export type SparseSource = Exclude<LearnedSource, 'collaborative' | 'content'>

/** What they say to one customer. */
export interface HeardSparse {
  readonly nearest: HeardNearest
  readonly coPurchase: HeardCoPurchase
  readonly category: HeardShelf
  readonly seller: HeardShelf
  readonly popularity: SalesAt
  readonly repeat: Heard
}

export interface SparseSources {
  /** c(v) of a source's v for a product; 0 where it is silent, or says 0. */
  calibrated(heard: HeardSparse, source: SparseSource, product: number): number
  /**
   * P: writes per product what the sources add to its score, in single precision. Each source that adds to a product's
   * rounds once.
   */
  writeAdditions(heard: HeardSparse, weights: SourceWeights, sums: Float32Array): void
}

/** So often a sum of `writeAdditions` is rounded to single precision, at most: once a source. */
export const ADDED_SOURCES = LEARNED_SOURCES.length - 2

/** @param rows  the products of the catalogue */
export function sparseSources(rows: number): SparseSources {
  /** Popularity's part of the sums is everybody's; that of the moment asked about last is kept, for each weight. */
  let kept: { readonly sales: SalesAt; readonly byWeight: Map<number, Float32Array> } | undefined

  /** c(v), 0 up to 0, of the sources whose scale is the same at any moment. */
  const shelved = (v: number) => (v > 0 ? Math.log1p(rows * v) : 0)
  const calibrations = {
    nearest: (v: number) => (v > 0 ? Math.log(1.01 / (1.01 - Math.min(v, 1))) : 0),
    coPurchase: (v: number) => (v > 0 ? Math.log1p(100 * v) : 0),
    category: shelved,
    seller: shelved,
    repeat: (v: number) => (v > 0 ? Math.log2(1 + v) : 0),
  }

  function popular({ units, total }: SalesAt, product: number): number {
    return units[product] > 0 ? Math.log1p((rows * units[product]) / total) : 0
  }

  function popularityOf({ popularity: sales }: HeardSparse, weight: number): Float32Array {
    if (kept?.sales !== sales) kept = { sales, byWeight: new Map() }
    const former = kept.byWeight.get(weight)
    if (former) return former
    const sums = new Float32Array(rows)
    for (let product = 0; product < rows; product++) sums[product] = weight * popular(sales, product)
    kept.byWeight.set(weight, sums)
    return sums
  }

  return {
    calibrated: (heard, source, product) =>
      source === 'popularity'
        ? popular(heard.popularity, product)
        : calibrations[source](heard[source].value(product) ?? 0),
    writeAdditions(heard, weights, sums) {
      sums.set(popularityOf(heard, weights.popularity))
      for (const source of ['nearest', 'coPurchase', 'category', 'seller', 'repeat'] as const)
        if (weights[source] > 0) heard[source].addTo(sums, weights[source], calibrations[source])
    },
  }
}
