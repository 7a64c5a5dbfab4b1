/**
 * What sells in the groups that a customer has bought from. A group is a category, or what one seller sells; with H the
 * products of the history, g(i) the group of product i and s the orders that hold it,
 *
 *   v(u, j) = 1/|H| · |{i ∈ H: g(i) = g(j)}| · s_j / Σ_{k: g(k) = g(j)} s_k
 *
 * the chance that somebody who draws one of their past products, and then a sale of its group, draws product j.
 */
import type { CategoricalColumn } from '../../data/dataset.ts'
import { salesEver } from '../popularity.ts'
import type { Cause, Sales } from '../reason.ts'
import type { HistoryEntry } from '../history-entry.ts'
import { bestAmong } from '../top-products.ts'
import type { CustomerScores, Source } from './source.ts'

export interface GroupSales
  extends Required<Pick<CustomerScores, 'value' | 'calibrated' | 'addTo' | 'best'>> {
  /** The product's sales that v is computed from. */
  sales(product: number): Sales
  /** The label of a product's group, and the purchases of the same. */
  groupOf(product: number): { readonly label: string; readonly purchases: readonly HistoryEntry[] }
}

/** What a contribution of a group's sales comes from. */
export interface GroupCause {
  readonly amount: number
  readonly label: string
  readonly sales: Sales
  readonly purchases: readonly HistoryEntry[]
}

/**
 * The source of one column of groups.
 * @param causeOf  names the cause by what the groups are
 */
export function groupSource(
  name: Source['name'],
  salesOf: (history: readonly HistoryEntry[]) => GroupSales,
  causeOf: (cause: GroupCause) => Cause,
): Source {
  return {
    name,
    roundings: 1,
    needsBuyers: false,
    scores({ ascending, history }) {
      const scores = salesOf(ascending)
      return {
        ...scores,
        causes: (product, { contribution }) => [
          causeOf({
            amount: contribution,
            sales: scores.sales(product),
            ...salesOf(history).groupOf(product),
          }),
        ],
      }
    },
  }
}

/**
 * @param sold  per product, the orders that hold it
 * @param units  per product, the units sold, which reasons state
 * @param latest  the moment of the latest sale, in ms since 1970 UTC; NaN unknown
 */
export function groupSales(
  { labels, codes }: CategoricalColumn,
  sold: Uint32Array,
  units: Float32Array,
  latest: number,
): (history: readonly HistoryEntry[]) => GroupSales {
  const products = codes.length
  const groups = labels.map(() => [] as number[])
  const totals = new Float64Array(labels.length)
  codes.forEach((group, product) => {
    if (group < 0 || sold[product] === 0) return
    groups[group].push(product)
    totals[group] += sold[product]
  })
  for (const group of groups) group.sort((a, b) => sold[b] - sold[a] || a - b)

  /** c: N·v is 1 for a product drawn blindly of N. */
  const calibrate = (v: number) => (v > 0 ? Math.log1p(products * v) : 0)

  return (history) => {
    const parts = new Map<number, number>()
    for (const { product } of history) {
      const group = codes[product]
      if (group >= 0) parts.set(group, (parts.get(group) ?? 0) + 1 / history.length)
    }
    const value = (product: number) => {
      const group = codes[product]
      if (group < 0 || parts.size === 0) return null
      return totals[group] > 0 ? ((parts.get(group) ?? 0) * sold[product]) / totals[group] : 0
    }
    return {
      value,
      calibrated: (product) => calibrate(value(product) ?? 0),
      sales: (product) => salesEver(units[product], latest),
      groupOf: (product) => ({
        label: labels[codes[product]],
        purchases: history.filter((purchase) => codes[purchase.product] === codes[product]),
      }),
      best(limit) {
        const leading = [...parts.keys()].flatMap((group) => groups[group].slice(0, limit))
        return bestAmong(
          leading,
          leading.map((product) => value(product) ?? 0),
          limit,
        )
      },
      addTo(sums, weight) {
        for (const [group, part] of parts) {
          let former = 0
          let added = 0
          // Most products of a group sold as rarely as the one before them: one logarithm for all of these.
          for (const product of groups[group]) {
            if (sold[product] !== former) {
              former = sold[product]
              added = weight * calibrate((part * former) / totals[group])
            }
            sums[product] += added
          }
        }
      },
    }
  }
}
