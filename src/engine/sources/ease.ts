/**
 * The linear item-item model EASE (Steck 2019, arXiv:1905.03375): v(u, j) = Σ_{i ∈ H} B_ij, the weights B learned from
 * all purchases together (model/item-weights.ts). It counts as it is, c(v) = v, so that a contribution w·v is divided
 * exactly: each purchase has its own term w·B_ij, of either sign.
 *
 * A weight is left out if fewer customers bought both products than a query asks for (buyers.ts).
 */
import { apportion } from '../apportion.ts'
import { ANYBODY } from '../buyers.ts'
import type { ModelIndexes } from '../model-indexes.ts'
import { placeOf, ProductSums } from '../product-sums.ts'
import type { Source } from './source.ts'
import { sparseValues } from './source.ts'

export function easeSource({ model: { itemWeights, products } }: ModelIndexes): Source {
  const sums = new ProductSums(products.size)
  const { customers } = itemWeights
  const { indptr, indices, values } = itemWeights.weights
  /** A weight may rest on no customer who bought both: two products that never go together. */
  const isCounted = (entry: number, least: number) => least <= ANYBODY || customers[entry] >= least
  return {
    name: 'ease',
    roundings: 1,
    needsBuyers: false,
    scores({ ascending, leastCustomers }) {
      for (const { product } of ascending)
        for (let entry = indptr[product]; entry < indptr[product + 1]; entry++)
          if (isCounted(entry, leastCustomers)) sums.add(indices[entry], values[entry])
      const found = sums.take()
      let least = 0
      for (let i = 0; i < found.values.length; i++) least = Math.min(least, found.values[i])
      return {
        ...sparseValues(
          found,
          () => false,
          (v) => v,
        ),
        least,
        causes(product, { weight, contribution }) {
          const terms = ascending.flatMap((purchase) => {
            const entry = placeOf(indices, product, indptr[purchase.product], indptr[purchase.product + 1])
            return entry < 0 || !isCounted(entry, leastCustomers)
              ? []
              : [{ purchase, amount: weight * values[entry] }]
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
