/**
 * Buying again what was bought before: v = r · 2^(−d/180), r how often the product was bought and d the days since the
 * latest time. A purchase of unknown time, or after the moment asked about, counts in full.
 */
import type { HistoryEntry } from '../history-entry.ts'
import type { Source, SparseValues } from './source.ts'
import { sparseValues, valuesIn } from './source.ts'
import { DAY } from '../../data/ranges.ts'

/** After so many days a purchase counts half as a sign that the product will be bought again. */
const HALF_LIFE_DAYS = 180

/** c: 1 for a product bought once, just now. */
const calibrate = (v: number) => (v > 0 ? Math.log2(1 + v) : 0)

/** @param at  the moment asked about, in ms since 1970 UTC; NaN unknown */
export function repeatValues(history: readonly HistoryEntry[], at: number): SparseValues {
  const values = history.map(({ product, quantity, purchasedAt }) => {
    const days = purchasedAt === null || Number.isNaN(at) ? 0 : Math.max(0, (at - purchasedAt) / DAY)
    return [product, quantity * 2 ** (-days / HALF_LIFE_DAYS)] as const
  })
  return sparseValues(valuesIn(new Map(values)), () => false, calibrate)
}

export function repeatSource(): Source {
  return {
    name: 'repeat',
    roundings: 1,
    needsBuyers: false,
    scores: ({ ascending, at }) => ({
      ...repeatValues(ascending, at),
      causes: (product, { contribution }) => [
        {
          kind: 'BOUGHT_BEFORE',
          amount: contribution,
          purchase: ascending.find((purchase) => purchase.product === product)!,
        },
      ],
    }),
  }
}
