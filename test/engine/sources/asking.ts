import { ANYBODY } from '../../../src/engine/buyers.ts'
import { indexModel } from '../../../src/engine/model-indexes.ts'
import type { HistoryEntry } from '../../../src/engine/history-entry.ts'
import type { Customer, CustomerScores } from '../../../src/engine/sources/source.ts'
import { NO_TASTE } from '../../../src/engine/taste.ts'
import { referenceKernels } from '../../../src/kernels/reference.ts'
import type { Model } from '../../../src/model/model.ts'
import { DAY } from '../small-model.ts'

export const indexesOf = (model: Model) => indexModel(model, referenceKernels())

export const bought = (product: number, quantity = 1, day: number | null = null): HistoryEntry => ({
  product,
  quantity,
  purchasedAt: day === null ? null : day * DAY,
})

/** A customer with this history, and no taste. @param history  the latest first */
export const customerOf = (history: readonly HistoryEntry[], at = NaN): Customer => ({
  history,
  ascending: history.toSorted((a, b) => a.product - b.product),
  at,
  taste: NO_TASTE,
  parts: () => ({ collaborative: [], content: [], labels: [] }),
  leastCustomers: ANYBODY,
})

/** What a source adds to the sums of `size` products, by three times its calibrated values. */
export function added(scores: Pick<CustomerScores, 'addTo'>, size: number): number[] {
  const sums = new Float32Array(size)
  scores.addTo!(sums, 3)
  return [...sums]
}

/** Three times the calibrated value of each product, rounded once. */
export const threefold = (calibrated: readonly number[]) => calibrated.map((value) => Math.fround(3 * value))
