/**
 * Buying again what was bought before:
 *
 *   v = n · 2^(−d / (h + p))
 *
 * n the orders that hold the product, d the days since the latest, h a half-life, and p the days from one of its orders
 * to the next in the mean, 0 after a single one: what is bought every two months is not forgotten in one. A purchase of
 * unknown time, or after the moment asked about, counts in full. So frequency, recency and the period between purchases
 * rank as the simple baselines do that are hard to beat (Li et al. 2023, doi:10.1145/3587153).
 */
import type { HistoryEntry } from '../history-entry.ts'
import type { ModelIndexes } from '../model-indexes.ts'
import { ndcgOfList } from '../ndcg.ts'
import type { HeldOut } from '../validation-split.ts'
import type { Source, SparseValues } from './source.ts'
import { valuesIn } from '../product-sums.ts'
import { sparseValues } from './source.ts'
import { DAY } from '../../data/ranges.ts'

/** h in days where training found no better one (`fitHalfLife`). */
export const USUAL_HALF_LIFE = 180

/** What is tried for h. Less than two weeks would be 0 for what was bought 40 years ago. */
const HALF_LIVES = [14, 30, 60, 90, 365]

/** With fewer customers whose order says something of h, it stays as it is. */
const LEAST_CUSTOMERS = 50

/** c: 1 for a product bought once, just now. */
const calibrate = (v: number) => (v > 0 ? Math.log2(1 + v) : 0)

function valueOf(
  { orders = 1, purchasedAt, firstPurchasedAt = purchasedAt }: HistoryEntry,
  at: number,
  halfLife: number,
): number {
  if (purchasedAt === null || Number.isNaN(at)) return orders
  const days = Math.max(0, (at - purchasedAt) / DAY)
  const period = orders > 1 ? (purchasedAt - (firstPurchasedAt ?? purchasedAt)) / DAY / (orders - 1) : 0
  return orders * 2 ** (-days / (halfLife + period))
}

/**
 * @param at  the moment asked about, in ms since 1970 UTC; NaN unknown
 * @param halfLife  h in days, > 0
 */
export function repeatValues(
  history: readonly HistoryEntry[],
  at: number,
  halfLife: number = USUAL_HALF_LIFE,
): SparseValues {
  const values = history.map((entry) => [entry.product, valueOf(entry, at, halfLife)] as const)
  return sparseValues(valuesIn(new Map(values)), () => false, calibrate)
}

/**
 * The half-life whose order of customers' own products has the highest nDCG@10 on what they bought next; the usual one
 * where none is better by more than one standard error of the paired differences.
 * @param histories  what each customer bought before the order of the same place
 */
export function fitHalfLife(
  histories: readonly (readonly HistoryEntry[])[],
  lastOrders: readonly HeldOut[],
): number {
  const cases = lastOrders.flatMap(({ at, products }, i) => {
    const own = new Set(histories[i].map(({ product }) => product))
    const wanted = new Set(products.filter((product) => own.has(product)))
    return wanted.size > 0 && own.size > wanted.size && !Number.isNaN(at)
      ? [{ history: histories[i], at, wanted }]
      : []
  })
  if (cases.length < LEAST_CUSTOMERS) return USUAL_HALF_LIFE
  const qualityOf = (halfLife: number) =>
    cases.map(({ history, at, wanted }) => ndcgOfList(repeatValues(history, at, halfLife).best(10), wanted))
  const usual = qualityOf(USUAL_HALF_LIFE)
  let best = { halfLife: USUAL_HALF_LIFE, gain: 0 }
  for (const halfLife of HALF_LIVES) {
    const gains = qualityOf(halfLife).map((quality, i) => quality - usual[i])
    const gain = gains.reduce((sum, one) => sum + one, 0) / gains.length
    const variance = gains.reduce((sum, one) => sum + (one - gain) ** 2, 0) / (gains.length - 1)
    if (gain > best.gain && gain > Math.sqrt(variance / gains.length)) best = { halfLife, gain }
  }
  return best.halfLife
}

export function repeatSource({ model }: Pick<ModelIndexes, 'model'>): Source {
  const { repeatHalfLife } = model.summary
  return {
    name: 'repeat',
    roundings: 1,
    needsBuyers: false,
    scores: ({ ascending, at }) => ({
      ...repeatValues(ascending, at, repeatHalfLife),
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
