/**
 * The linear item-item model EASE (Steck 2019, arXiv:1905.03375): v(u, j) = Σ_{i ∈ H} B_ij, the weights B learned from
 * all purchases together (model/item-weights.ts). It counts as it is, c(v) = v, so that a contribution w·v is divided
 * exactly: each purchase has its own term w·B_ij, of either sign.
 *
 * Where fewer customers bought both products than a query asks for, a weight says nothing (buyers.ts).
 */
import { sharedBy } from '../../model/item-weights.ts'
import type { ItemWeights } from '../../model/item-weights.ts'
import { apportion } from '../apportion.ts'
import { ANYBODY } from '../buyers.ts'
import type { ModelIndexes } from '../model-indexes.ts'
import type { RowSums } from '../row-sums.ts'
import { placeOf, rowSums } from '../row-sums.ts'
import { bestOf } from '../top-products.ts'
import type { Source } from './source.ts'

/** The weights under one floor. */
interface Floor {
  readonly weights: ItemWeights['weights']
  readonly sum: (rows: readonly number[]) => RowSums
}

export function easeSource({ model: { itemWeights } }: ModelIndexes): Source {
  const floors = new Map<number, Floor>()
  function under(least: number): Floor {
    const former = floors.get(least)
    if (former) return former
    const { weights } = least > ANYBODY ? sharedBy(itemWeights, least) : itemWeights
    const made = { weights, sum: rowSums(weights) }
    floors.set(least, made)
    return made
  }
  return {
    name: 'ease',
    roundings: 1,
    needsBuyers: false,
    scores({ ascending, leastCustomers }) {
      const { weights, sum } = under(leastCustomers)
      const { columns, sums, of } = sum(ascending.map(({ product }) => product))
      let least = 0
      for (const v of sums) least = Math.min(least, v)
      return {
        least,
        value: (product) => (placeOf(columns, product) < 0 ? null : of(product)),
        calibrated: of,
        best: (limit) =>
          bestOf(
            Array.from(columns, (product, i) => [product, sums[i]] as const).filter(([, v]) => v > 0),
            limit,
          ),
        addTo(added, weight) {
          for (let i = 0; i < columns.length; i++) added[columns[i]] += weight * sums[i]
        },
        causes(product, { weight, contribution }) {
          const terms = ascending.flatMap((purchase) => {
            const [from, to] = [weights.indptr[purchase.product], weights.indptr[purchase.product + 1]]
            const entry = placeOf(weights.indices, product, from, to)
            return entry < 0 ? [] : [{ purchase, amount: weight * weights.values[entry] }]
          })
          const amounts = apportion(
            contribution,
            terms.map(({ amount }) => amount),
          )
          return terms.map(({ purchase }, i) => ({ kind: 'TASTE', amount: amounts[i], purchase }))
        },
      }
    },
  }
}
