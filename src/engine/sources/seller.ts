/** What sells with the sellers who were bought from (group-sales.ts). */
import type { ModelIndexes } from '../model-indexes.ts'
import { groupSales } from './group-sales.ts'
import type { Source } from './source.ts'

export function sellerSource({ model, latest }: ModelIndexes): Source {
  const salesOf = groupSales(model.seller, model.popularity, latest)
  return {
    name: 'seller',
    roundings: 1,
    needsBuyers: false,
    scores({ ascending, history }) {
      const scores = salesOf(ascending)
      return {
        ...scores,
        causes(product, { contribution }) {
          const { label, purchases } = salesOf(history).groupOf(product)
          return [
            {
              kind: 'POPULAR_WITH_SELLER',
              amount: contribution,
              seller: label,
              sales: scores.sales(product),
              purchases,
            },
          ]
        },
      }
    },
  }
}
