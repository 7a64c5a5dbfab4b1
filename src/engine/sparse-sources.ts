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
  /** c(v) of a source, 0 up to 0. */
  calibration(source: SparseSource, heard: HeardSparse): (v: number) => number
  /**
   * P: per product, what the sources add to its score, in single precision. Each source that adds to a product's rounds
   * once.
   */
  additions(heard: HeardSparse, weights: SourceWeights): Float32Array
}

/** So often a sum of `additions` is rounded to single precision, at most: once a source. */
export const ADDED_SOURCES = LEARNED_SOURCES.length - 2

/** @param rows  the products of the catalogue */
export function sparseSources(rows: number): SparseSources {
  /** Popularity's part of the sums is everybody's; that of the moment asked about last is kept, for each weight. */
  let kept: { readonly sales: SalesAt; readonly byWeight: Map<number, Float32Array> } | undefined

  function calibration(source: SparseSource, { popularity: { total } }: HeardSparse): (v: number) => number {
    if (source === 'nearest') return (v) => (v > 0 ? Math.log(1.01 / (1.01 - Math.min(v, 1))) : 0)
    if (source === 'coPurchase') return (v) => (v > 0 ? Math.log1p(100 * v) : 0)
    if (source === 'repeat') return (v) => (v > 0 ? Math.log2(1 + v) : 0)
    const of = source === 'popularity' ? total : 1
    return (v) => (v > 0 ? Math.log1p((rows * v) / of) : 0)
  }

  function popularityOf(heard: HeardSparse, weight: number): Float32Array {
    const { popularity: sales } = heard
    if (kept?.sales !== sales) kept = { sales, byWeight: new Map() }
    const former = kept.byWeight.get(weight)
    if (former) return former
    const calibrate = calibration('popularity', heard)
    const sums = new Float32Array(rows)
    for (let product = 0; product < rows; product++) sums[product] = weight * calibrate(sales.units[product])
    kept.byWeight.set(weight, sums)
    return sums
  }

  return {
    calibration,
    additions(heard, weights) {
      const sums = popularityOf(heard, weights.popularity).slice()
      for (const source of ['nearest', 'coPurchase', 'category', 'seller', 'repeat'] as const)
        if (weights[source] > 0) heard[source].addTo(sums, weights[source], calibration(source, heard))
      return sums
    },
  }
}
