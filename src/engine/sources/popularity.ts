/** What sold lately, up to the moment asked about (recent-sales.ts); v the orders that hold a product, each half for every 30 days. */
import type { ModelIndexes } from '../model-indexes.ts'
import type { SalesAt } from '../recent-sales.ts'
import type { Source } from './source.ts'

export function popularitySource({ model, salesAt }: ModelIndexes): Source {
  const rows = model.products.size
  /** What it adds is everybody's: that of the moment asked about last is kept, for each weight. */
  let kept: { readonly sales: SalesAt; readonly byWeight: Map<number, Float32Array> } | undefined

  /** c = ln(1 + N · the product's part of all orders). */
  function calibrated({ orders, total }: SalesAt, product: number): number {
    return orders[product] > 0 ? Math.log1p((rows * orders[product]) / total) : 0
  }

  function sameForAll(sales: SalesAt, weight: number): Float32Array {
    if (kept?.sales !== sales) kept = { sales, byWeight: new Map() }
    const former = kept.byWeight.get(weight)
    if (former) return former
    const sums = new Float32Array(rows)
    for (let product = 0; product < rows; product++) sums[product] = weight * calibrated(sales, product)
    kept.byWeight.set(weight, sums)
    return sums
  }

  return {
    name: 'popularity',
    roundings: 1,
    needsBuyers: false,
    scores({ at }) {
      const sales = salesAt(at)
      return {
        value: sales.value,
        calibrated: (product) => calibrated(sales, product),
        best: sales.best,
        sameForAll: (weight) => sameForAll(sales, weight),
        causes: (product, { contribution }) => [
          { kind: 'POPULAR', amount: contribution, sales: sales.sales(product) },
        ],
      }
    },
  }
}
